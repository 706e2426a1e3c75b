import IR
import Machine
package import Support

/// Average pooling, channel by channel within each window. Function `average_pool`.
package struct AveragePoolKernel: Kernel {
  package let name = "average_pool"

  package func work(_ layer: Layer) -> Work? {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .average else { return nil }
    return pool.work(layer)
  }

  package func obstacle(_ layer: Layer) -> String { "the maximum is wanted" }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .average else { throw unsuitable(layer) }
    pool.write(layer, function: "average_pool", into: &code)
  }
}

/// Maximum pooling, channel by channel within each window. Function `max_pool`.
package struct MaxPoolKernel: Kernel {
  package let name = "max_pool"

  package func work(_ layer: Layer) -> Work? {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .max else { return nil }
    return pool.work(layer)
  }

  package func obstacle(_ layer: Layer) -> String { "the average is wanted" }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .max else { throw unsuitable(layer) }
    pool.write(layer, function: "max_pool", into: &code)
  }
}

extension IntegerPool2D {
  fileprivate func work(_ layer: Layer) -> Work {
    let image = layer.inputs[0].type.shape
    func taps(_ size: Int, _ positions: Int, _ filter: Int, _ stride: Int, _ before: Int) -> TapCount {
      TapCount(size: size, positions: positions, filter: filter, stride: stride, dilation: 1, before: before)
    }
    let rows = taps(image[1], self.output.height, filter.height, stride.height, padBefore.height)
    let columns = taps(image[2], self.output.width, filter.width, stride.width, padBefore.width)
    let planes = image[0] * image[3]
    return Work([
      WorkItem("tap", planes * rows.inside * columns.inside), WorkItem("row", planes * rows.inside * columns.positions),
      WorkItem("output", layer.outputs[0].shape.elementCount),
    ])
  }

  fileprivate func write(_ layer: Layer, function: String, into code: inout LayerCode) {
    let image = layer.inputs[0].type.shape
    let name = code.function(function, of: layer.outputs[0].element)
    let (height, padTop) = (code.inputHeight(image[1]), code.padTop(padBefore.height))
    let rows = code.outputRows(self.output.height)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        name,
        [
          "\(input), \(output)",
          "/* input */ \(height), \(image[2]), \(image[3]), /* output */ \(rows), \(self.output.width)",
          "/* filter */ \(filter.height), \(filter.width), /* stride */ \(stride.height), \(stride.width), "
            + "/* padding */ \(padTop), \(padBefore.width)",
          "/* clamp */ \(clamp.lowerBound), \(clamp.upperBound)",
        ])
    }
  }
}
