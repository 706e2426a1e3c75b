import IR
import Operators
import Support

/// Operators that only move elements.
extension ONNXCall {
  static let movement: [String: Builder] = [
    "Transpose": { (call) throws(Diagnostic) in
      let rank = try call.shape(0).rank
      let permutation = try call.ints("perm") ?? Array((0..<rank).reversed())
      if case .constant(let constant) = try call.value(0) {
        try call.spend(constant.shape.elementCount)
        return [.constant(try constant.transposed(permutation))]
      }
      return [.tensor(try call.move(Transpose(permutation: permutation), try call.data(0)), try call.element(0))]
    },
    "DepthToSpace": { (call) throws(Diagnostic) in
      let (n, c, h, w) = try call.imageDims()
      let b = try call.int("blocksize", default: 1)
      guard (1...4096).contains(b), c % (b * b) == 0 else {
        throw call.failure("attribute", "`blocksize` does not divide the channels")
      }
      let isCRD = try call.string("mode", default: "DCR") == "CRD"
      let parts = isCRD ? [n, c / (b * b), b, b, h, w] : [n, b, b, c / (b * b), h, w]
      let order = isCRD ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
      return [try call.rearranged(parts, order, [n, c / (b * b), h * b, w * b])]
    },
    "SpaceToDepth": { (call) throws(Diagnostic) in
      let (n, c, h, w) = try call.imageDims()
      let b = try call.int("blocksize", default: 1)
      guard (1...4096).contains(b), h % b == 0, w % b == 0 else {
        throw call.failure("attribute", "`blocksize` does not divide the image")
      }
      return [
        try call.rearranged([n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4], [n, c * b * b, h / b, w / b])
      ]
    },
  ]

  private func imageDims() throws(Diagnostic) -> (Int, Int, Int, Int) {
    let shape = try shape(0)
    guard shape.rank == 4 else { throw failure("rank", "the input of the shape \(shape) is no image") }
    return (shape[0], shape[1], shape[2], shape[3])
  }

  private mutating func rearranged(_ parts: [Int], _ order: [Int], _ dims: [Int]) throws(Diagnostic) -> ONNXValue {
    var id = try move(Reshape(shape: parts), try data(0))
    id = try move(Transpose(permutation: order), id)
    return .tensor(try move(Reshape(shape: dims), id), try element(0))
  }
}

extension Shape {
  /// For each element of this shape in row-major order its position in a tensor of the shape `other`.
  ///
  /// - Parameter place: maps an axis and an index along it to the index in the other shape.
  func positions(in other: Shape, _ place: (Int, Int) -> Int) -> [Int] {
    guard elementCount > 0 else { return [] }
    let strides = other.strides
    var positions = [0]
    for axis in dims.indices {
      let steps = (0..<dims[axis]).map { place(axis, $0) * strides[axis] }
      positions = positions.flatMap { base in steps.map { base + $0 } }
    }
    return positions
  }
}
