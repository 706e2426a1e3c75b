package import IR
import Machine
package import Support

/// An image scaled to another size by bilinear interpolation, with 10 fraction bits an axis; scales stay.
///
/// Source: `ResizeBilinearInteger` in `tensorflow/lite/kernels/internal/reference/resize_bilinear.h`.
package struct ResizeBilinear: SourceOperator, EmittableOperator {
  package static let mnemonic = "resize_bilinear"
  package static let kernels: [any Kernel] = [ResizeBilinearKernel()]

  package let size: Extent
  /// The corners of both images lie upon each other.
  package let alignsCorners: Bool
  /// The centers of pixels count, and not their corners.
  package let usesHalfPixels: Bool

  package init(size: Extent, alignsCorners: Bool, usesHalfPixels: Bool) {
    self.size = size
    self.alignsCorners = alignsCorners
    self.usesHalfPixels = usesHalfPixels
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    size = try attributes.extent("size")
    alignsCorners = try attributes.bool("align_corners")
    usesHalfPixels = try attributes.bool("half_pixel_centers")
  }

  package var attributes: Attributes {
    Attributes([
      ("size", .ints(size.list)), ("align_corners", .bool(alignsCorners)),
      ("half_pixel_centers", .bool(usesHalfPixels)),
    ])
  }
  package var quantizationRule: QuantizationRule { .shared }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    try requireImage(inputs[0].type, "input")
    let shape = inputs[0].type.shape
    guard (1...32767).contains(size.height), (1...32767).contains(size.width), shape[1] < 1 << 15, shape[2] < 1 << 15
    else { throw failure("size", "heights and widths must be from 1 to 32767") }
    guard !(alignsCorners && usesHalfPixels) else {
      throw failure("options", "aligned corners and half pixel centers exclude each other, as in the reference")
    }
    return [try Shape([shape[0], size.height, size.width, shape[3]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    guard outputs[0].element != .float32 else { return }
    let shape = inputs[0].type.shape
    for (from, to) in [(shape[1], size.height), (shape[2], size.width)] {
      guard axis(from, to).position(to - 1).first < from else {
        throw failure("size", "\(to) pixels from \(from): the reference would read outside of the image")
      }
    }
  }

  /// How the positions of an axis of the output lie in the input, with 10 fraction bits.
  struct Axis {
    let step: Int
    let offset: Int
    let size: Int

    /// The pixels around a position, and how far it is from the first one.
    func position(_ index: Int) -> (first: Int, second: Int, fraction: Int) {
      let position = index * step + offset
      let first = max(position / 1024, 0)
      return (first, min((position + 1023) / 1024, size - 1), position - first * 1024)
    }
  }

  func axis(_ from: Int, _ to: Int) -> Axis {
    let spans = alignsCorners && to > 1 ? (from: from - 1, to: to - 1) : (from: from, to: to)
    let step = (1024 * spans.from + spans.to / 2) / spans.to
    return Axis(step: step, offset: usesHalfPixels ? step / 2 - 512 : 0, size: from)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].type.shape
    switch inputs[0].elements {
    case .floats(let values): return [Tensor(outputs[0], floats: resized(values, shape))]
    case .ints, .wide:
      let values = try inputs[0].ints("input")
      let (rows, columns) = (axis(shape[1], size.height), axis(shape[2], size.width))
      let strides = shape.strides
      var result: [Int32] = []
      result.reserveCapacity(outputs[0].shape.elementCount)
      for image in 0..<shape[0] {
        for y in 0..<size.height {
          let row = rows.position(y)
          for x in 0..<size.width {
            let column = columns.position(x)
            for channel in 0..<shape[3] {
              func value(_ y: Int, _ x: Int) -> Int {
                Int(values[image * strides[0] + y * strides[1] + x * strides[2] + channel])
              }
              let (down, right) = (row.fraction, column.fraction)
              let sum =
                value(row.first, column.first) * (1024 - down) * (1024 - right)
                + value(row.second, column.first) * down * (1024 - right)
                + value(row.first, column.second) * (1024 - down) * right
                + value(row.second, column.second) * down * right
              result.append(Int32(truncatingIfNeeded: (sum + (sum > 0 ? 1 << 19 : -1 << 19)) / (1 << 20)))
            }
          }
        }
      }
      return [Tensor(outputs[0], ints: result)]
    }
  }

  /// Source: `ResizeBilinear` in the same file.
  private func resized(_ values: [Float], _ shape: Shape) -> [Float] {
    func positions(_ from: Int, _ to: Int) -> [(first: Int, second: Int, fraction: Float)] {
      let scale = alignsCorners && to > 1 ? Float(from - 1) / Float(to - 1) : Float(from) / Float(to)
      return (0..<to).map { index in
        let position = usesHalfPixels ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
        let first = max(Int(position.rounded(.down)), 0)
        return (min(first, from - 1), min(Int(position.rounded(.up)), from - 1), position - Float(first))
      }
    }
    let strides = shape.strides
    var result: [Float] = []
    for image in 0..<shape[0] {
      for row in positions(shape[1], size.height) {
        for column in positions(shape[2], size.width) {
          for channel in 0..<shape[3] {
            func value(_ y: Int, _ x: Int) -> Float {
              values[image * strides[0] + y * strides[1] + x * strides[2] + channel]
            }
            let (down, right) = (row.fraction, column.fraction)
            let upper = value(row.first, column.first) * (1 - down) * (1 - right)
            let lower = value(row.second, column.first) * down * (1 - right)
            let upperRight = value(row.first, column.second) * (1 - down) * right
            let lowerRight = value(row.second, column.second) * down * right
            result.append(upper + lower + upperRight + lowerRight)
          }
        }
      }
    }
    return result
  }
}

/// Interpolation pixel by pixel. Functions `resize_bilinear` and `interpolate`, which keeps sums of 16-bit values within 32
/// bits.
package struct ResizeBilinearKernel: Kernel {
  package let name = "resize_bilinear"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is ResizeBilinear else { return nil }
    let shape = layer.outputs[0].shape
    let isWide = layer.outputs[0].element == .int16
    return Work([
      WorkItem("element", isWide ? 0 : shape.elementCount), WorkItem("wide", isWide ? shape.elementCount : 0),
      WorkItem("pixel", shape[0] * shape[1] * shape[2]),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? ResizeBilinear else { throw unsuitable(layer) }
    let (image, output) = (layer.inputs[0].type.shape, layer.outputs[0].shape)
    let (rows, columns) = (op.axis(image[1], output[1]), op.axis(image[2], output[2]))
    _ = code.function("interpolate", of: layer.outputs[0].element)
    code.call(
      code.function("resize_bilinear", of: layer.outputs[0].element),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* images */ \(image[0]), /* input */ \(image[1]), \(image[2]), /* channels */ \(image[3])",
        "/* output */ \(output[1]), \(output[2])",
        "/* steps and offsets */ \(rows.step), \(rows.offset), \(columns.step), \(columns.offset)",
      ])
  }
}
