import IR
import Operators
import Support

/// Operators that only move elements.
extension RandomModels {
  static let movement: [String: Generator] = [
    "concatenation": { models in
      var dims = models.shape(ranks: 1...4)
      let axis = models.int(0...dims.count - 1)
      let common = try models.anyType(dims)
      var total = 0
      var operands: [TensorID] = []
      for _ in 0..<models.int(1...4) {
        dims[axis] = models.int(1...4)
        total += dims[axis]
        operands.append(models.input(TensorType(common.element, try Shape(dims), common.quantization)))
      }
      dims[axis] = total
      return (Concatenation(axis: axis), operands, [TensorType(common.element, try Shape(dims), common.quantization)])
    },
    "split": { models in
      let parts = models.int(1...4)
      var dims = models.shape(ranks: 1...4)
      let axis = models.int(0...dims.count - 1)
      dims[axis] = parts * models.int(1...3)
      let whole = try models.anyType(dims)
      dims[axis] /= parts
      let part = TensorType(whole.element, try Shape(dims), whole.quantization)
      return (Split(axis: axis, count: parts), [models.input(whole)], [TensorType](repeating: part, count: parts))
    },
    "pad": { models in
      let dims = models.shape(ranks: 1...4)
      let data = try models.anyType(dims)
      let before = dims.map { _ in models.int(0...3) }
      let after = dims.map { _ in models.int(0...3) }
      let op = Pad(before: before, after: after, value: try models.border(data.element))
      let padded = dims.indices.map { before[$0] + dims[$0] + after[$0] }
      return (op, [models.input(data)], [TensorType(data.element, try Shape(padded), data.quantization)])
    },
    "reshape": { models in
      let dims = models.shape(ranks: 1...4)
      let data = try models.anyType(dims)
      let flat = [dims.reduce(1, *)]
      return (
        Reshape(shape: flat), [models.input(data)], [TensorType(data.element, try Shape(flat), data.quantization)]
      )
    },
    "transpose": { models in
      let dims = models.shape(ranks: 1...5)
      let permutation = Array(dims.indices).shuffled(using: &models.random)
      let data = try models.anyType(dims)
      return (
        Transpose(permutation: permutation), [models.input(data)],
        [TensorType(data.element, try Shape(permutation.map { dims[$0] }), data.quantization)]
      )
    },
    "strided_slice": { try $0.stridedSlice() },
  ]

  /// The value of a border.
  mutating func border(_ element: ElementType) throws -> Int {
    let range = element.range ?? 0...0
    return int(Int(range.lowerBound)...Int(range.upperBound))
  }

  mutating func stridedSlice() throws -> Model {
    let dims = shape(ranks: 1...4, sizes: 1...6)
    let data = try anyType(dims)
    while true {
      let begin = dims.map { int(-$0...$0) }
      let end = dims.map { int(-$0 - 1...$0 + 1) }
      let strides = dims.map { _ in pick([1, 1, 2, -1, -2, 3]) }
      let op = try StridedSlice(
        of: data.shape, begin: begin, end: end, strides: strides, beginMask: int(0...15), endMask: int(0...15),
        shrinkMask: coin() ? 0 : int(0...1))
      // Empty slices are refused; another one is drawn.
      guard let result = try? op.outputShapes([Operand(data)])[0] else { continue }
      return (op, [input(data)], [TensorType(data.element, result, data.quantization)])
    }
  }
}
