import IR
import Operators
import Support

/// Comparisons, selections, and arithmetic on single elements.
extension RandomModels {
  static let arithmetic: [String: Generator] = [
    "compare": { models in
      let relation = models.pick(Comparison.Relation.allCases)
      let isEquality = relation == .equal || relation == .notEqual
      let element: ElementType = models.pick([.int8, .int8, .int16, .uint8, .int32, isEquality ? .bool : .int8])
      models.largestScale = 0.9
      models.arePlain = element == .int16 || models.coin()
      defer { (models.largestScale, models.arePlain) = (.infinity, false) }
      return try models.pointwise(Comparison(relation), element, output: .bool)
    },
    "extremum": {
      try $0.pointwise(Extremum($0.pick(Extremum.Kind.allCases)), $0.pick([.int8, .uint8, .int16, .int32]))
    },
    "logical": { models in
      let operation = models.pick(Logical.Operation.allCases)
      return try models.pointwise(Logical(operation), .bool, count: operation == .not ? 1 : 2)
    },
    "select": { models in
      let element: ElementType = models.pick([.int8, .uint8, .int16, .int32])
      var (_, operands, outputs) = try models.pointwise(Extremum(.maximum), element)
      let dims = outputs[0].shape.dims.map { models.coin() && models.coin() ? 1 : $0 }
      operands.insert(models.input(TensorType(.bool, try Shape(dims))), at: 0)
      return (Select(), operands, outputs)
    },
    "integer_arithmetic": { models in
      let operation = models.pick(IntegerArithmetic.Operation.allCases)
      let isShift = operation == .shiftLeft || operation == .shiftRight
      models.arePlain = true
      defer { models.arePlain = false }
      return try models.pointwise(
        IntegerArithmetic(operation), isShift ? .uint8 : models.pick([.int8, .uint8, .int16, .int32]))
    },
    "div": { try $0.pointwise(Division(activation: $0.activation()), $0.pick([.int8, .int32])) },
    "floor_division": { models in
      let dims = models.shape(ranks: 1...4)
      let op = FloorDivision(models.pick(FloorDivision.Result.allCases))
      let divisor = models.real([1], from: models.coin() ? 0.5...3 : -3 ... -0.5)
      let data = models.coin() ? try models.realInput(dims) : models.real(dims, from: -20...20)
      return (op, [data, divisor], [TensorType(.float32, try Shape(dims))])
    },
    "squared_difference": { try $0.pointwise(SquaredDifference(), $0.pick([.int8, .int16, .int32])) },
    "add_n": { models in
      let dims = models.shape(ranks: 1...4)
      let common = try models.type(dims)
      let operands = (0..<models.int(2...5)).map { _ in models.input(common) }
      return (AddN(), operands, [try models.type(dims)])
    },
    "prelu": { models in
      let element: ElementType = models.pick([.int8, .int16])
      let dims = models.shape(ranks: 1...4)
      let slope = try models.quantized(.int8, [models.coin() ? 1 : dims[dims.count - 1]])
      let operands = [models.input(try models.quantized(element, dims)), models.dataOrConstant(slope)]
      return (Prelu(), operands, [try models.quantized(element, dims)])
    },
    "abs": { models in
      guard models.coin() else { return try models.mapped(Abs(), .int8) }
      let plain = TensorType(.int16, try Shape([models.int(256...300)]))
      return models.coin() ? try models.mapped(Abs(), .int16) : (Abs(), [models.input(plain)], [plain])
    },
    "rsqrt": { try $0.mapped(Rsqrt(), $0.pick([.int8, .int16, .int16])) },
    "elu": { try $0.mapped(Elu(), .int8) },
    "exp": { try $0.mapped(Exponential(), .int8) },
    "log": { try $0.mapped(Logarithm(), .int8) },
  ]

  /// A type of the given element with a scale, where such elements have one.
  mutating func quantized(_ element: ElementType, _ dims: [Int]) throws -> TensorType {
    switch element {
    case _ where arePlain: TensorType(element, try Shape(dims))
    case .int8: try type(dims, scale: min(scale(), largestScale))
    case .int16:
      TensorType(.int16, try Shape(dims), try .perTensor(scale: scale() / 64, zeroPoint: 0))
    default: TensorType(element, try Shape(dims))
    }
  }

  /// An input or a constant of random values.
  mutating func dataOrConstant(_ type: TensorType) -> TensorID {
    guard coin() && coin(), let range = type.element.range else { return input(type) }
    let values = (0..<type.shape.elementCount).map { _ in Int32(int(Int(range.lowerBound)...Int(range.upperBound))) }
    return graph.add(constant: Tensor(type, ints: values), name: "constant")
  }

  /// A constant of random floats.
  mutating func real(_ dims: [Int], from range: ClosedRange<Float>) -> TensorID {
    let count = dims.reduce(1, *)
    let type = (try? Shape(dims)).map { TensorType(.float32, $0) }
    let values = (0..<count).map { _ in Float.random(in: range, using: &random) }
    return graph.add(
      TensorInfo(
        name: "reals", type: type ?? graph[graph.inputs[0]].type,
        constant: type.map { Tensor($0, floats: values).bytes }))
  }

  /// Two operands, or as many as `count` says, that broadcast together.
  mutating func pointwise(
    _ op: any SourceOperator, _ element: ElementType, output: ElementType? = nil, count: Int = 2
  ) throws -> Model {
    let dims = shape(ranks: 1...5, sizes: 1...4)
    var types: [TensorType] = []
    for _ in 0..<count {
      let own = dims.map { coin() && coin() ? 1 : $0 }
      types.append(try quantized(element, Array(own.dropFirst(coin() ? 0 : int(0...dims.count - 1)))))
    }
    var operands = [input(types[0])]
    for type in types.dropFirst() { operands.append(dataOrConstant(type)) }
    if coin() { operands.reverse() }
    let result = try types.dropFirst().reduce(types[0].shape) { try Broadcast($0, $1.shape).shape }
    return (op, operands, [try quantized(output ?? element, result.dims)])
  }

  /// One operand, with enough elements for every byte.
  mutating func mapped(_ op: any SourceOperator, _ element: ElementType) throws -> Model {
    let dims = [int(256...300)]
    return (op, [input(try quantized(element, dims))], [try quantized(element, dims)])
  }
}
