import IR
import Operators
import Support

/// An operator of floats through which gradients pass.
///
/// Conformances stand in the files `Derivatives+….swift`, a short extension for each operator; what has none is refused by
/// ``Differentiator``. Where a function has a kink, one of its one-sided derivatives or 0 is taken.
protocol DifferentiableOperator: Operator {
  /// The gradients of the wanted inputs; nil for the others.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?]
}

/// A node on the way back: what it read and wrote, and the gradients of what it wrote.
struct BackwardStep {
  let inputs: [Tensor]
  let outputs: [Tensor]
  /// Row-major like the outputs themselves; nil for outputs on which the loss does not depend.
  let gradients: [[Float]?]
  /// For each input, whether its gradient is asked for.
  let wanted: [Bool]

  /// The gradient of an output.
  func gradient(_ output: Int = 0) -> [Float] {
    gradients[output] ?? [Float](repeating: 0, count: outputs[output].type.shape.elementCount)
  }

  func input(_ position: Int) throws(Diagnostic) -> [Float] { try inputs[position].floats("an input") }

  func output(_ position: Int = 0) throws(Diagnostic) -> [Float] { try outputs[position].floats("an output") }

  func shape(_ input: Int) -> Shape { inputs[input].type.shape }

  /// One entry for each input, all nil but the first ones.
  func results(_ first: [Float]?...) -> [[Float]?] {
    first + [[Float]?](repeating: nil, count: max(0, inputs.count - first.count))
  }

  /// The gradient of the first output before its activation, which lets gradients through where it changes nothing.
  func gradient(before activation: Activation) throws(Diagnostic) -> [Float] {
    var gradient = gradient()
    if activation == .none { return gradient }
    let range = activation.realRange
    for (place, value) in try output().enumerated() where value <= range.lowerBound || value >= range.upperBound {
      gradient[place] = 0
    }
    return gradient
  }

  /// The gradient of an input that repeats to the shape of the first output, from the gradients of its repetitions.
  func reduced(_ repeated: [Float], to input: Int) -> [Float] {
    let places = shape(input).places(repeatedTo: outputs[0].type.shape)
    guard let places else { return repeated }
    var sums = [Float](repeating: 0, count: shape(input).elementCount)
    for (value, place) in zip(repeated, places) { sums[place] += value }
    return sums
  }

  /// An input repeated to the shape of the first output.
  func repeated(_ position: Int) throws(Diagnostic) -> [Float] {
    let values = try input(position)
    guard let places = shape(position).places(repeatedTo: outputs[0].type.shape) else { return values }
    return places.map { values[$0] }
  }
}

extension Shape {
  /// For each element of a tensor of the shape `target`, to which one of this shape repeats, the element of this one that
  /// stands there; nil when they are the same elements in the same order.
  func places(repeatedTo target: Shape) -> [Int]? {
    if elementCount == target.elementCount { return nil }
    let own = [Int](repeating: 1, count: max(0, target.rank - rank)) + dims
    let ownStrides = [Int](repeating: 0, count: max(0, target.rank - rank)) + strides
    var places = [0]
    for axis in 0..<target.rank {
      let step = own[axis] == 1 ? 0 : ownStrides[axis]
      places = places.flatMap { start in (0..<target[axis]).map { start + $0 * step } }
    }
    return places
  }
}
