package import IR
package import Operators

/// Where the elements of a tensor lie while the network runs.
package enum Location: Equatable, Sendable {
  /// In the caller's buffer of the input or output at this position.
  case input(Int)
  case output(Int)
  /// In the arena, at this offset in bytes.
  case arena(Int)
  /// In a constant table.
  case constant
}

/// One layer that runs: a node with the kernel that was chosen for it.
package struct Step: Sendable {
  package let node: Node
  package let layer: Layer
  package let kernel: any Kernel
  package let cost: Cost
  /// The kernels that could compute the layer as well, with their costs.
  package let rejected: [(kernel: any Kernel, cost: Cost)]
  /// Offset of the working memory in the arena, when the kernel needs some.
  package var scratchOffset: Int?
}

/// Everything that code generation needs and must not decide: order, kernels and memory.
package struct Plan: Sendable {
  package let graph: Graph
  package let steps: [Step]
  package let locations: [TensorID: Location]
  package let arena: ArenaLayout
}

/// What is to be optimized when kernels are chosen.
package enum Objective: String, CaseIterable, Sendable {
  case speed, size, ram, balanced
}
