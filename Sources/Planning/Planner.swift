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
    if let wanted = request.chains { return try network.plan(try network.chains(wanted)) }
    let search = try ChainSearch(network)
    let plan = try search.best()
    guard let order = ExecutionOrder(network.memory).best() else { return plan }
    // Working memory of the kernels and layers that run together decide whether it is better.
    let other = try ChainSearch(PlanningNetwork(network, order: order)).best()
    return search.rank(other).lexicographicallyPrecedes(search.rank(plan)) ? other : plan
  }
}
