import IR
import Support

/// A tensor whose values are known while a file is imported.
struct ONNXConstant: Equatable, Sendable {
  enum Values: Equatable, Sendable {
    /// Integers and truth values.
    case ints([Int64])
    /// Floats of any width in the file.
    case floats([Float])
  }

  /// The integers that floats were made of by DequantizeLinear.
  struct Quantized: Equatable, Sendable {
    /// In the order of the floats, with the zero point taken off.
    var ints: [Int32]
    /// One scale, or one for each slice of `axis`.
    var scales: [Float]
    var axis: Int

    /// A tensor of these integers: int8 where 8 bits hold them, with a zero point where only those of a slice span 8 bits,
    /// and else int32.
    func tensor(_ shape: Shape) throws(Diagnostic) -> Tensor {
      let inner = scales.count == 1 ? max(1, shape.elementCount) : max(1, shape.strides[axis])
      var (low, high) = ([Int32](repeating: 0, count: scales.count), [Int32](repeating: 0, count: scales.count))
      for (index, value) in ints.enumerated() {
        let slice = index / inner % scales.count
        low[slice] = min(low[slice], value)
        high[slice] = max(high[slice], value)
      }
      let isByte = isNarrow && zip(low, high).allSatisfy { $0 >= -255 && $1 <= 255 && $1 - $0 <= 255 }
      let points = zip(low, high).map { isByte && ($0 < -128 || $1 > 127) ? -128 - $0 : 0 }
      let type = TensorType(
        isByte ? .int8 : .int32, shape, try Quantization(scales: scales, zeroPoints: points, axis: axis))
      return Tensor(type, ints: ints.enumerated().map { $1 + points[$0 / inner % scales.count] })
    }

    /// Whether the integers have 8 bits in the file.
    var isNarrow: Bool
  }

  var element: ONNXElement
  var shape: Shape
  var values: Values
  var quantized: Quantized?

  init(_ element: ONNXElement, _ shape: Shape, _ values: Values, quantized: Quantized? = nil) {
    self.element = element
    self.shape = shape
    self.values = values
    self.quantized = quantized
  }

  /// A list of integers.
  init(list: [Int64]) throws(Diagnostic) {
    self.init(.int64, try Shape([list.count]), .ints(list))
  }

  /// The integers; fails for floats.
  func ints(_ role: String) throws(Diagnostic) -> [Int64] {
    guard case .ints(let values) = values else {
      throw Diagnostic("onnx.type", "\(role) must be integers, not \(element)")
    }
    return values
  }

  func floats(_ role: String) throws(Diagnostic) -> [Float] {
    guard case .floats(let values) = values else {
      throw Diagnostic("onnx.type", "\(role) must be floats, not \(element)")
    }
    return values
  }

  /// The values as numbers, whatever their type is.
  var numbers: [Double] {
    switch values {
    case .ints(let values): values.map { Double($0) }
    case .floats(let values): values.map { Double($0) }
    }
  }

  /// The same tensor as one of the graph; integers must fit into 32 bits.
  func tensor(_ quantization: Quantization? = nil) throws(Diagnostic) -> Tensor {
    guard let tensorElement = element.tensorElement else {
      throw Diagnostic("onnx.type", "tensors of \(element) are not supported")
    }
    let type = TensorType(tensorElement, shape, quantization)
    switch values {
    case .floats(let values): return Tensor(type, floats: values)
    case .ints(let values):
      // The ends of ranges, such as the largest 64-bit number, only stand in constants that are folded.
      guard let ints = values.exactly32 else {
        throw Diagnostic("onnx.int64", "a 64-bit integer does not fit into 32 bits")
      }
      return Tensor(type, ints: ints)
    }
  }

  /// The values at `positions`, under another shape.
  func gathered(_ positions: [Int], _ shape: Shape) -> ONNXConstant {
    switch values {
    case .ints(let values): ONNXConstant(element, shape, .ints(positions.map { values[$0] }))
    case .floats(let values): ONNXConstant(element, shape, .floats(positions.map { values[$0] }))
    }
  }

  func reshaped(_ shape: Shape) -> ONNXConstant { ONNXConstant(element, shape, values) }

  /// Axis i of the result is axis `permutation[i]`.
  func transposed(_ permutation: [Int]) throws(Diagnostic) -> ONNXConstant {
    guard permutation.sorted() == Array(0..<shape.rank) else {
      throw Diagnostic("onnx.permutation", "\(permutation) is no permutation of the axes of \(shape)")
    }
    let target = try Shape(permutation.map { shape[$0] })
    let (own, strides) = (shape.strides, target.strides)
    let positions = (0..<shape.elementCount).map { (index: Int) -> Int in
      var (rest, position) = (index, 0)
      for axis in 0..<target.rank {
        position += rest / strides[axis] * own[permutation[axis]]
        rest %= strides[axis]
      }
      return position
    }
    var result = gathered(positions, target)
    if var quantized, let axis = permutation.firstIndex(of: quantized.axis) ?? (quantized.scales.count == 1 ? 0 : nil) {
      quantized.ints = positions.map { quantized.ints[$0] }
      quantized.axis = axis
      result.quantized = quantized
    }
    return result
  }
}

extension [Int64] {
  /// The numbers in 32 bits; nil when one doesn't fit.
  fileprivate var exactly32: [Int32]? {
    let ints = compactMap { Int32(exactly: $0) }
    return ints.count == count ? ints : nil
  }
}
