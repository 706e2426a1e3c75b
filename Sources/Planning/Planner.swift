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
    if request.isStreamed { try checkStream(graph) }
    let network = try PlanningNetwork(graph, machine: machine, objective: objective, request)
    if let wanted = request.chains { return try network.plan(try network.chains(wanted)) }
    let search = try ChainSearch(network)
    let plan = try search.best()
    guard let order = ExecutionOrder(network.memory).best() else { return plan }
    // Working memory of the kernels and layers that run together decide whether it is better.
    let other = try ChainSearch(PlanningNetwork(network, order: order)).best()
    return search.rank(other).lexicographicallyPrecedes(search.rank(plan)) ? other : plan
  }

  private func checkStream(_ graph: Graph) throws(Diagnostic) {
    let types = graph.inputs.map { graph[$0].type }
    guard types.count == 1, types[0].element == .int8, types[0].bytesOfImage != nil else {
      throw Diagnostic(
        "planning.stream", .negative, at: .file(graph.file),
        "the input can't come by rows: it must be one int8 image [1, height, width, channels], but there "
          + (types.count == 1 ? "is \(types[0])" : "are \(types.count) inputs"))
    }
  }
}
