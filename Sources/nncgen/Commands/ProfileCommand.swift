import Codegen
import Compiler
import IR
import Machine
import Planning
import Support

/// `nncgen profile`: what one inference takes, layer by layer, on the simulated core.
enum ProfileCommand {
  static let command = Command(
    "profile", operands: ["MODEL"],
    """
    Measures a model on a target, without a board: cycles of each layer, flash, RAM and stack.
    The C is cross-compiled with the target's flags and runs one inference on a simulated core; the answer is compared
    with the reference. Cores without a model of their cycles count instructions instead.
    """,
    options: [
      SharedOption.target,
      Option(
        "--input", value: "X.npy",
        "Input vectors, of which the first is run; several inputs in the order of the model,\n"
          + "separated by commas. Without it a generated vector of random values."),
      SharedOption.optimize,
    ] + SharedOption.budgets + SharedOption.reuse + [
      SharedOption.autotune,
      Option("--functions", "Lists also the functions by cycles, and the mix of instructions (Cortex-M0 and M0+)."),
      SharedOption.json,
    ],
    run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    let model = try ModelFile(arguments.operands[0])
    let lowered = try Pipeline.lower(model.graph)
    let vector: [Tensor]
    if arguments.has("--input") {
      let vectors = try Vectors.load(
        arguments.list("--input"), for: lowered.inputs.map { lowered[$0] }, role: "input")
      guard let first = vectors.first else { throw arguments.command.usage("--input holds no vector") }
      vector = first
    } else {
      vector = Profile.defaultInput(lowered)
    }
    let request = try arguments.selection(pipeline, lowered, input: vector)
    let options = EmitOptions(name: "model")
    let emission = try pipeline.emission(lowered, options: options, request, input: vector)
    let profile: Profile
    if let measured = emission.profile {
      profile = measured
    } else {
      profile = try pipeline.profile(emission.plan, files: emission.files, options: options, input: vector)
    }
    let macs = try model.graph.multiplyAccumulates()
    if arguments.has("--json") {
      Platform.print(ProfileReport.json(profile, target: arguments.targetName, modelMACs: macs).text(indent: 2) + "\n")
    } else {
      Platform.print(
        ProfileReport.text(profile, model: model.name, modelMACs: macs, functions: arguments.has("--functions")))
    }
    try arguments.check(profile, emission.plan, request.budgets, name: model.name, consequence: "")
  }
}

extension Arguments {
  /// The target as it was written, without folder and suffix.
  var targetName: String {
    let name = value("--target").flatMap { $0.split(separator: "/").last.map(String.init) } ?? ""
    return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
  }
}
