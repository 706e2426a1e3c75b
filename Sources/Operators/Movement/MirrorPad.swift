package import IR
package import Support

/// A border that mirrors what is inside of it, with (symmetric) or without (reflecting) the outermost elements.
///
/// Source: `tensorflow/lite/micro/kernels/mirror_pad.cc`.
package struct MirrorPad: RearrangingOperator {
  package static let mnemonic = "mirror_pad"
  package let before: [Int]
  package let after: [Int]
  package let isReflecting: Bool

  package init(before: [Int], after: [Int], isReflecting: Bool) {
    self.before = before
    self.after = after
    self.isReflecting = isReflecting
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    before = try attributes.ints("before")
    after = try attributes.ints("after")
    isReflecting = try attributes.bool("reflect")
  }

  package var attributes: Attributes {
    Attributes([("before", .ints(before)), ("after", .ints(after)), ("reflect", .bool(isReflecting))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard before.count == shape.rank, after.count == shape.rank else {
      throw failure("padding", "the paddings \(before) and \(after) do not suit the shape \(shape)")
    }
    for axis in 0..<shape.rank {
      let most = shape[axis] - (isReflecting ? 1 : 0)
      guard most >= 0, (0...most).contains(before[axis]), (0...most).contains(after[axis]) else {
        throw failure(
          "padding",
          "axis \(axis) of \(shape) can be mirrored by at most \(max(0, most)) elements, not \(before[axis]) and \(after[axis])"
        )
      }
    }
    return [try Shape((0..<shape.rank).map { before[$0] + shape[$0] + after[$0] })]
  }

  func copies(_ inputs: [Operand], _ outputs: [Shape]) throws(Diagnostic) -> Copies {
    let shape = inputs[0].type.shape
    let (source, target) = (shape.strides, outputs[0].strides)
    let axes = (0..<shape.rank).map { axis in
      before[axis] + after[axis] == 0
        ? CopyAxis(shape[axis], source: source[axis], target: target[axis])
        : CopyAxis(
          source: (0..<outputs[0][axis]).map { mirrored($0 - before[axis], shape[axis]) * source[axis] },
          target: target[axis])
    }
    return [(0, 0, StridedCopy(axes))]
  }

  private func mirrored(_ index: Int, _ size: Int) -> Int {
    let edge = isReflecting ? 0 : 1
    if index < 0 { return -index - edge }
    return index < size ? index : 2 * (size - 1) - index + edge
  }
}
