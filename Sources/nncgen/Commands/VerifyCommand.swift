import Compiler
import IR
import Machine
import Support

/// `nncgen verify`: the emitted C is compiled, run and compared with the reference.
enum VerifyCommand {
  static let command = Command(
    "verify", operands: ["MODEL"],
    """
    Proves the C of a model: compiles it, runs it, and compares every output bit for bit.
    The reference is the arithmetic of TensorFlow Lite Micro's kernels. For another target than
    `host` the C is cross-compiled and run on an emulated core.
    """,
    options: [
      Option("--target", value: "NAME|FILE.json", "Where to run; `host` without it."),
      Option(
        "--input", value: "X.npy",
        "Input vectors, the first axis counts them; several inputs in the order of the model,\n"
          + "separated by commas. Without it 16 vectors are generated: extremes, ramps, random."),
      Option("--expect", value: "Y.npy", "Outputs that must come out, in the same form."),
      SharedOption.optimize,
    ] + SharedOption.calibration + SharedOption.reuse + [
      Option("--cc", value: "PROGRAM", "C compiler instead of the target's."),
      Option("--cflag", value: "FLAG", "One more flag for the C compiler; may be repeated."),
    ],
    run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline(defaultTarget: "host")
    guard !arguments.has("--expect") || arguments.has("--input") else {
      throw arguments.command.usage("--expect needs --input")
    }
    let model = try ModelFile(arguments)
    var harness = Harness(machine: pipeline.machine, templates: pipeline.templates)
    harness.compiler = arguments.value("--cc")
    harness.extraFlags = arguments.values("--cflag")
    let verification = try Verification(
      pipeline: pipeline, harness: harness, imported: model.graph, arguments.placement)
    let vectors =
      arguments.has("--input")
      ? try verification.vectors(from: arguments.list("--input")) : verification.generatedVectors()
    let reference = try verification.reference(vectors)
    if arguments.has("--expect"),
      let difference = try verification.compare(reference, withFiles: arguments.list("--expect"))
    {
      throw Diagnostic(
        "verify.expected", .negative, "the reference differs from the expected output: \(difference.text)",
        notes: ["the model's own arithmetic gives something else than the file; the C was not run"])
    }
    if let difference = try verification.compareEmitted(vectors, reference) {
      throw try explain(difference, verification, Array(vectors[...difference.vector]))
    }
    let outputs = reference[0].reduce(0) { $0 + $1.type.shape.elementCount }
    let sources = arguments.has("--expect") ? "C, reference and expected outputs" : "C and reference"
    Platform.print(
      "identical: \(sources) agree in every bit of \(vectors.count) vectors with \(outputs) "
        + "output\(outputs == 1 ? "" : "s") each, on \(pipeline.machine.name)\n"
        + model.fidelity.map { "beside the float model: \($0)\n" }.joined())
  }

  /// The error for C that differs: names the first layer that differs.
  private static func explain(
    _ difference: Difference, _ verification: Verification, _ vectors: [[Tensor]]
  ) throws(Diagnostic) -> Diagnostic {
    var error = Diagnostic("verify.different", .negative, "the C differs from the reference: \(difference.text)")
    if let (node, first) = try verification.firstDifferingLayer(vectors) {
      let name = node.outputs.first.map { verification.lowered[$0].name } ?? ""
      error = error.noting(
        "the first layer that differs is \(node.origin) `\(name)`: element \(first.element) is \(first.actual) "
          + "instead of \(first.expected), \(first.count) elements differ")
    } else {
      error = error.noting("each layer alone gives the right values: the memory plan is at fault")
    }
    return error
  }
}

extension Difference {
  fileprivate var text: String {
    "vector \(vector), output \(output), element \(element) is \(actual) instead of \(expected) (\(count) elements differ)"
  }
}
