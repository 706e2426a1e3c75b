import Codegen
import Compiler
import IR
import Machine
import Operators
import Planning
import Support

/// `nncgen inspect`: what is inside of a model.
enum InspectCommand {
  static let command = Command(
    "inspect", operands: ["MODEL"],
    """
    Shows the layers of a model: shapes, bits, density of the weights, bytes and multiply-accumulates.
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

  /// What is known of one layer.
  private struct Row {
    let node: Node
    let name: String
    let output: TensorType
    let weightBits: Int?
    let density: Double?
    let bytes: Int
    let multiplyAccumulates: Int
  }

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    if arguments.has("--memory") { return try memory(arguments) }
    for option in mapOptions where arguments.has(option.name) {
      throw arguments.command.usage("\(option.name) is for the map of the memory: it needs --memory")
    }
    let model = try ModelFile(arguments)
    var rows: [Row] = []
    for node in model.graph.nodes { rows.append(try row(node, model.graph)) }
    Platform.print(arguments.has("--json") ? json(model, rows) : table(model, rows))
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

  private static func row(_ node: Node, _ graph: Graph) throws(Diagnostic) -> Row {
    let operands = try graph.operands(node)
    // The largest constant is the layer's weights.
    let weights = operands.filter { $0.constant != nil }.max { $0.type.byteCount < $1.type.byteCount }
    var density: Double?
    if let weights, let constant = weights.constant, case .ints(let values) = constant.elements, !values.isEmpty {
      density = Double(values.count { $0 != 0 }) / Double(values.count)
    }
    return Row(
      node: node, name: graph[node.outputs[0]].name, output: graph[node.outputs[0]].type,
      weightBits: weights.map { $0.type.element.size * 8 }, density: density,
      bytes: operands.reduce(0) { $0 + ($1.constant == nil ? 0 : $1.type.byteCount) },
      multiplyAccumulates: node.op.multiplyAccumulates(operands, graph.outputTypes(node)))
  }

  private static func table(_ model: ModelFile, _ rows: [Row]) -> String {
    func list(_ role: String, _ ids: [TensorID]) -> String {
      ids.map { "\(role)  \(model.graph[$0].type)  `\(model.graph[$0].name)`\n" }.joined()
    }
    var table = Table(
      ["#", "operator", "output", "weights", "density", "bytes", "MACs"], rightAligned: [0, 3, 4, 5, 6])
    for (index, row) in rows.enumerated() {
      table.add([
        "\(index)", row.node.origin.operatorName, "\(row.output.element.rawValue) \(row.output.shape)",
        row.weightBits.map { "\($0) bit" } ?? "", row.density.map { percent($0) } ?? "",
        row.bytes == 0 ? "" : grouped(row.bytes),
        row.multiplyAccumulates == 0 ? "" : grouped(row.multiplyAccumulates),
      ])
    }
    table.add([
      "", "total", "", "", "", grouped(rows.reduce(0) { $0 + $1.bytes }),
      grouped(rows.reduce(0) { $0 + $1.multiplyAccumulates }),
    ])
    return list("input ", model.graph.inputs) + list("output", model.graph.outputs) + "\n" + table.text
  }

  private static func percent(_ fraction: Double) -> String {
    let tenths = Int((fraction * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  private static func json(_ model: ModelFile, _ rows: [Row]) -> String {
    func type(_ type: TensorType) -> [(String, JSON)] {
      [("type", .string(type.element.rawValue)), ("shape", .array(type.shape.dims.map { .int($0) }))]
    }
    func tensors(_ ids: [TensorID]) -> JSON {
      .array(
        ids.map { id in
          let quantization = model.graph[id].type.quantization.flatMap { $0.scales.count == 1 ? $0 : nil }
          return .object(
            [("name", .string(model.graph[id].name))] + type(model.graph[id].type) + [
              ("scale", quantization.map { .number("\($0.scales[0])") } ?? .null),
              ("zero_point", quantization.map { .int(Int($0.zeroPoints[0])) } ?? .null),
            ])
        })
    }
    let layers = rows.map { row in
      JSON.object(
        [("name", .string(row.name)), ("operator", .string(row.node.origin.operatorName))] + type(row.output) + [
          ("weight_bits", row.weightBits.map { .int($0) } ?? .null),
          ("density", row.density.map { .float($0) } ?? .null),
          ("bytes", .int(row.bytes)), ("macs", .int(row.multiplyAccumulates)),
        ])
    }
    return JSON.object([
      ("model", .string(model.name)), ("sha256", .string(model.sha256)), ("inputs", tensors(model.graph.inputs)),
      ("outputs", tensors(model.graph.outputs)), ("layers", .array(layers)),
      ("bytes", .int(rows.reduce(0) { $0 + $1.bytes })), ("macs", .int(rows.reduce(0) { $0 + $1.multiplyAccumulates })),
    ]).text(indent: 2) + "\n"
  }
}
