import Codegen
package import IR
import Machine
import Operators
package import Planning
package import Support

/// Where two results differ first.
package struct Difference: Equatable, Sendable {
  package let vector: Int
  package let output: Int
  package let element: Int
  package let expected: String
  package let actual: String
  /// How many of the compared elements differ.
  package let count: Int
}

/// Proves emitted C: compiles it, runs it, and compares every output with the reference semantics, bit for bit.
package struct Verification: Sendable {
  package let pipeline: Pipeline
  package let harness: Harness
  package let imported: Graph
  package let lowered: Graph
  /// How the network is planned.
  private let request: SelectionRequest
  private let options = EmitOptions(name: "model")

  package init(
    pipeline: Pipeline, harness: Harness, imported: Graph, _ request: SelectionRequest = SelectionRequest()
  ) throws(Diagnostic) {
    self.request = request
    self.pipeline = pipeline
    self.harness = harness
    self.imported = imported
    lowered = try Pipeline.lower(imported)
  }

  /// Generated vectors for the inputs of the emitted C.
  package func generatedVectors() -> [[Tensor]] {
    VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type })
  }

  /// Vectors from `.npy` files, as the emitted C takes them: floats are quantized.
  package func vectors(from paths: [String]) throws(Diagnostic) -> [[Tensor]] {
    try Vectors.load(paths, for: lowered.inputs.map { lowered[$0] }, role: "input")
  }

  /// The outputs of the reference semantics for inputs of the emitted C, as the emitted C gives them.
  ///
  /// Both the graph of the file and the graph after all passes are evaluated and must agree.
  package func reference(_ vectors: [[Tensor]]) throws(Diagnostic) -> [[Tensor]] {
    let original = try Interpreter(imported)
    let rewritten = try Interpreter(lowered)
    var results: [[Tensor]] = []
    var originals: [[Tensor]] = []
    for vector in vectors { originals.append(try convert(vector, from: lowered.inputs, to: imported.inputs)) }
    let answers = zip(try original.outputs(inSequence: originals), try rewritten.outputs(inSequence: vectors))
    for (index, (expected, outputs)) in answers.enumerated() {
      let actual = try convert(outputs, from: lowered.outputs, to: imported.outputs)
      if let difference = Self.compare([expected], [actual]) {
        throw Diagnostic(
          "verify.passes", .negative,
          "the passes changed output \(difference.output) of vector \(index), element \(difference.element): "
            + "\(difference.expected) became \(difference.actual); this is a bug of nncgen")
      }
      results.append(outputs)
    }
    return results
  }

  /// Quantized tensors as the floats of a float tensor at the boundary of the file's graph; others as they are.
  private func convert(
    _ tensors: [Tensor], from: [TensorID], to: [TensorID]
  ) throws(Diagnostic) -> [Tensor] {
    var converted: [Tensor] = []
    for (tensor, target) in zip(tensors, to) {
      let type = imported[target].type
      let isFloat = type.element == .float32 && tensor.type.element != .float32
      converted.append(isFloat ? try Dequantize().evaluate([tensor], as: [type])[0] : tensor.retyped(type))
    }
    return converted
  }

  /// The first difference between the reference and expected outputs from `.npy` files.
  package func compare(_ reference: [[Tensor]], withFiles paths: [String]) throws(Diagnostic) -> Difference? {
    let expected = try Vectors.load(paths, for: lowered.outputs.map { lowered[$0] }, role: "output")
    guard expected.count == reference.count else {
      throw Diagnostic(
        "verify.count", .usage, "there are \(reference.count) input vectors, but \(expected.count) expected outputs")
    }
    return Self.compare(expected, reference)
  }

  /// The first difference between the emitted C and `reference` on `vectors`.
  package func compareEmitted(_ vectors: [[Tensor]], _ reference: [[Tensor]]) throws(Diagnostic) -> Difference? {
    let plan = try pipeline.plan(lowered, request)
    let files = try pipeline.emit(plan, options: options)
    return Self.compare(reference, try harness.run(files, plan, options: options, inputs: vectors))
  }

  /// The first layer whose emitted C differs from the reference on the last of `vectors`, with the place; nil when none does.
  ///
  /// The vectors before it matter for a network with states.
  package func firstDifferingLayer(_ vectors: [[Tensor]]) throws(Diagnostic) -> (node: Node, difference: Difference)? {
    var tapped = lowered
    var nodes: [Node] = []
    for node in lowered.nodes {
      // A reshape that shares memory has nothing of its own to compare; what a state becomes shows in the next vector.
      for id in node.outputs where !(node.op is Reshape) && !lowered.states.contains(where: { $0.next == id }) {
        if !tapped.outputs.contains(id) { tapped.outputs.append(id) }
        nodes.append(node)
      }
    }
    // The kernels of the model as it is: with other outputs others might be better.
    var request = SelectionRequest()
    request.kernels = try pipeline.plan(lowered).kernels
    let plan = try pipeline.plan(tapped, request)
    let files = try pipeline.emit(plan, options: options)
    let answers = try harness.run(files, plan, options: options, inputs: vectors)
    guard let actual = answers.last, let expected = try Interpreter(tapped).outputs(inSequence: vectors).last else {
      return nil
    }
    for node in nodes {
      for id in node.outputs {
        guard let position = tapped.outputs.firstIndex(of: id) else { continue }
        if let difference = Self.compare([[expected[position]]], [[actual[position]]]) { return (node, difference) }
      }
    }
    return nil
  }

  /// The first difference between `expected` and `actual`, by vector and output; nil when all bits agree.
  package static func compare(_ expected: [[Tensor]], _ actual: [[Tensor]]) -> Difference? {
    var first: (vector: Int, output: Int, element: Int, expected: String, actual: String)?
    var count = 0
    for (vector, pair) in zip(expected, actual).enumerated() {
      for (output, tensors) in zip(pair.0, pair.1).enumerated() where tensors.0.elements != tensors.1.elements {
        let (wanted, got) = (tensors.0.texts, tensors.1.texts)
        for element in wanted.indices where wanted[element] != got[element] {
          count += 1
          if first == nil { first = (vector, output, element, wanted[element], got[element]) }
        }
      }
    }
    return first.map {
      Difference(
        vector: $0.vector, output: $0.output, element: $0.element, expected: $0.expected, actual: $0.actual,
        count: count)
    }
  }
}

extension Tensor {
  fileprivate var texts: [String] {
    switch elements {
    case .ints(let values): values.map { "\($0)" }
    case .wide(let values): values.map { "\($0)" }
    case .floats(let values): values.map { "\($0)" }
    }
  }
}
