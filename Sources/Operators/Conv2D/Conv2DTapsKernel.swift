import IR
import Machine
package import Support

/// Convolution tap by tap: any dilation, any number of groups. Function `conv_2d_taps`.
package struct Conv2DTapsKernel: Kernel {
  package let name = "conv_2d_taps"
  package let keepsWeights = true

  package func work(_ layer: Layer) -> Work? {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry else { return nil }
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    let taps = conv.taps(image, weights)
    let inside = image[0] * taps.rows.inside * taps.columns.inside * weights[3] * weights[0]
    let outputs = layer.outputs[0].shape.elementCount
    return Work(
      [
        WorkItem("mac", inside), WorkItem("outside", layer.multiplyAccumulates - inside),
        WorkItem("tap", outputs * weights[1] * weights[2]), WorkItem("output", outputs),
      ],
      flash: WeightedTables.byteCount(layer, conv.stage))
  }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    try writeConvolution(layer, function: "conv_2d_taps", withGroups: true, &code)
  }
}
