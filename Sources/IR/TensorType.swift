package import Support

/// Type of one element of a tensor.
package enum ElementType: String, CaseIterable, Sendable {
  case int8, uint8, int16, int32, int64, float32, bool

  /// Bytes of one element.
  package var size: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64: 8
    }
  }

  package var isByte: Bool { self == .int8 || self == .uint8 }

  /// The values that an integer type of at most 32 bits holds; nil for the others.
  package var range: ClosedRange<Int32>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .int32: Int32.min...Int32.max
    case .bool: 0...1
    case .int64, .float32: nil
    }
  }
}

/// Dimensions of a tensor, outermost first; a scalar has none. The number of elements is bounded.
package struct Shape: Equatable, Sendable {
  /// More elements than any microcontroller holds; the bound keeps hostile files from exhausting memory.
  package static let maximumElements = 1 << 24
  package static let maximumRank = 8

  package let dims: [Int]
  package let elementCount: Int

  package init(_ dims: [Int]) throws(Diagnostic) {
    guard dims.count <= Self.maximumRank else {
      throw Diagnostic("shape.rank", "the shape \(dims.prefix(10)) has more than \(Self.maximumRank) dimensions")
    }
    var count = 1
    for dim in dims {
      guard dim >= 0 else { throw Diagnostic("shape.negative", "the shape \(dims) has a negative dimension") }
      let (product, overflow) = count.multipliedReportingOverflow(by: dim)
      guard !overflow, product <= Self.maximumElements else {
        throw Diagnostic("shape.size", "the shape \(dims) has more than \(Self.maximumElements) elements")
      }
      count = product
    }
    self.dims = dims
    elementCount = count
  }

  package var rank: Int { dims.count }

  package subscript(_ axis: Int) -> Int { dims[axis] }

  /// Distance in elements between neighbours along each axis, in row-major order.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * dims[axis + 1] }
    return strides
  }

  /// `axis` counted from the front, when negative from the back.
  package func normalized(axis: Int) throws(Diagnostic) -> Int {
    guard axis >= -rank, axis < rank else {
      throw Diagnostic("shape.axis", "axis \(axis) does not exist in the shape \(self)")
    }
    return axis < 0 ? axis + rank : axis
  }
}

extension Shape: CustomStringConvertible {
  package var description: String { "[\(dims.map(String.init).joined(separator: ","))]" }
}

/// Affine quantization: real value = scale × (integer − zero point), for the whole tensor or for each slice of an axis.
package struct Quantization: Equatable, Sendable {
  package let scales: [Float]
  package let zeroPoints: [Int32]
  /// The axis along which the scales change; nil for one scale.
  package let axis: Int?

  package init(scales: [Float], zeroPoints: [Int32], axis: Int?) throws(Diagnostic) {
    guard !scales.isEmpty, scales.count == zeroPoints.count else {
      throw Diagnostic(
        "quantization.count", "\(scales.count) scales and \(zeroPoints.count) zero points do not belong together")
    }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Diagnostic("quantization.scale", "every quantization scale must be a positive finite number")
    }
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.axis = scales.count == 1 ? nil : axis ?? 0
  }

  package static func perTensor(scale: Float, zeroPoint: Int32) throws(Diagnostic) -> Quantization {
    try Quantization(scales: [scale], zeroPoints: [zeroPoint], axis: nil)
  }
}

/// Element type, shape and quantization of a tensor.
package struct TensorType: Equatable, Sendable {
  package var element: ElementType
  package var shape: Shape
  package var quantization: Quantization?

  package init(_ element: ElementType, _ shape: Shape, _ quantization: Quantization? = nil) {
    self.element = element
    self.shape = shape
    self.quantization = quantization
  }

  package var byteCount: Int { shape.elementCount * element.size }

  /// Scale and zero point of a tensor that must have exactly one of each.
  package func affine(_ role: String) throws(Diagnostic) -> (scale: Float, zeroPoint: Int32) {
    guard let quantization, let scale = quantization.scales.first, quantization.scales.count == 1 else {
      throw Diagnostic("quantization.missing", "\(role) must have one scale and one zero point")
    }
    let zeroPoint = quantization.zeroPoints[0]
    guard let range = element.range, range.contains(zeroPoint) else {
      throw Diagnostic("quantization.zero-point", "\(role): the zero point \(zeroPoint) is no \(element.rawValue)")
    }
    return (scale, zeroPoint)
  }
}

extension TensorType: CustomStringConvertible {
  package var description: String {
    var text = "\(element.rawValue)\(shape)"
    if let quantization {
      if quantization.scales.count == 1 {
        text += " scale \(quantization.scales[0]) zero \(quantization.zeroPoints[0])"
      } else {
        text += " scales(\(quantization.scales.count)) along \(quantization.axis ?? 0)"
      }
    }
    return text
  }
}
