package import Support

/// A tensor with its values, as operators take and give them.
package struct Tensor: Equatable, Sendable {
  /// Values of integer types, or of `float32`.
  package enum Elements: Equatable, Sendable {
    case ints([Int32])
    /// 64-bit integers, not all of which fit into 32 bits.
    case wide([Int64])
    case floats([Float])
  }

  package let type: TensorType
  package let elements: Elements

  /// A tensor of integers. The count of `ints` must be the shape's.
  package init(_ type: TensorType, ints: [Int32]) {
    self.type = type
    elements = .ints(ints)
  }

  /// A tensor of 64-bit integers; they become ``Elements/ints(_:)`` where all fit into 32 bits.
  package init(_ type: TensorType, wide: [Int64]) {
    self.type = type
    let narrow = wide.compactMap { Int32(exactly: $0) }
    elements = narrow.count == wide.count ? .ints(narrow) : .wide(wide)
  }

  package init(_ type: TensorType, floats: [Float]) {
    self.type = type
    elements = .floats(floats)
  }

  /// The integers; fails for a tensor of floats, and for integers that do not fit into 32 bits.
  package func ints(_ role: String) throws(Diagnostic) -> [Int32] {
    switch elements {
    case .ints(let values): return values
    case .wide:
      throw Diagnostic("tensor.int64", "\(role) has a 64-bit integer that does not fit into 32 bits")
    case .floats:
      throw Diagnostic("tensor.element", "\(role) must hold integers, but holds \(type.element.rawValue)")
    }
  }

  /// The integers, whatever their size; fails for a tensor of floats.
  package func wideInts(_ role: String) throws(Diagnostic) -> [Int64] {
    if case .wide(let values) = elements { return values }
    return try ints(role).map { Int64($0) }
  }

  package func floats(_ role: String) throws(Diagnostic) -> [Float] {
    guard case .floats(let values) = elements else {
      throw Diagnostic("tensor.element", "\(role) must hold floats, but holds \(type.element.rawValue)")
    }
    return values
  }

  /// Position of the first largest value: the answer of a classifier.
  package var indexOfLargest: Int? {
    switch elements {
    case .ints(let values): values.indices.max { values[$0] < values[$1] || values[$0] == values[$1] && $0 > $1 }
    case .wide(let values): values.indices.max { values[$0] < values[$1] || values[$0] == values[$1] && $0 > $1 }
    case .floats(let values): values.indices.max { values[$0] < values[$1] || values[$0] == values[$1] && $0 > $1 }
    }
  }

  /// The same values under another type with as many elements.
  package func retyped(_ type: TensorType) -> Tensor {
    switch elements {
    case .ints(let values): Tensor(type, ints: values)
    case .wide(let values): Tensor(type, wide: values)
    case .floats(let values): Tensor(type, floats: values)
    }
  }
}

extension Tensor {
  /// Decodes little-endian `bytes`.
  package init(_ type: TensorType, bytes: [UInt8]) throws(Diagnostic) {
    guard bytes.count == type.byteCount else {
      throw Diagnostic(
        "tensor.bytes",
        "\(bytes.count) bytes of data for \(type.element.rawValue)\(type.shape), "
          + "which needs \(type.byteCount)")
    }
    func word(_ start: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
    let count = type.shape.elementCount
    switch type.element {
    case .int8: self.init(type, ints: bytes.map { Int32(Int8(bitPattern: $0)) })
    case .uint8, .bool: self.init(type, ints: bytes.map { Int32($0) })
    case .int16: self.init(type, ints: (0..<count).map { Int32(Int16(truncatingIfNeeded: word(2 * $0, 2))) })
    case .int32: self.init(type, ints: (0..<count).map { Int32(truncatingIfNeeded: word(4 * $0, 4)) })
    case .float32:
      self.init(type, floats: (0..<count).map { Float(bitPattern: UInt32(truncatingIfNeeded: word(4 * $0, 4))) })
    case .int64: self.init(type, wide: (0..<count).map { Int64(bitPattern: word(8 * $0, 8)) })
    }
  }

  /// The values as little-endian bytes.
  package var bytes: [UInt8] {
    func encoded(_ value: UInt64) -> [UInt8] {
      (0..<type.element.size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    switch elements {
    case .ints(let values):
      if type.element.size == 1 { return values.map { UInt8(truncatingIfNeeded: $0) } }
      return values.flatMap { encoded(UInt64(truncatingIfNeeded: $0)) }
    case .wide(let values): return values.flatMap { encoded(UInt64(bitPattern: $0)) }
    case .floats(let values): return values.flatMap { encoded(UInt64($0.bitPattern)) }
    }
  }
}
