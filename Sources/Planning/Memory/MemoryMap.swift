import IR
import Operators

/// The arena as a picture: what lies at which addresses while which layers run. Text, JSON and drawings are made from it.
///
/// Layers are the steps of the plan, in their order.
package struct MemoryMap: Sendable {
  /// A rectangle of the picture: layers × addresses.
  package struct Buffer: Sendable {
    package enum Kind: Equatable, Sendable {
      /// An input that lies in the arena, by its position.
      case input(Int)
      /// An output of the layer.
      case output(layer: Int)
      /// What the kernel of the layer needs beside its inputs and outputs.
      case workingMemory(layer: Int)
    }

    package let kind: Kind
    /// Short, and different for each buffer: `4` for the output of layer 4, `w4` for its working memory, `in` for the input.
    package let label: String
    /// The name of the tensor, or of the kernel whose working memory it is.
    package let name: String
    package let addresses: Range<Int>
    /// The layers that need it.
    package let layers: ClosedRange<Int>
    /// Rows that are in memory at a time, of the rows that the tensor has; nil when it is there as a whole.
    package let rows: (kept: Int, height: Int)?
    /// The buffers, as indices, that this one is written over while they are still read, and how many bytes of them.
    package fileprivate(set) var over: [(buffer: Int, bytes: Int)] = []

    package var isInput: Bool {
      if case .input = kind { true } else { false }
    }

    package var isWorkingMemory: Bool {
      if case .workingMemory = kind { true } else { false }
    }
  }

  package struct Layer: Sendable {
    package let operatorName: String
    /// The name of its first output.
    package let name: String
    package let kernel: String
    /// The buffers that are needed while it runs, as indices.
    package let buffers: [Int]
    /// Bytes that they take together: those at which two of them lie count once.
    package let bytes: Int
  }

  /// Layers that run together.
  package struct Group: Sendable {
    package let layers: ClosedRange<Int>
    /// Rows of the last layer's output that are computed at a time.
    package let rows: Int
    package let rounds: Int
  }

  /// An input or output that lies in a buffer of the caller.
  package struct Caller: Sendable {
    package let isInput: Bool
    package let name: String
    package let bytes: Int
  }

  package let buffers: [Buffer]
  package let layers: [Layer]
  package let groups: [Group]
  package let callers: [Caller]
  /// Bytes of the arena.
  package let size: Int
  /// With these kernels in this order, no arena can be smaller.
  package let lowerBound: Int

  package init(_ plan: Plan) {
    var buffers = plan.buffers.map { Buffer($0, plan) }
    for share in plan.arena.shares {
      let common = buffers[share.output].addresses.clamped(to: buffers[share.input].addresses).count
      if common > 0 { buffers[share.output].over.append((share.input, common)) }
    }
    layers = plan.steps.enumerated().map { index, step in
      let live = buffers.indices.filter { buffers[$0].layers.contains(index) }
      return Layer(
        operatorName: step.node.origin.operatorName, name: plan.graph[step.node.outputs[0]].shortName,
        kernel: step.kernel.name, buffers: live, bytes: Self.union(live.map { buffers[$0].addresses }))
    }
    groups = plan.chains.map { Group(layers: $0.steps, rows: $0.rows, rounds: $0.rounds) }
    func callers(_ ids: [TensorID], isInput: Bool) -> [Caller] {
      ids.compactMap { id in
        if case .arena = plan.locations[id] { return nil }
        return Caller(isInput: isInput, name: plan.graph[id].shortName, bytes: plan.graph[id].type.byteCount)
      }
    }
    self.callers = callers(plan.graph.inputs, isInput: true) + callers(plan.graph.outputs, isInput: false)
    self.buffers = buffers
    (size, lowerBound) = (plan.arena.size, plan.arena.lowerBound)
  }

  /// The most bytes that a layer has in use.
  package var peak: Int { layers.map(\.bytes).max() ?? 0 }

  /// The layers that have them in use.
  package var peakLayers: [Int] { layers.indices.filter { layers[$0].bytes == peak } }

  /// Bytes of ranges of addresses, those in several of them once.
  private static func union(_ ranges: [Range<Int>]) -> Int {
    var (sum, end) = (0, 0)
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      sum += max(0, range.upperBound - max(end, range.lowerBound))
      end = max(end, range.upperBound)
    }
    return sum
  }
}

extension MemoryMap.Buffer {
  fileprivate init(_ buffer: PlannedBuffer, _ plan: Plan) {
    addresses = buffer.offset..<buffer.offset + buffer.size
    layers = buffer.steps
    switch buffer.content {
    case .scratch(let step):
      (kind, label, name, rows) = (.workingMemory(layer: step), "w\(step)", plan.steps[step].kernel.name, nil)
    case .tensor(let id, let isPartial):
      name = plan.graph[id].shortName
      guard let step = plan.steps.firstIndex(where: { $0.node.outputs.contains(id) }) else {
        guard let position = plan.graph.inputs.firstIndex(of: id) else {
          // What several layers write parts of: the first of them names it.
          let first = buffer.steps.lowerBound
          (kind, label, rows) = (.output(layer: first), "\(first)", nil)
          return
        }
        (kind, label, rows) = (.input(position), plan.graph.inputs.count == 1 ? "in" : "in\(position)", nil)
        return
      }
      let outputs = plan.steps[step].node.outputs
      let position = outputs.count == 1 ? "" : ".\(outputs.firstIndex(of: id) ?? 0)"
      (kind, label) = (.output(layer: step), "\(step)\(position)")
      let member = isPartial ? plan.chain(of: step).map { $0.members[step - $0.steps.lowerBound] } : nil
      rows = member.map { ($0.rows, $0.height) }
    }
  }
}
