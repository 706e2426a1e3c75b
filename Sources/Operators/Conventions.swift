package import IR
package import Support

/// An operator as a front end builds it: it can be stored in `model.bin` and made again from its attributes.
package protocol SourceOperator: Operator {
  init(_ attributes: Attributes) throws(Diagnostic)

  /// What the scales of its int8 form must be, when a float network is quantized.
  var quantizationRule: QuantizationRule { get }

  /// The operator on int8 operands that takes the place of this one on floats.
  ///
  /// - Parameter outputs: quantized.
  func quantized(_ outputs: [TensorType]) throws(Diagnostic) -> any SourceOperator
}

extension SourceOperator {
  package var quantizationRule: QuantizationRule {
    self is any MovementOperator || self is any RearrangingOperator ? .shared : .own
  }
  package func quantized(_ outputs: [TensorType]) throws(Diagnostic) -> any SourceOperator { self }
}

/// A source operator with states: what each of these outputs gives, the same input reads in the next inference.
package protocol StatefulOperator: SourceOperator {
  static var statePairs: [(input: Int, output: Int)] { get }
}

/// A source operator whose scales and zero points fold into integer constants.
package protocol QuantizedOperator: SourceOperator {
  /// The same computation as an operator in integer normal form.
  func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator
}

/// A source operator that maps each element by itself, whatever the shape: a candidate for a table.
package protocol UnaryOperator: AxislessOperator {}

/// A source operator each of whose output elements depends on one element of each input, which broadcast. With constants of
/// single elements beside it, a tensor of floats is mapped element by element, too.
package protocol PointwiseOperator: SourceOperator {}

extension UnaryOperator {
  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [inputs[0].type.shape]
  }
}

/// A unary operator without parameters.
protocol PlainUnaryOperator: UnaryOperator {
  init()
}

extension PlainUnaryOperator {
  package init(_ attributes: Attributes) throws(Diagnostic) { self.init() }
  package var attributes: Attributes { Attributes() }
}

extension UnaryOperator {
  /// Fails unless input and output are int8.
  func requireInt8(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
  }
}

/// What a quantized operator becomes: an operator and what it reads.
package struct FoldedOperator: Sendable {
  package enum Input: Sendable {
    /// An input of the operator before folding, by position.
    case input(Int)
    /// A new constant; the name says its role, such as `bias`.
    case constant(Tensor, String)
  }

  package let op: any Operator
  package let inputs: [Input]

  package init(_ op: any Operator, _ inputs: [Input]) {
    self.op = op
    self.inputs = inputs
  }

  /// What the operator reads when the one before folding reads `inputs`.
  package func values(_ inputs: [Tensor]) -> [Tensor] {
    self.inputs.map { input in
      switch input {
      case .input(let position): inputs[position]
      case .constant(let value, _): value
      }
    }
  }
}

/// An operator in integer normal form that ends with a clamp to a range, into which a following clamp can be absorbed.
package protocol ClampingOperator: Operator {
  var clamp: ClosedRange<Int32> { get set }
}

/// A clamping operator whose clamp is a part of its output stage.
protocol StagedOperator: ClampingOperator, EmittableOperator {
  var stage: OutputStage { get set }
}

extension StagedOperator {
  package var clamp: ClosedRange<Int32> {
    get { stage.clamp }
    set { stage.clamp = newValue }
  }
}

/// An operator in integer normal form: kernels write it as C.
package protocol EmittableOperator: Operator {
  static var kernels: [any Kernel] { get }

  /// How many of the inputs, from the first on, are data that kernels read through a pointer; nil for all. The others
  /// are parameters, which kernels write as tables of their own.
  static var dataInputs: Int? { get }
}

extension EmittableOperator {
  package static var dataInputs: Int? { nil }
}

/// An operator that may write outputs into the memory of inputs, element by element at the same places: all of its kernels
/// are right whether both lie there or not.
package protocol InPlaceOperator: EmittableOperator {
  var inPlace: [(input: Int, output: Int)] { get }
}

extension Operator {
  /// Outputs hold elements of the inputs, so that they may lie in their memory.
  package var movesElements: Bool { self is any MovementOperator || self is Reshape }
}

/// A tensor type of plain integers.
func plainType(_ element: ElementType, _ dims: [Int]) throws(Diagnostic) -> TensorType {
  TensorType(element, try Shape(dims))
}
