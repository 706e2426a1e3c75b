import IR
import Support

/// What decides about the calls of a convolution's function.
struct ConvolutionShape {
  let image: Shape
  let weights: Shape
  let geometry: ConvolutionGeometry

  /// Nil for a layer that is no convolution.
  init?(_ layer: Layer) {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    image = layer.inputs[0].type.shape
    weights = layer.inputs[1].type.shape
    geometry = conv
  }

  /// A matrix product as a 1×1 convolution of a single row, whose pixels are the product's rows; nil for another layer.
  init?(pointwise layer: Layer) {
    guard let product = MatrixProductKernel.product(layer),
      let image = try? Shape([1, 1, product.rows, product.depth]),
      let weights = try? Shape([product.units, 1, 1, product.depth])
    else { return nil }
    self.image = image
    self.weights = weights
    geometry = ConvolutionGeometry(
      stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(0, 0), padValue: 0,
      output: Extent(1, product.rows), stage: product.stage)
  }
}

extension Kernel {
  func writeConvolution(
    _ layer: Layer, function: String, withGroups: Bool, _ code: inout LayerCode
  ) throws(Diagnostic) {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { throw unsuitable(layer) }
    let weights = layer.inputs[1].type.shape
    let tables = try WeightedTables(
      layer, conv.stage, rowLength: weights[3] < 8 ? weights[2] * weights[3] : weights[3], &code)
    try writeConvolution(layer, function: function, withGroups: withGroups, tables.arguments, &code)
  }

  /// - Parameters:
  ///   - memory: a further argument behind the output.
  ///   - tables: the arguments behind those for the shape.
  func writeConvolution(
    _ layer: Layer, function: String, withGroups: Bool, memory: String = "", _ tables: [String], _ code: inout LayerCode
  ) throws(Diagnostic) {
    guard let shape = ConvolutionShape(layer) else { throw unsuitable(layer) }
    writeConvolution(shape, function: function, withGroups: withGroups, memory: memory, tables, &code)
  }

  func writeConvolution(
    _ shape: ConvolutionShape, function: String, withGroups: Bool, memory: String = "", _ tables: [String],
    _ code: inout LayerCode
  ) {
    let (image, weights, conv) = (shape.image, shape.weights, shape.geometry)
    let convolution = code.function(function)
    let dilation = withGroups ? "\(conv.dilation.height), \(conv.dilation.width)" : "\(conv.dilation.height)"
    let channels =
      withGroups
      ? ["/* channels of a filter, filters of a group */ \(weights[3]), \(weights[0] / (image[3] / weights[3]))"] : []
    let (height, padTop) = (code.inputHeight(image[1]), code.padTop(conv.padBefore.height))
    let rows = code.outputRows(conv.output.height)
    code.forEachImage(image[0], image.elementCount / image[0], conv.output.height * conv.output.width * weights[0]) {
      code, input, output in
      code.call(
        convolution,
        [
          "\(input), \(output)\(memory)",
          "/* input */ \(height), \(image[2]), \(image[3])",
          "/* output */ \(rows), \(conv.output.width), \(weights[0])",
          "/* filter */ \(weights[1]), \(weights[2]), /* stride */ \(conv.stride.height), \(conv.stride.width), "
            + "/* dilation */ \(dilation)",
        ] + channels + [
          "/* padding: top, left, value */ \(padTop), \(conv.padBefore.width), \(conv.padValue)"
        ] + tables)
    }
  }
}

extension LayerCode {
  /// Writes statements for each image of a batch; `body` gets the C expressions of its input and output.
  mutating func forEachImage(
    _ batch: Int, _ inputSize: Int, _ outputSize: Int, _ body: (inout LayerCode, String, String) -> Void
  ) {
    guard batch > 1 else { return body(&self, inputs[0], outputs[0]) }
    line("for (int32_t image = 0; image < \(batch); image++) {")
    body(&self, "\(inputs[0]) + image * \(inputSize)", "\(outputs[0]) + image * \(outputSize)")
    line("}")
  }
}
