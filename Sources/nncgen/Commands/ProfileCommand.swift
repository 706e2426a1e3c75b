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
    ] + SharedOption.calibration + SharedOption.budgets + SharedOption.reuse + [
      SharedOption.autotune,
      Option("--functions", "Lists also the functions by cycles, and the mix of instructions (Cortex-M0 and M0+)."),
      SharedOption.json,
    ],
    run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    let model = try ModelFile(arguments)
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
    let saved = try saved(emission.plan, pipeline, lowered, request)
    if arguments.has("--json") {
      let json = ProfileReport.json(profile, target: arguments.targetName, modelMACs: macs, saved: saved)
      Platform.print(json.text(indent: 2) + "\n")
    } else {
      Platform.print(
        ProfileReport.text(
          profile, emission.plan, model: model.name, modelMACs: macs, saved: saved,
          functions: arguments.has("--functions")))
    }
    try arguments.check(profile, emission.plan, request.budgets, name: model.name, consequence: "")
  }
}

extension ProfileCommand {
  /// Bytes of RAM that inputs and outputs inside of the arena save; nil when all lie in buffers of the caller.
  private static func saved(
    _ plan: Plan, _ pipeline: Pipeline, _ graph: Graph, _ request: SelectionRequest
  ) throws(Diagnostic) -> Int? {
    guard request.isStreamed || request.reused != ReusedBuffers() else { return nil }
    var other = request
    other.isStreamed = false
    other.reused = ReusedBuffers()
    let whole = try pipeline.plan(graph, other)
    return whole.arena.size + whole.callerBytes - plan.arena.size - plan.callerBytes
  }
}

extension Arguments {
  /// The target as it was written, without folder and suffix.
  var targetName: String {
    let name = value("--target").flatMap { $0.split(separator: "/").last.map(String.init) } ?? ""
    return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
  }
}
