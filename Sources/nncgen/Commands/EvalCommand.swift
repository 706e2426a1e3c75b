import Compiler
import IR
import Support

/// `nncgen eval`: runs a model by its reference semantics.
enum EvalCommand {
  static let command = Command(
    "eval", operands: ["MODEL"],
    """
    Runs a model by the reference semantics, without any C, on vectors from files.
    With labels the accuracy is printed: the index of the largest output is the answer.
    """,
    options: [
      Option("--input", value: "X.npy", "Input vectors, the first axis counts them; several separated by commas."),
      Option("--labels", value: "Y.npy", "The right answers, one integer for each vector."),
      Option("--output", short: "-o", value: "OUT.npy", "Writes the first output of every vector."),
      Option("--tensors", value: "DIR", "Writes every tensor of the network as DIR/INDEX.npy, INDEX as in the file."),
    ] + SharedOption.calibration + [SharedOption.json], run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    guard arguments.has("--input") else { throw arguments.command.usage("--input is missing") }
    let model = try ModelFile(arguments)
    let graph = model.graph
    let vectors = try Vectors.load(arguments.list("--input"), for: graph.inputs.map { graph[$0] }, role: "input")
    let interpreter = try Interpreter(graph)
    var outputs: [Tensor] = []
    var tensors: [TensorID: [Tensor]] = [:]
    var states = try interpreter.initialStates()
    for vector in vectors {
      let values = try interpreter.run(vector, states: states)
      states = graph.states.compactMap { values[$0.next] }
      outputs += graph.outputs.prefix(1).compactMap { values[$0] }
      guard arguments.has("--tensors") else { continue }
      for (id, value) in values where graph[id].constant == nil { tensors[id, default: []].append(value) }
    }
    if let path = arguments.value("--output") { try Platform.write(npy(outputs), to: path) }
    if let folder = arguments.value("--tensors") {
      try Platform.makeFolder(folder)
      for (id, values) in tensors.sorted(by: { $0.key < $1.key }) {
        try Platform.write(npy(values), to: "\(folder)/\(id.index).npy")
      }
    }
    try report(arguments, outputs)
  }

  private static func report(_ arguments: Arguments, _ outputs: [Tensor]) throws(Diagnostic) {
    guard let path = arguments.value("--labels") else {
      let json = JSON.object([("vectors", .int(outputs.count))]).text(indent: 2)
      Platform.print(arguments.has("--json") ? json + "\n" : "\(outputs.count) vectors evaluated\n")
      return
    }
    let labels = try Vectors.labels(path, count: outputs.count)
    let right = zip(outputs, labels).count { $0.0.indexOfLargest == $0.1 }
    let accuracy = Double(right) / Double(labels.count)
    if arguments.has("--json") {
      let members: [(String, JSON)] = [
        ("vectors", .int(outputs.count)), ("right", .int(right)), ("accuracy", .float(accuracy)),
      ]
      Platform.print(JSON.object(members).text(indent: 2) + "\n")
    } else {
      Platform.print("accuracy \(percent(accuracy)): \(right) of \(labels.count) vectors\n")
    }
  }

  /// The tensors, which are of one type, as the content of a `.npy` file.
  private static func npy(_ tensors: [Tensor]) -> [UInt8] {
    let shape = [tensors.count] + tensors[0].type.shape.dims
    return NPYArray(
      element: NPYArray.Element(tensors[0].type.element), shape: shape, bytes: tensors.flatMap(\.bytes)
    ).contents
  }
}
