import Compiler
import Compression
import IR
import Support

/// `nncgen compress`: makes a network smaller, step by step, and says what each step costs.
enum CompressCommand {
  static let command = Command(
    "compress", operands: ["MODEL"], optionalOperands: 1,
    """
    Makes a network smaller by the steps of a recipe, and writes it as model.bin, from which C is emitted.
    After each step a line says what the weights take and how well the network does. Float networks become int8.
    """,
    options: [
      Option("--output", short: "-o", value: "OUT.bin", "The file to write."),
      Option(
        "--recipe", value: "NAME|FILE.json",
        "The steps: \(Recipe.shipped.map(\.name).joined(separator: ", ")), or a file. `--steps` explains what can stand in it."
      ),
      Option("--steps", "Lists the steps with their options, and the recipes that come with the program."),
    ] + CompressionFlags.options + [
      Option(
        "--calibrate", value: "X.npy",
        "Typical input vectors, as floats or as the model takes them. The first axis counts them; several inputs separated\n"
          + "by commas. Float networks need them; others get better weights with them than with the noise that takes their place."
      ),
      Option(
        "--calibrate-labels", value: "Y.npy", "The right answers to those of --calibrate, for criteria by gradients."),
      Option(
        "--eval", value: "X.npy", "Input vectors on which accuracy is measured, best others than those of --calibrate."),
      Option("--labels", value: "Y.npy", "The right answers to those of --eval, one integer for each vector."),
      Option(
        "--target", value: "NAME|FILE.json",
        "Measures the compressed network on a target, as `nncgen profile` does; `nncgen targets` lists the names. Budgets of\n"
          + "cycles or flash in a recipe are about it."),
      SharedOption.optimize,
      Option(
        "--explore",
        "Tries a grid of recipes instead, measures each on --target, and marks those that no other beats in accuracy, flash\n"
          + "and cycles. Takes some minutes; writes no model."),
      Option("--seed", value: "N", "For what is drawn at random; the same seed gives the same file. 1 without it."),
      Option("--report", value: "FILE.json", "Writes all figures, of every layer after every step."),
    ], run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    if arguments.has("--steps") { return Platform.print(CompressionReport.steps) }
    guard !arguments.operands.isEmpty else { throw arguments.command.usage("MODEL is missing") }
    let (output, explores) = (arguments.value("--output"), arguments.has("--explore"))
    guard output != nil || explores else { throw arguments.command.usage("-o OUT.bin is missing") }
    // Without one, those of the grid are tried.
    let recipe = explores ? nil : try CompressionFlags.recipe(arguments)
    let source = try ModelSource(path: arguments.operands[0])
    let examination = try Examination(source)
    guard examination.isReadable else {
      var examination = examination
      try examination.lookAhead()
      try examination.check(hasVectors: true)
      return
    }
    let graph = examination.graph
    let inputs = graph.inputs.map { graph[$0] }
    let seed = UInt64(try arguments.count("--seed") ?? 1)
    let calibration = try TypicalInputs(arguments, graph, inputs, isNeeded: !(recipe?.isLossless ?? false), seed: seed)
    if let note = calibration.note { Platform.print("note: \(source.name): \(note)\n", to: 2) }
    let progress = ProgressBar()
    defer { progress.clear() }
    let context = CompressionContext(
      calibration: calibration.vectors, labels: calibration.labels, seed: seed,
      costs: try costs(arguments, recipe, calibration.vectors),
      progress: { progress.show($0, $1, of: $2) })
    let evaluation = try evaluation(arguments, inputs)
    guard let recipe, let output else {
      return try CompressionExploration.run(arguments, graph, name: source.name, context, evaluation)
    }
    var compressor = try Compressor(graph, context, evaluation: evaluation, probes: calibration.probes)
    try compressor.run(recipe)
    progress.clear()
    let bytes = try compressor.modelBinary()
    let measured = arguments.has("--target") ? try TargetFigures(arguments, compressor.network.graph) : nil
    Platform.print(CompressionReport.table(compressor, name: source.name))
    if let measured { Platform.print(measured.text) }
    try Platform.write(bytes, to: output)
    Platform.print("\(output)  \(grouped(bytes.count)) bytes\n")
    if let report = arguments.value("--report") {
      let json = CompressionReport.json(compressor, file: bytes.count, measured)
      try Platform.write(Array((json.text(indent: 2) + "\n").utf8), to: report)
    }
  }

