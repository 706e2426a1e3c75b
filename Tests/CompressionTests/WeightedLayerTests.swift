import Compiler
import Compression
import IR
import Support
import Testing

@Suite struct WeightedLayerTests {
  /// Rows of channels for every layout: what a layer gives out can be put back unchanged.
  @Test(arguments: [
    "digits/model.tflite", "gesture/model.tflite", "gesture/model_float.tflite", "vibration/model.tflite",
  ])
  func weightsPutBackAreTheSame(_ path: String) throws {
    let graph = try CompressionGraphs.sample(path)
    let layers = try graph.weightedLayers()
    #expect(layers.count > 3)
    var edited = graph
    for layer in layers { try edited.replace(layer, weights: layer.weights) }
    try edited.verify()
    for (old, new) in zip(graph.nodes, edited.nodes) {
      for (a, b) in zip(old.inputs, new.inputs) {
        #expect(graph[a].constant == edited[b].constant)
        #expect(graph[a].type == edited[b].type)
      }
    }
  }

  /// A grid of half the scale stands for the same real weights where they are not cut off, and so does the bias.
  @Test func biasFollowsTheGrid() throws {
    let graph = try CompressionGraphs.sample("digits/model.tflite")
    let layer = try #require(try graph.weightedLayers().first)
    let scales = try #require(layer.type.quantization?.scales)
    var edited = graph
    let biases = try #require(try graph.biases(layer))
    try edited.replace(layer, weights: layer.weights, grid: WeightGrid(scales: scales.map { $0 * 2 }, largest: 127))
    try edited.verify()
    let coarse = try #require(try edited.weightedLayers().first)
    #expect(coarse.type.quantization?.scales == scales.map { $0 * 2 })
    for (index, (old, new)) in zip(layer.weights, coarse.weights).enumerated() {
      #expect(abs(old - new) <= Double(scales[index / layer.columns]) * 1.001)
    }
    for (channel, (old, new)) in zip(biases, try #require(try edited.biases(coarse))).enumerated() {
      let input = Double(try graph[graph.nodes[layer.nodes[0]].inputs[0]].type.affine("input").scale)
      #expect(abs(old - new) <= input * Double(scales[channel]) * 1.001)
    }
  }
}
