import Codegen
import Compiler
import IR
import Machine
import Planning
import Quantization
import Support
import TargetCatalog
import TemplateCatalog

/// A model file that has been read.
struct ModelFile {
  /// Name without its folder.
  let name: String
  let sha256: String
  /// Quantized, when vectors for it were given.
  let graph: Graph
  /// What quantizing left of the float network, one line an output; none when nothing was quantized.
  let fidelity: [String]

  /// What is in the way of compiling it; only the readers are asked, unless all stages were to look.
  let examination: Examination

  /// Reads the model that `arguments` name first, and quantizes it with the vectors of `--calibrate`.
  ///
  /// - Parameter goesOn: whether a model that is not supported is looked at as far as possible, by all stages.
  init(_ arguments: Arguments, goesOn: Bool = false) throws(Diagnostic) {
    let source = try ModelSource(path: arguments.operands[0])
    let name = source.name
    self.name = name
    sha256 = source.sha256
    var examination = try Examination(source)
    if !goesOn, !examination.isReadable {
      try examination.lookAhead()
      try examination.check(hasVectors: arguments.has("--calibrate"))
    }
    for note in examination.graph.notes { Platform.print("note: \(name): \(note)\n", to: 2) }
    var quantized: QuantizedNetwork?
    do throws(Diagnostic) {
      quantized = try Self.quantized(examination, arguments, name: name)
    } catch {
      guard goesOn, error.category == .badInput else { throw error }
      try examination.add(error)
    }
    if goesOn { try examination.lookAhead(quantized?.graph) }
    var graph = quantized?.graph ?? examination.graph
    // Who says what kernels are chosen for gets these, whatever the file suggests.
    if arguments.has("--optimize") { graph.isCompressed = false }
    self.graph = graph
    fidelity = quantized?.lines ?? []
    self.examination = examination
  }

  /// The network as int8; nil without vectors for it.
  private static func quantized(
    _ examination: Examination, _ arguments: Arguments, name: String
  ) throws(Diagnostic) -> QuantizedNetwork? {
    let method = arguments.value("--ranges").flatMap { RangeMethod(rawValue: $0) }
    guard arguments.has("--calibrate") else {
      guard !arguments.has("--ranges") else { throw arguments.command.usage("--ranges needs --calibrate") }
      return nil
    }
    guard examination.isReadable else { return nil }
    let float = examination.graph
    guard examination.needsCalibration else {
      throw arguments.command.usage("--calibrate is for float models, and \(name) is quantized")
    }
    let vectors = try Vectors.load(
      arguments.list("--calibrate"), for: float.inputs.map { float[$0] }, role: "input")
    let quantized = try Pipeline.quantize(float, vectors: vectors, method)
    for note in quantized.graph.notes.dropFirst(float.notes.count) { Platform.print("note: \(name): \(note)\n", to: 2) }
    let count = "\(vectors.count) vector\(vectors.count == 1 ? "" : "s")"
    let lines = quantized.fidelity.map {
      if let same = $0.sameVectors {
        return "output `\($0.name)` is the same in \(same) of \(count), ranges by \(quantized.method)"
      }
      return
        "output `\($0.name)` has a signal-to-quantization-noise ratio of \($0.text) over \(count), ranges by \(quantized.method)"
    }
    for line in lines { Platform.print("quantized: \(line)\n", to: 2) }
    return (quantized.graph, lines)
  }

  /// The graph, and a line on each output.
  private typealias QuantizedNetwork = (graph: Graph, lines: [String])

  /// The name without its last suffix.
  var stem: String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension OutputFidelity {
  /// With one decimal.
  fileprivate var text: String {
    guard decibels.isFinite else { return decibels > 0 ? "infinite dB" : "no dB" }
    return "\(tenths(decibels)) dB"
  }
}

extension Arguments {
  /// The pipeline for the options `--target` and `--optimize`.
  func pipeline(defaultTarget: String? = nil) throws(Diagnostic) -> Pipeline {
    guard let target = value("--target") ?? defaultTarget else {
      throw command.usage("--target is missing; `nncgen targets` lists what there is")
    }
    return Pipeline(
      machine: try TargetCatalog.machine(target),
      objective: value("--optimize").flatMap { Objective(rawValue: $0) } ?? .balanced,
      templates: TemplateLibrary(TemplateCatalog.files))
  }
}

extension Arguments {
  /// Where inputs and outputs lie.
  var placement: SelectionRequest {
    var request = SelectionRequest()
    request.isStreamed = has("--stream")
    request.reused = ReusedBuffers(inputs: has("--reuse-input"), outputs: has("--reuse-output"))
    return request
  }

