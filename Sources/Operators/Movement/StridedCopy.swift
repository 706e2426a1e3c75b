import IR
import Support

/// A copy of a box of elements between two tensors.
///
/// TRANSPOSE, STRIDED_SLICE, SPLIT, CONCATENATION and PAD are such copies.
package struct StridedCopy: Equatable, Sendable {
  package let sourceStart: Int
  package let targetStart: Int
  /// Steps of the source and of the target.
  package let nest: LoopNest

  /// A copy of a box with the dimensions `dims`.
  package init(
    _ dims: [Int], sourceStart: Int = 0, sourceStrides: [Int], targetStart: Int = 0, targetStrides: [Int]
  ) {
    self.sourceStart = sourceStart
    self.targetStart = targetStart
    nest = LoopNest(
      dims.indices.map { LoopNest.Axis(size: dims[$0], steps: [sourceStrides[$0], targetStrides[$0]]) })
  }

  /// Copies within Swift.
  package func apply(_ source: [Int32], _ target: inout [Int32]) {
    nest.forEach(tensors: 2) { target[targetStart + $0[1]] = source[sourceStart + $0[0]] }
  }
}

extension Tensor {
  /// The integers, or the bits of the floats.
  var movable: [Int32] {
    switch elements {
    case .ints(let values): values
    // Only constants of 64 bits have such values, and nothing moves those.
    case .wide(let values): values.map { Int32(truncatingIfNeeded: $0) }
    case .floats(let values): values.map { Int32(bitPattern: $0.bitPattern) }
    }
  }

  /// A tensor of elements as ``movable`` gives them.
  init(_ type: TensorType, moved: [Int32]) {
    if type.element == .float32 {
      self.init(type, floats: moved.map { Float(bitPattern: UInt32(bitPattern: $0)) })
    } else {
      self.init(type, ints: moved)
    }
  }
}

/// An operator that only moves elements: its outputs are copies from its inputs over a background.
protocol MovementOperator: SourceOperator, ChannelOperator {
  /// The copies, each with the input and the output between which it runs.
  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> [(input: Int, output: Int, copy: StridedCopy)]
  /// The value of elements to which nothing is copied, of floats the bits; nil when there are none.
  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Int32?
}

extension MovementOperator {
  package static var kernels: [any Kernel] { [CopyKernel()] }
  package var quantizationRule: QuantizationRule { .shared }

  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Int32? { nil }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in outputs + inputs.map(\.type) {
      try require(type, "operand", is: [.int8, .uint8, .int32, .float32])
      try require(type, sameElementAs: inputs[0].type, "inputs and outputs")
    }
    _ = try background(outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let fill = try background(outputs) ?? 0
    var results = outputs.map { [Int32](repeating: fill, count: $0.shape.elementCount) }
    for (input, output, copy) in copies(inputs.map(\.type.shape), outputs.map(\.shape)) {
      copy.apply(inputs[input].movable, &results[output])
    }
    return zip(outputs, results).map { Tensor($0, moved: $1) }
  }
}

extension MovementOperator {
  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    movedRanges(layer, inputs, background: try background(layer.outputs))
  }
}
