package import IR
package import Support

/// The weights of a mixing operator while weights of input channels that are always equal are added together.
package struct MixingWeights: Sendable {
  private let type: TensorType
  /// Filters times positions of a filter; each has one weight for each input channel.
  private let filterPositions: Int
  /// Input channels.
  private let depth: Int
  private var values: [Int32]

  init(type: TensorType, filterPositions: Int, depth: Int, values: [Int32]) {
    self.type = type
    self.filterPositions = filterPositions
    self.depth = depth
    self.values = values
  }

  /// Adds the weights of the input channel `channel` to those of `target` and leaves zeros; changes nothing and gives false
  /// when a sum is no int8. Weights of more bits are left alone: those of a filter must span no more than a byte.
  package mutating func move(_ channel: Int, to target: Int) -> Bool {
    guard type.element == .int8 else { return false }
    for row in 0..<filterPositions {
      guard (-128...127).contains(values[row * depth + channel] + values[row * depth + target]) else { return false }
    }
    for row in 0..<filterPositions {
      values[row * depth + target] += values[row * depth + channel]
      values[row * depth + channel] = 0
    }
    return true
  }

  /// The weights of an input channel.
  package subscript(_ channel: Int) -> [Int32] {
    get { (0..<filterPositions).map { values[$0 * depth + channel] } }
    set { for (row, value) in zip(0..<filterPositions, newValue) { values[row * depth + channel] = value } }
  }

  package func tensor() throws(Diagnostic) -> Tensor {
    Tensor(try plainType(type.element, type.shape.dims), ints: values)
  }
}