  /// What kernels are chosen by: budgets, and cycles that are measured first when that is asked for.
  ///
  /// - Parameter graph: in integer normal form.
  func selection(_ pipeline: Pipeline, _ graph: Graph, input: [Tensor]) throws(Diagnostic) -> SelectionRequest {
    let machine = pipeline.machine
    var request = SelectionRequest(
      budgets: Budgets(
        flash: try bytes("--max-flash"), ram: try bytes("--max-ram"), cycles: try count("--max-cycles")))
    guard request.budgets.cycles == nil || machine.countedUnit == "cycles" else {
      throw command.usage("--max-cycles: the cycles of \(machine.name) are not known, only its instructions")
    }
    (request.isStreamed, request.reused) = (placement.isStreamed, placement.reused)
    if has("--autotune") {
      let autotune = try Autotune(pipeline, graph, input: input)
      request.measured = autotune.measured
      request.ignoresModelled = autotune.ignoresModelled
    }
    return request
  }

  /// Fails when the answer of a model is wrong, or when it takes more than the budgets.
  ///
  /// - Parameters:
  ///   - plan: what was measured.
  ///   - consequence: what follows, for the message.
  func check(
    _ profile: Profile, _ plan: Plan, _ budgets: Budgets, name: String, consequence: String
  ) throws(Diagnostic) {
    guard profile.isIdentical else {
      throw Diagnostic(
        "profile.difference", .negative, "the answer of the compiled C differs from the reference",
        notes: [
          "`nncgen verify --target \(profile.machine.name)` shows where; this is a bug of nncgen or the compiler"
        ])
    }
    let used = profile.used
    let all: [(what: String, unit: String, used: Int, budget: Int?)] = [
      ("flash", "bytes of flash", used.flash, budgets.flash),
      ("ram", "bytes of RAM with the stack", used.ram, budgets.ram),
      ("cycles", "cycles an inference", used.cycles, budgets.cycles),
    ]
    var overruns: [String] = []
    for (what, unit, used, budget) in all {
      guard let budget, used > budget else { continue }
      overruns.append(
        "\(grouped(used)) \(unit), \(grouped(used - budget)) more than --max-\(what) \(grouped(budget))")
    }
    guard let first = overruns.first else { return }
    var notes = overruns.dropFirst().map { "and \($0)" }
    if let ram = budgets.ram, used.ram > ram {
      notes.append(
        "the RAM is arena \(grouped(profile.memory.arena)), static \(grouped(profile.memory.variables)), "
          + "stack \(grouped(profile.stack.bytes))")
      notes += MemoryReport.notes(MemoryMap(plan))
    }
    throw Diagnostic(
      "budget", .negative, "\(name) takes on \(profile.machine.name) \(first)\(consequence)",
      notes: notes + ["these are the kernels that come closest"])
  }
}

/// Options that several commands share.
enum SharedOption {
  static let target = Option(
    "--target", value: "NAME|FILE.json", "What to compile for; `nncgen targets` lists the names.")
  static let optimize = Option(
    "--optimize", choices: Objective.allCases.map(\.rawValue),
    "What kernels are chosen for, over the whole network: fewest cycles, fewest bytes of flash, least RAM, or\n"
      + "`balanced`: at most a tenth slower than `speed`, where that saves two percent of the flash or the RAM for\n"
      + "each percent of the cycles. `balanced` without it; of a compressed model.bin then only kernels that execute\n"
      + "weights from few bytes of flash.")
  static let budgets = [
    Option(
      "--max-flash", value: "BYTES",
      "Chooses kernels so that code and constants take no more, as `nncgen profile` measures them on the target;\n"
        + "fails when that is not possible."),
    Option("--max-ram", value: "BYTES", "The same for arena, variables and stack."),
    Option("--max-cycles", value: "N", "The same for the cycles of an inference."),
  ]
  static let reuse = [
    Option(
      "--reuse-input",
      "Puts the input into the arena, where NAME_input() tells its place: its memory is used again while the\n"
        + "network runs, and no buffer is needed beside."),
    Option("--reuse-output", "The same for the output, which is found by NAME_output()."),
    Option(
      "--stream",
      "The input comes by rows, with NAME_begin(), NAME_push_row() and NAME_end(), and is never in memory as a whole:\n"
        + "the first layers run together while it comes."),
  ]
  static let calibration = [
    Option(
      "--calibrate", value: "X.npy",
      "For a float model: quantizes it to int8, with ranges from these typical input vectors. The first axis counts them;\n"
        + "several inputs in the order of the model, separated by commas or by repeating the option."),
    Option(
      "--ranges", choices: ["auto"] + RangeMethod.allCases.map(\.rawValue),
      "How ranges are chosen with --calibrate: least mean square error, all but the outermost values, all values, or\n"
        + "least divergence of their distribution. `auto`, also without it, takes the one of the first three whose\n"
        + "network comes closest to the float one on these vectors."
    ),
  ]
  static let autotune = Option(
    "--autotune",
    "Measures the kernels that come close to the best one on the simulated target, instead of believing the model\n"
      + "of their cycles. Takes some runs of the network.")
  static let json = Option("--json", "Prints JSON instead of a table.")
}
