import IR
import Operators

/// What the arena must hold when some layers run in chains: sizes and times, but for the working memory of the kernels.
struct MemoryDemand {
  let memory: TensorMemory
  let layers: [Layer]
  let chains: [Chain]
  /// By the index of the owner in ``TensorMemory/owners``; a tensor of which a chain keeps only some rows has their size.
  let buffers: [ArenaLayout.Buffer]
  /// Bytes of the buffers that are needed during each step.
  let live: [Int]
  /// The chain that a step is a part of, as an index.
  let chainOfStep: [Int?]
  private let indices: [TensorID: Int]
  private let overlaps: KnownOverlaps

  init(_ memory: TensorMemory, _ layers: [Layer], _ chains: [Chain], _ overlaps: KnownOverlaps) {
    self.overlaps = overlaps
    self.memory = memory
    self.layers = layers
    self.chains = chains
    var chainOfStep = [Int?](repeating: nil, count: memory.nodes.count)
    for (index, chain) in chains.enumerated() {
      for step in chain.steps { chainOfStep[step] = index }
    }
    var lines: [TensorID: Int] = [:]
    for member in chains.flatMap(\.members) where !member.isWhole {
      lines[memory.root(memory.nodes[member.step].outputs[0])] = member.bufferBytes
    }
    for stream in chains.compactMap(\.stream) { lines[stream.tensor] = stream.bufferBytes }
    var indices: [TensorID: Int] = [:]
    var buffers: [ArenaLayout.Buffer] = []
    for (index, owner) in memory.owners.enumerated() {
      let type = memory.graph[owner].type
      let time = memory.lifetimes[owner] ?? 0...0
      // A chain needs its tensors all the time.
      let first = chainOfStep[time.lowerBound].map { chains[$0].steps.lowerBound } ?? time.lowerBound
      let last = chainOfStep[time.upperBound].map { chains[$0].steps.upperBound } ?? time.upperBound
      buffers.append(
        ArenaLayout.Buffer(
          size: lines[owner] ?? type.byteCount, alignment: type.element.size, first: first, last: last))
      indices[owner] = index
    }
    var live = [Int](repeating: 0, count: memory.nodes.count)
    for buffer in buffers {
      for step in buffer.first...buffer.last { live[step] += buffer.size }
    }
    (self.chainOfStep, self.buffers, self.live, self.indices) = (chainOfStep, buffers, live, indices)
  }

  /// Where the output of a step may lie over its inputs when `kernel` computes it. In a chain, that is for the chain's output.
  func shares(_ step: Int, _ kernel: any Kernel) -> [ArenaLayout.Share] {
    if let chain = chainOfStep[step].map({ chains[$0] }) {
      let last = chain.steps.upperBound
      let elements = (layers[last].op as? any SpatialOperator).map { type(of: $0).kernels } ?? []
      // The same for all kernels of the last layer, so that the steps before it can count on it.
      let orders = elements.map { $0.order(layers[last]) }
      let order = orders.allSatisfy({ $0 == .elements }) ? orders.first ?? nil : nil
      return chain.outsideInputs.compactMap { tensor in
        share(tensor, last, endOfInput: last, beginOfOutput: chain.steps.lowerBound) {
          chain.overlap(tensor, lastOrder: order)
        }
      }
    }
    let (node, layer) = (memory.nodes[step], layers[step])
    var tensors: [TensorID] = []
    for id in node.inputs.map(memory.root) where !tensors.contains(id) { tensors.append(id) }
    return tensors.compactMap { tensor in
      share(tensor, step, endOfInput: step, beginOfOutput: step) {
        var result: Overlap?
        for input in layer.dataInputs where memory.root(node.inputs[input]) == tensor {
          guard memory.isWhole(node.inputs[input]),
            let overlap = overlaps.overlap(kernel, layer, output: node.outputs[0], input: input)
          else { return nil }
          if let before = result {
            guard let both = before.and(overlap) else { return nil }
            result = both
          } else {
            result = overlap
          }
        }
        return result
      }
    }
  }

  /// - Parameter overlap: is only asked when nobody needs `tensor` behind the layer.
  private func share(
    _ tensor: TensorID, _ step: Int, endOfInput: Int, beginOfOutput: Int, _ overlap: () -> Overlap?
  ) -> ArenaLayout.Share? {
    let outputs = memory.nodes[step].outputs
    guard outputs.count == 1, memory.isWhole(outputs[0]), let input = indices[tensor],
      let output = indices[memory.root(outputs[0])],
      input != output, buffers[input].last == endOfInput, buffers[output].first == beginOfOutput
    else { return nil }
    return overlap().map { ArenaLayout.Share(input: input, output: output, overlap: $0) }
  }

  /// Bytes of the arena that are in use while a step runs, but for working memory: a bound that a layout may not reach.
  func live(_ step: Int, _ shares: [ArenaLayout.Share]) -> Int {
    let saving = shares.reduce(0) {
      $0 + $1.saving(input: buffers[$1.input].size, output: buffers[$1.output].size)
    }
    return live[step] - min(saving, shares.first.map { buffers[$0.output].size } ?? 0)
  }

  /// The layout for kernels with their working memory.
  func layout(_ kernels: [(kernel: any Kernel, scratch: Int)], effort: Int) -> (ArenaLayout, scratch: [Int: Int]) {
    var all = buffers
    var shares: [ArenaLayout.Share] = []
    var scratch: [Int: Int] = [:]
    for (step, (kernel, bytes)) in kernels.enumerated() {
      for share in self.shares(step, kernel) where !shares.contains(share) { shares.append(share) }
      guard bytes > 0 else { continue }
      scratch[step] = all.count
      all.append(ArenaLayout.Buffer(size: bytes, alignment: 4, first: step, last: step))
    }
    return (ArenaLayout(all, shares: shares, effort: effort), scratch)
  }
}

extension MemoryDemand {
  /// Only some rows of the tensor are in memory at a time.
  func isPartial(_ owner: TensorID) -> Bool {
    chains.contains { chain in
      chain.stream?.tensor == owner
        || chain.members.contains { !$0.isWhole && memory.root(memory.nodes[$0.step].outputs[0]) == owner }
    }
  }
}

/// Where kernels can write over their inputs; each case is computed once.
final class KnownOverlaps {
  private struct Key: Hashable {
    let output: TensorID
    let input: Int
    let kernel: String
  }

  private var known: [Key: Overlap?] = [:]

  func overlap(_ kernel: any Kernel, _ layer: Layer, output: TensorID, input: Int) -> Overlap? {
    let key = Key(output: output, input: input, kernel: kernel.name)
    if let overlap = known[key] { return overlap }
    let overlap = kernel.overlap(layer, input: input)
    known[key] = .some(overlap)
    return overlap
  }
}
