import CCode
import Codegen
import Compiler
import IR
import Machine
import Passes
import Planning
import Support

/// `nncgen emit`: a model becomes C.
enum EmitCommand {
  static let command = Command(
    "emit", operands: ["MODEL"],
    """
    Writes a model as C99: NAME.h and NAME.c.
    MODEL is a model.bin or a .tflite file.
    """,
    options: [
      SharedOption.target,
      Option(
        "--output", short: "-o", value: "DIR", "Folder for the files; made when missing. The current one without it."),
      Option("--name", value: "NAME", "Prefix of all symbols and name of the files; the model file's name without it."),
      SharedOption.optimize,
      Option(
        "--arena", choices: EmitOptions.Arena.allCases.map(\.rawValue),
        "Working memory as a static array, or handed over by the caller with every call."),
      Option(
        "--max-flash", value: "BYTES",
        "Fails when code and constants take more, as `nncgen profile` measures them on the target."),
      Option("--max-ram", value: "BYTES", "Fails when arena, variables and the measured stack take more."),
      Option("--max-cycles", value: "N", "Fails when an inference takes more cycles."),
      Option("--split-weights", "Writes the constants into a file of their own, NAME_weights.c."),
      Option("--selftest", "Adds NAME_selftest(), which runs a built-in vector."),
      Option(
        "--scaffold", choices: Scaffold.names, "Writes files beside the C that build it as a project of that kind."),
      Option("--dump-after", value: "PASS|all", "Prints the graph after a pass (`import` is the graph of the file)."),
    ],
    run: { (arguments) throws(Diagnostic) in try run(arguments) })

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    let model = try ModelFile(arguments.operands[0])
    let name = try symbolName(arguments, model)
    try checkPassName(arguments)
    let lowered = try Pipeline.lower(model.graph) { pass, graph in
      guard let wanted = arguments.value("--dump-after"), wanted == "all" || wanted == pass else { return }
      Platform.print("# after \(pass)\n\(graph.text)")
    }
    let plan = try pipeline.plan(lowered)
    var options = EmitOptions(
      name: name, arena: arguments.value("--arena") == "caller" ? .caller : .static,
      splitWeights: arguments.has("--split-weights"))
    options.headerLines = headerLines(arguments, model, pipeline.machine)
    if arguments.has("--selftest") {
      // The fourth generated vector is a ramp, which reaches every value.
      let vector = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 4)[3]
      options.selftest = (vector, try Interpreter(lowered).outputs(vector))
    }
    var files = try pipeline.emit(plan, options: options)
    try checkBudgets(arguments, pipeline, plan, files, options)
    if let scaffold = arguments.value("--scaffold") {
      files += try Scaffold.files(scaffold, sources: files.map(\.name), name: name, pipeline: pipeline)
    }
    let folder = arguments.value("--output") ?? "."
    try Platform.makeFolder(folder)
    for file in files {
      let path = "\(folder)/\(file.name)"
      if let slash = path.lastIndex(of: "/") { try Platform.makeFolder(String(path[..<slash])) }
      try Platform.write(Array(file.text.utf8), to: path)
      Platform.print("\(path)  \(grouped(file.text.utf8.count)) bytes\n")
    }
  }

  private static func symbolName(_ arguments: Arguments, _ model: ModelFile) throws(Diagnostic) -> String {
    guard let name = arguments.value("--name") else { return CNamer.identifier(from: model.stem) }
    guard CNamer.isIdentifier(name) else {
      throw arguments.command.usage("--name: `\(name)` is no identifier of C and C++")
    }
    return name
  }

  private static func checkPassName(_ arguments: Arguments) throws(Diagnostic) {
    guard let name = arguments.value("--dump-after") else { return }
    let names = ["all", "import"] + Pipeline.passes.map(\.pass.name)
    guard names.contains(name) else {
      throw arguments.command.usage("--dump-after must be one of \(names.joined(separator: ", ")), not `\(name)`")
    }
  }

  /// The comment at the top of the files: how they were made and from what.
  private static func headerLines(_ arguments: Arguments, _ model: ModelFile, _ machine: Machine) -> [String] {
    var words = ["nncgen emit"]
    for option in ["--target", "--name", "--optimize", "--arena"] {
      if let value = arguments.value(option) { words.append("\(option) \(value.split(separator: "/").last ?? "")") }
    }
    for option in ["--split-weights", "--selftest"] where arguments.has(option) { words.append(option) }
    let compiler = ([machine.toolchain.compiler] + machine.toolchain.flags).joined(separator: " ")
    return [
      "nncgen \(Program.version): \(CNamer.comment((words + [model.name]).joined(separator: " ")))",
      "SHA-256 of the model: \(model.sha256)",
      "Tested with: \(CNamer.comment(compiler))",
    ]
  }

  /// Checks the budgets against what the compiled C takes on the simulated core.
  private static func checkBudgets(
    _ arguments: Arguments, _ pipeline: Pipeline, _ plan: Plan, _ files: [EmittedFile], _ options: EmitOptions
  ) throws(Diagnostic) {
    let (maxFlash, maxRAM) = (try arguments.bytes("--max-flash"), try arguments.bytes("--max-ram"))
    let maxCycles = try arguments.count("--max-cycles")
    guard maxFlash != nil || maxRAM != nil || maxCycles != nil else { return }
    let machine = pipeline.machine
    guard maxCycles == nil || machine.countedUnit == "cycles" else {
      throw arguments.command.usage("--max-cycles: the cycles of \(machine.name) are not known, only its instructions")
    }
    let profile = try pipeline.profile(plan, files: files, options: options, input: Profile.defaultInput(plan.graph))
    let budgets: [(what: String, unit: String, used: Int, budget: Int?)] = [
      ("flash", "bytes of flash", profile.memory.flash, maxFlash),
      ("ram", "bytes of RAM with the stack", profile.ram, maxRAM),
      ("cycles", "cycles an inference", Int(profile.measurement.total), maxCycles),
    ]
    var overruns: [String] = []
    for (what, unit, used, budget) in budgets {
      guard let budget, used > budget else { continue }
      overruns.append(
        "\(grouped(used)) \(unit), \(grouped(used - budget)) more than --max-\(what) \(grouped(budget))")
    }
    guard let first = overruns.first else { return }
    throw Diagnostic(
      "budget", .negative, "\(options.name) takes on \(machine.name) \(first); nothing was written",
      notes: overruns.dropFirst().map { "and \($0)" })
  }
}
