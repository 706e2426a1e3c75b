import IR
package import Support

/// Channels with the largest weights are doubled and their weights halved, so that a grid for all weights of a layer may be finer.
///
/// Source: R. Zhao et al., Improving Neural Network Quantization without Retraining using Outlier Channel Splitting, ICML 2019.
/// A channel is copied where it is made, in every layer that takes part, and all layers that read it share its copies.
package struct SplitOutliersStep: CompressionStep {
  package static let name = "split-outliers"
  package static let summary =
    "channels with the largest weights of a float network are doubled and the weights halved; it computes the same"
  package static let options = [
    StepOption("ratio", "0...1", "channels that are added, as a part of what each layer reads; 0.02 without it")
  ]

  let ratio: Double

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    ratio = try json.number("ratio", 0...1) ?? 0.02
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    try network.requireFloat(Self.name)
    let structure = try ChannelStructure(network.graph, .count)
    let copies = Self.copies(structure, ratio)
    network.graph = try structure.graph(copies: copies)
    return ["\(copies.values.reduce(0) { $0 + $1 - 1 }) channels added"]
  }

  /// How often each class shall stand, by its number, as far as that is not once.
  static func copies(_ structure: ChannelStructure, _ ratio: Double) -> [Int: Int] {
    let allowed = Set(
      structure.classes.filter { !$0.isFixed && $0.isRepeatable && !$0.rows.isEmpty }.map(\.number))
    var copies: [Int: Int] = [:]
    for (index, layer) in structure.layers.enumerated() {
      guard let sum = structure.sums[index], sum.columnAxis != nil else { continue }
      let classes = structure.inputClasses(index)
      // The largest weight that reads each class, in the order of the inputs.
      var order: [Int] = []
      var largest: [Int: Double] = [:]
      for number in classes where allowed.contains(number) && largest[number] == nil {
        order.append(number)
        largest[number] = 0
      }
      for (place, weight) in layer.weights.enumerated() {
        let number = classes[place % sum.depth]
        if let own = largest[number], own < weight.magnitude { largest[number] = weight.magnitude }
      }
      func size(_ number: Int) -> Double { (largest[number] ?? 0) / Double(copies[number] ?? 1) }
      for _ in 0..<Int((Double(order.count) * ratio).rounded(.up)) {
        guard let worst = order.max(by: { size($0) < size($1) || size($0) == size($1) && $0 > $1 }) else { break }
        copies[worst] = (copies[worst] ?? 1) + 1
      }
    }
    return copies
  }
}
