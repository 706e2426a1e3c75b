package import IR
package import Support

/// How the scales of an operator's operands hang together in int8, as TensorFlow Lite Micro demands it.
package enum QuantizationRule: Equatable, Sendable {
  /// Every output has a scale and zero point of its own, and inputs may have any.
  case own
  /// All inputs and outputs have one scale and zero point.
  case shared
  /// The output has this scale and zero point, whatever its values are.
  ///
  /// - Parameter wide: its scale as int16, with the zero point 0; nil when the operator has no such form.
  case fixed(scale: Float, zeroPoint: Int32, wide: Float?)
  /// Data, constant weights with one scale for each slice of the axis, and optionally a bias in the scale input × weights.
  case weighted(channelAxis: Int)
  /// Several matrices of weights, and states: the first output has a scale and zero point of its own.
  case operands(OperandRules)
}

/// How the operands of an operator with matrices and states are quantized.
package struct OperandRules: Equatable, Sendable {
  /// An operand, by position.
  package enum Place: Equatable, Sendable {
    case input(Int)
    case output(Int)
  }

  /// What sums are scaled to.
  package enum Target: Equatable, Sendable {
    case output(Int)
    case scale(Float)
  }

  /// A constant matrix, whose products with data are summed: symmetric, with an optional bias in the scale data × weights.
  package struct Sum: Equatable, Sendable {
    package let data: Place
    /// Positions of the matrix and of its int32 bias among the inputs.
    package let weights: Int
    package let bias: Int?
    /// The axis of the matrix, and the first one of the bias, whose slices have scales of their own; nil for one scale.
    package let axis: Int?
    package let target: Target
    /// The type of the weights, and their largest magnitude.
    package let element: ElementType
    package let largest: Int32

    package init(
      data: Place, weights: Int, bias: Int? = nil, axis: Int?, target: Target, element: ElementType = .int8,
      largest: Int32 = 127
    ) {
      self.data = data
      self.weights = weights
      self.bias = bias
      self.axis = axis
      self.target = target
      self.element = element
      self.largest = largest
    }
  }

  /// An input that holds before the node has run what the output holds after it.
  package struct State: Equatable, Sendable {
    package enum Form: Equatable, Sendable {
      /// int8, with scale and zero point of the first output.
      case output
      /// int16, symmetric.
      case symmetric
      /// int16, symmetric, and the scale is a power of 2.
      case powerOfTwo
    }

    package let input: Int
    package let output: Int
    package let form: Form

    package init(input: Int, output: Int, form: Form) {
      self.input = input
      self.output = output
      self.form = form
    }

    package var isWide: Bool { form != .output }
  }

  package let sums: [Sum]
  package let states: [State]

  package init(sums: [Sum], states: [State]) {
    self.sums = sums
    self.states = states
  }
}

/// An operator inside of which there are values that the scales of its outputs must hold, though no output shows them.
package protocol InternalRanges: SourceOperator {
  /// The values beside the outputs themselves for float inputs, one list for each output.
  func internalValues(_ inputs: [Tensor]) throws(Diagnostic) -> [[Float]]
}

// Operators that pick or replace elements, whose conditions and indices are no real values.
extension Gather { package var quantizationRule: QuantizationRule { .shared } }
extension GatherND { package var quantizationRule: QuantizationRule { .shared } }
extension DynamicUpdateSlice { package var quantizationRule: QuantizationRule { .shared } }
