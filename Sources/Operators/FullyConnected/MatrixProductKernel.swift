import IR
import Machine
package import Support

/// Rows of the input times a weight matrix: dense layers, 1×1 convolutions, and convolutions whose filter covers all of
/// the image. Function `matrix_product`.
package struct MatrixProductKernel: Kernel {
  package let name = "matrix_product"
  package let keepsWeights = true

  /// Number of rows and the output stage; nil when the layer is no matrix product.
  static func product(_ layer: Layer) -> (rows: Int, depth: Int, units: Int, stage: OutputStage)? {
    let units = layer.outputs[0].shape.dims.last ?? 1
    let rows = layer.outputs[0].shape.elementCount / units
    let depth = layer.inputs[1].type.shape.elementCount / units
    if let dense = layer.op as? IntegerMatrixProduct { return (rows, depth, units, dense.stage) }
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    let image = layer.inputs[0].type.shape
    let weights = layer.inputs[1].type.shape
    guard weights[3] == image[3], conv.padBefore == Extent(0, 0) else { return nil }
    let isPointwise =
      weights[1] == 1 && weights[2] == 1 && conv.stride == Extent(1, 1) && conv.output == Extent(image[1], image[2])
    let coversImage =
      conv.output == Extent(1, 1) && conv.dilation == Extent(1, 1) && weights[1] == image[1] && weights[2] == image[2]
    return isPointwise || coversImage ? (rows, depth, units, conv.stage) : nil
  }

  package func work(_ layer: Layer) -> Work? {
    guard let product = Self.product(layer) else { return nil }
    let outputs = product.rows * product.units
    return Work(
      [WorkItem("mac", outputs * product.depth), WorkItem("output", outputs), WorkItem("row", product.rows)],
      flash: WeightedTables.byteCount(layer, product.stage))
  }

  package func obstacle(_ layer: Layer) -> String { "neither 1×1 nor a filter as large as the image" }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool {
    // A filter that covers the image has a single row of output.
    layer.op is IntegerConv2D && layer.inputs[1].type.shape.dims[1...2] == [1, 1]
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let product = Self.product(layer) else { throw unsuitable(layer) }
    let tables = try WeightedTables(
      layer, product.stage, rowLength: layer.inputs[1].type.shape.dims.last ?? 16, &code)
    let height = layer.op is IntegerConv2D ? layer.outputs[0].shape[1] : 1
    let rows = code.outputRows(height, times: product.rows / max(1, height))
    code.call(
      code.function("matrix_product"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(rows), /* depth */ \(product.depth), /* units */ \(product.units)",
      ] + tables.arguments)
  }
}