  /// What networks take on the target, for steps that keep a budget of it; nil without one.
  private static func costs(
    _ arguments: Arguments, _ recipe: Recipe?, _ vectors: [[Tensor]]
  ) throws(Diagnostic) -> (@Sendable (Graph) throws(Diagnostic) -> NetworkCosts)? {
    guard arguments.has("--target") else { return nil }
    let pipeline = try arguments.pipeline()
    let isCompressed = !arguments.has("--optimize") && (recipe?.executesCompressed ?? false)
    return { (graph: Graph) throws(Diagnostic) -> NetworkCosts in
      try pipeline.costs(graph, vectors: vectors, isCompressed: isCompressed)
    }
  }

  private static func evaluation(
    _ arguments: Arguments, _ inputs: [TensorInfo]
  ) throws(Diagnostic) -> LabelledVectors? {
    guard arguments.has("--eval") || arguments.has("--labels") else { return nil }
    guard let labels = arguments.value("--labels"), arguments.has("--eval") else {
      throw arguments.command.usage("--eval and --labels belong together")
    }
    let vectors = try Vectors.load(arguments.list("--eval"), for: inputs, role: "input")
    return LabelledVectors(inputs: vectors, labels: try Vectors.labels(labels, count: vectors.count))
  }
}

/// The inputs from which steps learn what layers read.
private struct TypicalInputs {
  /// Given ones, or without any those that the normalizations of a float network tell of, or noise for an integer one.
  let vectors: [[Tensor]]
  let labels: [Int]?
  /// Other noise, to measure with: errors on what weights were rounded for say too little.
  let probes: [[Tensor]]
  /// What took the place of given ones.
  let note: String?

  /// Synthetic vectors.
  private static let count = 64

  init(
    _ arguments: Arguments, _ graph: Graph, _ inputs: [TensorInfo], isNeeded: Bool, seed: UInt64
  ) throws(Diagnostic) {
    if arguments.has("--calibrate") {
      let given = try Vectors.load(arguments.list("--calibrate"), for: inputs, role: "input")
      vectors = given
      labels = try arguments.value("--calibrate-labels").map { (path) throws(Diagnostic) in
        try Vectors.labels(path, count: given.count)
      }
      (probes, note) = ([], nil)
      return
    }
    guard !arguments.has("--calibrate-labels") else {
      throw arguments.command.usage("--calibrate-labels belongs to --calibrate")
    }
    labels = nil
    guard isNeeded else {
      (vectors, probes, note) = ([], [], nil)
      return
    }
    let synthetic = try SyntheticData.vectors(graph, count: Self.count, seed: seed)
    switch synthetic.source {
    case .distilled:
      (vectors, probes) = (synthetic.vectors, [])
      note =
        "without --calibrate, \(Self.count) inputs that suit the statistics of its normalizations take the place of typical ones"
    case .random:
      // The ranges of a float network are not those of noise. Inputs of an integer network fill their type's range.
      guard !CompressedNetwork.isFloat(graph) else {
        (vectors, probes, note) = ([], [], nil)
        return
      }
      vectors = synthetic.vectors
      probes = try SyntheticData.vectors(graph, count: Self.count, seed: seed &+ 1).vectors
      note =
        "without --calibrate, smooth noise takes the place of typical inputs; errors of outputs are measured with other noise"
    }
  }
}
