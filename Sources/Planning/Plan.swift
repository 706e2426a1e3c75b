package import IR
package import Operators

/// Where the elements of a tensor lie while the network runs.
package enum Location: Equatable, Sendable {
  /// In the caller's buffer of the input or output at this position, so many bytes behind its beginning.
  case input(Int, offset: Int = 0)
  case output(Int, offset: Int = 0)
  /// In the state of the network at this position, which lasts from one inference to the next.
  case state(Int, offset: Int = 0)
  /// In the arena, at this offset in bytes.
  case arena(Int)
  /// In a constant table.
  case constant

  /// The place so many bytes behind it.
  func moved(_ bytes: Int) -> Location {
    switch self {
    case .input(let position, let offset): .input(position, offset: offset + bytes)
    case .output(let position, let offset): .output(position, offset: offset + bytes)
    case .state(let position, let offset): .state(position, offset: offset + bytes)
    case .arena(let offset): .arena(offset + bytes)
    case .constant: .constant
    }
  }
}

/// One layer that runs: a node with the kernel that was chosen for it.
package struct Step: Sendable {
  package let node: Node
  package let layer: Layer
  package let kernel: any Kernel
  package let cost: Cost
  /// The kernels that could compute the layer as well, with their costs, fewest cycles first.
  package let rejected: [(kernel: any Kernel, cost: Cost)]
  /// What was considered, and why this kernel won.
  package let choice: KernelChoice
  /// Offset of the working memory in the arena, when the kernel needs some.
  package var scratchOffset: Int?
}

/// Everything that code generation needs and must not decide: order, kernels and memory.
package struct Plan: Sendable {
  package let graph: Graph
  package let steps: [Step]
  /// Steps that run together, some rows at a time.
  package let chains: [Chain]
  package let locations: [TensorID: Location]
  package let arena: ArenaLayout
  /// What the buffers of the arena are for.
  package let contents: [PlannedBuffer.Content]
  /// What the kernels were chosen for, and what they take together by the model.
  package let selection: SelectionSummary

  /// The buffers of the arena.
  package var buffers: [PlannedBuffer] {
    zip(contents, zip(arena.buffers, arena.offsets)).map {
      PlannedBuffer(content: $0, size: $1.0.size, offset: $1.1, steps: $1.0.first...$1.0.last)
    }
  }

  /// The steps in the order in which their functions are called, those of chains once for each round that has rows for them.
  package var calls: [Int] {
    var calls: [Int] = []
    for step in steps.indices {
      guard let chain = chain(of: step) else {
        calls.append(step)
        continue
      }
      guard chain.steps.lowerBound == step else { continue }
      for round in 0..<chain.rounds {
        calls += chain.members.filter { $0.done(round) > $0.done(round - 1) }.map(\.step)
      }
    }
    return calls
  }

  /// The input that comes by rows.
  package var stream: Chain.Stream? { chains.first?.stream }

  /// Bytes of the inputs and outputs that lie in buffers of the caller.
  package var callerBytes: Int {
    (graph.inputs + graph.outputs).reduce(stream?.rowBytes ?? 0) { sum, id in
      if case .arena = locations[id] { sum } else { sum + graph[id].type.byteCount }
    }
  }

  /// Bytes that last from one inference to the next.
  package var stateBytes: Int { graph.states.reduce(0) { $0 + graph[$1.current].type.byteCount } }

  /// The chain that a step is a part of.
  package func chain(of step: Int) -> Chain? { chains.first { $0.steps.contains(step) } }

  /// The kernels by the first output of each layer, to take the same ones for a changed graph.
  package var kernels: [TensorID: String] {
    Dictionary(steps.map { ($0.node.outputs[0], $0.kernel.name) }) { first, _ in first }
  }
}

/// A buffer of the arena.
package struct PlannedBuffer: Sendable {
  package enum Content: Equatable, Sendable {
    /// A tensor; partial when only some of its rows are in memory at a time.
    case tensor(TensorID, isPartial: Bool)
    /// Working memory of a kernel.
    case scratch(step: Int)
  }

  package let content: Content
  package let size: Int
  package let offset: Int
  /// The steps during which it is needed.
  package let steps: ClosedRange<Int>
}

/// The choice of the kernels of a whole network.
package struct SelectionSummary: Sendable {
  package let objective: Objective
  package let budgets: Budgets
  /// Modelled cycles, modelled bytes of code and constants, and the bytes of the arena that no layout can do without.
  package let totals: SelectionProblem.Totals
  /// No other choice is better by the model.
  package let isProved: Bool
  /// The value of the choice and a lower bound for all choices, when it is not proved; see ``NetworkSelector/Choice``.
  package let value: Int
  package let lowerBound: Int
  /// Budgets that no choice meets by the model.
  package let unmet: [NetworkSelector.Budget]
}

/// What is to be optimized when kernels are chosen.
package enum Objective: String, CaseIterable, Sendable {
  case speed, size, ram, balanced
}
