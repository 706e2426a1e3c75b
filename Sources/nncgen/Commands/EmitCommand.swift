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
    MODEL is a model.bin or a .tflite file; a float one is quantized with --calibrate.
    """,
    options: [
      SharedOption.target,
      Option(
        "--output", short: "-o", value: "DIR", "Folder for the files; made when missing. The current one without it."),
      Option("--name", value: "NAME", "Prefix of all symbols and name of the files; the model file's name without it."),
      SharedOption.optimize,
    ] + SharedOption.calibration + SharedOption.budgets + SharedOption.reuse + [
      SharedOption.autotune,
      Option(
        "--explain", "Prints for each layer what kernels were considered, what they take, and why the winner won."),
      Option(
        "--arena", choices: EmitOptions.Arena.allCases.map(\.rawValue),
        "Working memory as a static array, or handed over by the caller with every call."),
      Option("--split-weights", "Writes the constants into a file of their own, NAME_weights.c."),
      Option("--selftest", "Adds NAME_selftest(), which runs a built-in vector."),
      Option(
        "--scaffold", choices: Scaffold.names, "Writes files beside the C that build it as a project of that kind."),
      Option("--dump-after", value: "PASS|all", "Prints the graph after a pass (`import` is the graph of the file)."),
    ],
    run: { (arguments) throws(Diagnostic) in try run(arguments) })

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    let model = try ModelFile(arguments)
    let name = try symbolName(arguments, model)
    try checkPassName(arguments)
    let lowered = try Pipeline.lower(model.graph) { pass, graph in
      guard let wanted = arguments.value("--dump-after"), wanted == "all" || wanted == pass else { return }
      Platform.print("# after \(pass)\n\(graph.text)")
    }
    var options = EmitOptions(
      name: name, arena: arguments.value("--arena") == "caller" ? .caller : .static,
      splitWeights: arguments.has("--split-weights"))
    options.headerLines = headerLines(arguments, model, pipeline.machine)
    if arguments.has("--selftest") {
      // The fourth generated vector is a ramp, which reaches every value.
      let vector = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 4)[3]
      options.selftest = (vector, try Interpreter(lowered).outputs(vector))
    }
    let input = Profile.defaultInput(lowered)
    let request = try arguments.selection(pipeline, lowered, input: input)
    let emission = try pipeline.emission(lowered, options: options, request, input: input)
    if arguments.has("--explain") {
      Platform.print(ExplainReport.text(emission.plan, model: model.name, machine: pipeline.machine))
    }
    if let profile = emission.profile {
      try arguments.check(profile, emission.plan, request.budgets, name: name, consequence: "; nothing was written")
    }
    var files = emission.files
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
    for option in [
      "--target", "--name", "--optimize", "--max-flash", "--max-ram", "--max-cycles", "--arena", "--ranges",
    ] {
      if let value = arguments.value(option) { words.append("\(option) \(value.split(separator: "/").last ?? "")") }
    }
    for option in ["--reuse-input", "--reuse-output", "--stream", "--autotune", "--split-weights", "--selftest"]
    where arguments.has(option) { words.append(option) }
    for path in arguments.list("--calibrate") { words.append("--calibrate \(path.split(separator: "/").last ?? "")") }
    let compiler = ([machine.toolchain.compiler] + machine.toolchain.flags).joined(separator: " ")
    return [
      "nncgen \(Program.version): \(CNamer.comment((words + [model.name]).joined(separator: " ")))",
      "SHA-256 of the model: \(model.sha256)",
      "Tested with: \(CNamer.comment(compiler))",
    ]
  }
}
