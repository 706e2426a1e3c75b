import IR
package import Machine
package import Operators
import Support

/// Chooses a kernel for each layer by its cost on the target.
package struct KernelSelection: Sendable {
  let machine: Machine
  let objective: Objective

  package init(machine: Machine, objective: Objective) {
    self.machine = machine
    self.objective = objective
  }

  /// The kernels of `layer` with their costs, best first; of equal ones the first that the operator lists.
  package func ranked(_ layer: Layer) -> [(kernel: any Kernel, cost: Cost)] {
    guard let op = layer.op as? any EmittableOperator else { return [] }
    let candidates = type(of: op).kernels.compactMap { kernel in
      kernel.cost(layer, on: machine).map { (kernel: kernel, cost: $0) }
    }
    return candidates.enumerated().sorted {
      let (a, b) = (key($0.element.cost), key($1.element.cost))
      return a == b ? $0.offset < $1.offset : a.lexicographicallyPrecedes(b)
    }.map(\.element)
  }

  private func key(_ cost: Cost) -> [Int] {
    switch objective {
    case .speed, .balanced: [cost.cycles, cost.scratch, cost.flash]
    case .size: [cost.flash, cost.cycles, cost.scratch]
    case .ram: [cost.scratch, cost.cycles, cost.flash]
    }
  }
}
