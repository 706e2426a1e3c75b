package import IR
import Support

/// The sizes of a recurrent layer: data [batch, time, inputs] or [time, batch, inputs], hidden state [batch, units].
struct RecurrentDimensions {
  let batch: Int
  let time: Int
  let inputs: Int
  let units: Int
  let isTimeMajor: Bool

  /// - Parameter types: those of data and hidden state, and what follows.
  init(_ types: [TensorType], isTimeMajor: Bool) {
    let data = types[0].shape
    (batch, time) = isTimeMajor ? (data[1], data[0]) : (data[0], data[1])
    (inputs, units) = (data[2], types[1].shape[1])
    self.isTimeMajor = isTimeMajor
  }

  /// Goes through the sequences of all batches, which do not depend on each other.
  ///
  /// - Parameters:
  ///   - hidden: the hidden states before the first step, [batch, units].
  ///   - step: gives the hidden states of a batch after a step for the places of its first datum and of the batch's first unit,
  ///     and the hidden states before.
  /// - Returns: the hidden states of all steps in the order of the output, and those after the last step.
  func run<Value>(
    from hidden: [Value], _ step: (_ data: Int, _ first: Int, _ before: [Value]) -> [Value]
  ) -> (all: [Value], last: [Value]) {
    guard let any = hidden.first else { return ([], []) }
    var (all, last) = ([Value](repeating: any, count: batch * time * units), hidden)
    for batch in 0..<batch {
      let first = batch * units
      var states = Array(hidden[first..<first + units])
      for time in 0..<time {
        let position = isTimeMajor ? time * self.batch + batch : batch * self.time + time
        states = step(position * inputs, first, states)
        all.replaceSubrange(position * units..<(position + 1) * units, with: states)
      }
      last.replaceSubrange(first..<first + units, with: states)
    }
    return (all, last)
  }

  func multiplyAccumulates(gates: Int) -> Int { batch * time * gates * units * (inputs + units) }
}

/// A layer that goes through a sequence step by step: data in the order of `isTimeMajor`, a hidden state, and what each step
/// makes of them, with one matrix for the data and one for the hidden state in each gate.
package protocol RecurrentOperator: QuantizedOperator, StatefulOperator {
  static var gates: Int { get }

  var isTimeMajor: Bool { get }
  /// The largest magnitude of the sum of a gate before its activation; 0 for no bound.
  var clip: Float { get }
}

extension RecurrentOperator {
  func dimensions(_ inputs: [Operand]) -> RecurrentDimensions {
    RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    dimensions(inputs).multiplyAccumulates(gates: Self.gates)
  }

  /// The shapes of the outputs, when those of the inputs are `parameters` behind data and `states` hidden and cell states.
  func outputShapes(
    _ inputs: [Operand], states count: Int, parameters: (RecurrentDimensions) -> [[Int]]
  ) throws(Diagnostic) -> [Shape] {
    let shapes = inputs.map(\.type.shape)
    guard shapes[0].rank == 3, shapes[1].rank == 2, shapes.allSatisfy({ $0.elementCount > 0 }) else {
      throw failure("shape", "data \(shapes[0]) must have 3 dimensions and states \(shapes[1]) 2, none empty")
    }
    let dims = dimensions(inputs)
    let states = try Shape([dims.batch, dims.units])
    guard shapes[1...count].allSatisfy({ $0 == states }), shapes.dropFirst(count + 1).map(\.dims) == parameters(dims)
    else { throw failure("shape", "states, weights or biases do not fit data \(shapes[0]) and \(dims.units) units") }
    return [try Shape(Array(shapes[0].dims[0...1]) + [dims.units])] + [Shape](repeating: states, count: count)
  }

  /// Checks what holds for floats and integers, and the types of floats; true when the operands are floats.
  func checkFloatTypes(
    _ inputs: [Operand], _ outputs: [TensorType], states count: Int
  ) throws(Diagnostic) -> Bool {
    for pair in Self.statePairs where inputs[pair.input].type != outputs[pair.output] {
      throw failure("state", "a state has another type after than before")
    }
    guard clip.isFinite, clip >= 0 else { throw failure("clip", "the bound of what is activated is \(clip)") }
    for input in inputs[(count + 1)...] where input.constant == nil {
      throw failure("constant", "weights and biases must be constant")
    }
    guard inputs[0].type.element == .float32 else { return false }
    for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.float32]) }
    return true
  }

  /// The attributes that all of these layers have.
  var commonAttributes: [(name: String, value: Attributes.Value)] {
    [("time_major", .bool(isTimeMajor))] + (clip == 0 ? [] : [("clip", .float(clip))])
  }

  /// `value` inside of the bound of what is activated.
  func clipped(_ value: Float) -> Float { clip > 0 ? min(max(value, -clip), clip) : value }

  /// The bound in steps of `scale`, for numbers of 16 bits; nil for none.
  func clipSteps(_ scale: Double) -> Int32? {
    let steps = (Double(clip) / scale).rounded()
    return clip > 0 && steps < 32767 ? Int32(steps) : nil
  }
}

extension Attributes {
  /// The bound of what is activated in a recurrent layer, which files need not have.
  func activationBound() throws(Diagnostic) -> Float { has("clip") ? try float("clip") : 0 }
}
