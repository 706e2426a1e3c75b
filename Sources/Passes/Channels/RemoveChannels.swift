package import IR
import Operators
package import Support

/// Channels that are constant, that nothing reads, or that are equal to another one leave their tensors, with the filters
/// that compute them and the weights that read them.
///
/// `%1 = integer.conv_2d(%0, w[8,…]); %2 = integer.conv_2d(%1, v[…,8])` → `w[5,…]`, `v[…,5]` when three channels of `%1` have
/// one value at every position (a filter of zeros, a sum that always saturates): what they add to the sums of the second
/// convolution goes into its bias, unless its padding makes that depend on the position.
package struct RemoveChannels: Pass {
  package let name = "remove-channels"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var analysis = try ChannelAnalysis(graph)
    var merges = true
    while let current = analysis, merges {
      let removes = !current.narrowed.isEmpty
      if removes {
        graph = try Self.narrowed(current)
        analysis = try ChannelAnalysis(graph)
      }
      guard let rest = analysis else { return }
      // Merging makes channels that nothing reads. Each round but the last removes some.
      merges = try DuplicateChannels(rest).merge(&graph)
      if merges { analysis = try ChannelAnalysis(graph) }
      if merges, analysis?.narrowed.isEmpty ?? true { return }
    }
  }

  /// The graph with only the channels that stay.
  private static func narrowed(_ analysis: ChannelAnalysis) throws(Diagnostic) -> Graph {
    var graph = analysis.graph
    // Constants are copied, since other nodes may read them as parameters.
    var replaced: [TensorID: TensorID] = [:]
    var isNarrowed: Set<TensorID> = []
    for (id, kept) in analysis.narrowed {
      isNarrowed.insert(id)
      let info = graph[id]
      let type = try info.type.keeping(channels: kept.count)
      guard let constant = try graph.operand(id).constant else {
        graph[id].type = type
        continue
      }
      let count = info.type.channelCount
      let values = try constant.ints("the constant")
      let rows = stride(from: 0, to: values.count, by: count)
      replaced[id] = graph.add(
        constant: Tensor(type, ints: rows.flatMap { row in kept.map { values[row + $0] } }), name: info.name)
    }
    for (index, node) in graph.nodes.enumerated() {
      let data = analysis.dataInputs[index]
      guard let (op, _) = analysis.channelOperator(index), (data + node.outputs).contains(where: isNarrowed.contains)
      else { continue }
      do throws(Diagnostic) {
        let layer = try op.narrowed(analysis.channels(index))
        graph.nodes[index].op = layer.op
        for (position, id) in data.enumerated() { graph.nodes[index].inputs[position] = replaced[id] ?? id }
        for (position, value) in layer.parameters.sorted(by: { $0.key < $1.key }) {
          graph.nodes[index].inputs[position] = graph.add(constant: value, name: graph[node.inputs[position]].name)
        }
      } catch {
        throw error.located(graph.location(node))
      }
    }
    return graph
  }
}
