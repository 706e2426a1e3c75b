package import IR
package import Machine
import Operators
package import Support

/// Decides the kernels and the memory of a graph in integer normal form.
package struct Planner: Sendable {
  private let machine: Machine
  private let objective: Objective

  package init(machine: Machine, objective: Objective) {
    self.machine = machine
    self.objective = objective
  }

  package func plan(_ graph: Graph, _ request: SelectionRequest = SelectionRequest()) throws(Diagnostic) -> Plan {
    let network = try PlanningNetwork(graph, machine: machine, objective: objective, request)
    guard let wanted = request.chains else { return try network.plan(try ChainSearch(network).best()) }
    return try network.plan(try network.chains(wanted))
  }
}
