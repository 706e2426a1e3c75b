package import IR
import Operators
package import Support

/// A set of input vectors for a model, and possibly the outputs that are expected.
package struct Vectors: Sendable {
  /// For each vector the values of each input of the model.
  package let inputs: [[Tensor]]
  /// For each vector the values of each output; nil when nothing is expected.
  package var expected: [[Tensor]]?

  package init(inputs: [[Tensor]], expected: [[Tensor]]? = nil) {
    self.inputs = inputs
    self.expected = expected
  }

  /// Reads one `.npy` file for each of `tensors` and gives the values by vector.
  ///
  /// The first axis of a file counts the vectors; the other axes must hold as many elements as the tensor. A file of
  /// floats for a quantized tensor is quantized as QUANTIZE does it.
  package static func load(
    _ paths: [String], for tensors: [TensorInfo], role: String
  ) throws(Diagnostic) -> [[Tensor]] {
    guard paths.count == tensors.count else {
      throw Diagnostic(
        "vectors.count", .usage, "the model has \(tensors.count) \(role)s, but \(paths.count) files are given for them",
        notes: ["repeat the option, or separate the files by commas, in the order of the model"])
    }
    var columns: [[Tensor]] = []
    for (path, tensor) in zip(paths, tensors) {
      let array = try NPYArray(try Platform.read(path), file: path)
      columns.append(try split(array, for: tensor, file: path))
    }
    let count = columns[0].count
    guard columns.allSatisfy({ $0.count == count }) else {
      throw Diagnostic("vectors.count", "the files of the \(role)s have different numbers of vectors")
    }
    return (0..<count).map { row in columns.map { $0[row] } }
  }

  /// Reads the right answers of a classifier, one integer for each of `count` vectors.
  package static func labels(_ path: String, count: Int) throws(Diagnostic) -> [Int] {
    let array = try NPYArray(try Platform.read(path), file: path)
    guard let element = ElementType(array.element), element != .float32 else {
      throw Diagnostic("eval.labels", at: .file(path), "the labels must be integers")
    }
    let type = TensorType(element, try Shape([array.shape.reduce(1, *)]))
    let labels = try Tensor(type, bytes: array.bytes).ints("the labels")
    guard labels.count == count else {
      throw Diagnostic("eval.labels", at: .file(path), "holds \(labels.count) labels for \(count) vectors")
    }
    return labels.map { Int($0) }
  }

  private static func split(_ array: NPYArray, for tensor: TensorInfo, file: String) throws(Diagnostic) -> [Tensor] {
    let size = tensor.type.shape.elementCount
    let vectors = array.shape.first ?? 0
    guard vectors > 0, array.shape.dropFirst().reduce(1, *) == size else {
      throw Diagnostic(
        "vectors.shape", at: .file(file),
        "the shape \(array.shape) is not [number of vectors, \(tensor.type.shape.dims.map(String.init).joined(separator: ", "))] "
          + "of `\(tensor.name)`")
    }
    let bytes = size * array.element.size
    var rows: [Tensor] = []
    for row in 0..<vectors {
      let slice = Array(array.bytes[row * bytes..<(row + 1) * bytes])
      do throws(Diagnostic) {
        rows.append(try tensor.type.value(slice, array.element))
      } catch {
        throw error.located(.file(file))
      }
    }
    return rows
  }
}

extension TensorType {
  /// A tensor of this type from little-endian `bytes` of the NumPy type `element`.
  fileprivate func value(_ bytes: [UInt8], _ element: NPYArray.Element) throws(Diagnostic) -> Tensor {
    guard let given = ElementType(element) else {
      throw Diagnostic("vectors.type", "float64 is not supported; save with .astype(np.float32)")
    }
    let raw = try Tensor(TensorType(given, shape), bytes: bytes)
    if given == .float32, self.element.isByte || self.element == .int16 {
      return try Quantize().evaluate([raw], as: [self])[0]
    }
    guard (given == .float32) == (self.element == .float32) else {
      throw Diagnostic("vectors.type", "holds \(given.rawValue), but the tensor is \(self.element.rawValue)")
    }
    if case .ints(let values) = raw.elements, let range = self.element.range,
      let outside = values.first(where: { !range.contains($0) })
    {
      throw Diagnostic("vectors.range", "holds \(outside), which is no \(self.element.rawValue)")
    }
    return raw.retyped(self)
  }
}

extension NPYArray.Element {
  package init(_ type: ElementType) {
    self =
      switch type {
      case .int8: .int8
      case .uint8: .uint8
      case .bool: .bool
      case .int16: .int16
      case .int32: .int32
      case .int64: .int64
      case .float32: .float32
      }
  }
}

extension ElementType {
  /// The type of tensors with such elements; nil when there is none.
  fileprivate init?(_ element: NPYArray.Element) {
    guard let type = Self.allCases.first(where: { NPYArray.Element($0) == element }) else { return nil }
    self = type
  }
}
