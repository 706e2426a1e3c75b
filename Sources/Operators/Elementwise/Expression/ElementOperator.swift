import IR
import Support

/// A source operator whose output elements depend on one element of each input, which broadcast.
protocol ElementOperator: QuantizedOperator, PointwiseOperator, AxislessOperator {
  /// What the operator computes of integers; fails when the types do not suit it.
  func expression(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ElementExpression

  /// What it computes of floats; truth values are 0 and 1.
  func real(_ x: [Float]) -> Float

  /// The number of inputs that it takes.
  static var inputCount: ClosedRange<Int> { get }

  /// Fails when the types of an operator with a float operand do not suit it.
  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic)
}

extension ElementOperator {
  static var inputCount: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: Self.inputCount)
    return [try ElementBroadcast.shape(inputs.map(\.type.shape))]
  }

  func checkReals(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) {
    for type in inputs + [output] { try require(type, "operand of a float operator", is: [.float32]) }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    let types = inputs.map(\.type)
    if (types + outputs).contains(where: { $0.element == .float32 }) {
      try checkReals(types, outputs[0])
    } else {
      _ = try expression(types, outputs[0])
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if inputs.contains(where: { $0.type.element == .float32 }) { return [try evaluateReals(inputs, outputs[0])] }
    return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  private func evaluateReals(_ inputs: [Tensor], _ output: TensorType) throws(Diagnostic) -> Tensor {
    let values = inputs.map { input in
      switch input.elements {
      case .ints(let ints): ints.map { Float($0) }
      case .wide(let wide): wide.map { Float($0) }
      case .floats(let floats): floats
      }
    }
    var result: [Float] = []
    try ElementBroadcast(inputs.map(\.type.shape), to: output.shape).forEach { offsets in
      result.append(real(values.indices.map { values[$0][offsets[$0]] }))
    }
    guard output.element == .float32 else { return Tensor(output, ints: result.map { $0 == 0 ? 0 : 1 }) }
    return Tensor(output, floats: result)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try .elementwise(inputs, outputs[0], try expression(inputs.map(\.type), outputs[0]))
  }
}

extension FoldedOperator {
  /// The operator for `expression`; constants of one element become a part of it.
  static func elementwise(
    _ inputs: [Operand], _ output: TensorType, _ expression: ElementExpression
  ) throws(Diagnostic) -> FoldedOperator {
    var replacements: [ElementExpression] = []
    var kept: [Input] = []
    for (position, input) in inputs.enumerated() {
      // At least one input stays a tensor.
      if let constant = input.constant, constant.type.shape.elementCount == 1,
        position < inputs.count - 1 || !kept.isEmpty
      {
        replacements.append(.constant(try constant.ints("the constant")[0]))
      } else {
        replacements.append(.input(kept.count))
        kept.append(.input(position))
      }
    }
    let op = IntegerElementwise(expression: expression.replacingInputs { replacements[$0] }, shape: output.shape)
    return FoldedOperator(op, kept)
  }
}

extension ElementExpression {
  /// The expression requantized to the output type: a factor, the zero point and a clamp.
  func requantized(
    _ scale: Requantization, _ zeroPoint: Int32, _ clamp: ClosedRange<Int32>
  ) -> ElementExpression { (scaled(scale) + zeroPoint).clamped(clamp) }
}

extension TensorType {
  /// All values of the integer element type.
  func allValues() throws(Diagnostic) -> ClosedRange<Int32> {
    guard let range = element.range else {
      throw Diagnostic("operator.type", "\(element.rawValue) has no range of 32-bit integers")
    }
    return range
  }
}
