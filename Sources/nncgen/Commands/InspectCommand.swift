import Codegen
import Compiler
import IR
import Machine
import Planning
import Support

/// `nncgen inspect`: what is inside of a model.
enum InspectCommand {
  static let command = Command(
    "inspect", operands: ["MODEL"],
    """
    Shows the layers of a model: shapes, bits, density of the weights, bytes and multiply-accumulates.
    Of a model that is not supported it shows the layers that could be read, and everything that is in the way.
    With --memory, the map of the working memory that `nncgen emit` plans with the same options.
    """,
    options: [
      Option(
        "--memory",
        "Draws the arena instead: layers from left to right, addresses from top to bottom, and a table of the buffers;\n"
          + "how full it is at its peak, and whether it is proved to be the smallest. Needs --target.")
    ] + SharedOption.calibration + mapOptions + [SharedOption.json],
    run: run)

  /// What decides about the plan that is drawn.
  private static let mapOptions =
    [SharedOption.target, SharedOption.optimize] + SharedOption.budgets + SharedOption.reuse + [SharedOption.autotune]

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    if arguments.has("--memory") { return try memory(arguments) }
    for option in mapOptions where arguments.has(option.name) {
      throw arguments.command.usage("\(option.name) is for the map of the memory: it needs --memory")
    }
    let model = try ModelFile(arguments, goesOn: true)
    let report = try InspectReport(model)
    Platform.print(arguments.has("--json") ? report.json : report.text)
    try model.examination.check(hasVectors: arguments.has("--calibrate"))
  }

  /// Draws the arena of the plan that `emit` would take.
  private static func memory(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    let model = try ModelFile(arguments)
    let lowered = try Pipeline.lower(model.graph)
    let input = Profile.defaultInput(lowered)
    let request = try arguments.selection(pipeline, lowered, input: input)
    let emission = try pipeline.emission(lowered, options: EmitOptions(name: "model"), request, input: input)
    let map = MemoryMap(emission.plan)
    if arguments.has("--json") {
      let head: [(String, JSON)] = [
        ("model", .string(model.name)), ("sha256", .string(model.sha256)), ("target", .string(arguments.targetName)),
        ("optimize", .string(pipeline.objective.rawValue)),
      ]
      Platform.print(JSON.object(head + MemoryReport.json(map)).text(indent: 2) + "\n")
    } else {
      Platform.print(
        MemoryReport.text(
          map, title: "\(model.name) on \(pipeline.machine.name): memory with --optimize \(pipeline.objective.rawValue)"
        ))
    }
    if let profile = emission.profile {
      try arguments.check(profile, emission.plan, request.budgets, name: model.name, consequence: "")
    }
  }
}
