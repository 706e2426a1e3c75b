import IR
import Operators
import Support

// If, Loop and Scan whose conditions and counts are known while the file is imported: the nodes of their graphs take their
// place, those of loops once for each round.

extension ONNXImporter {
  /// The graph in an attribute of a node.
  private func body(_ node: ONNXNode, _ name: String) throws(Diagnostic) -> ProtobufMessage {
    guard let graph = try node.attributes[name]?.message.message(6, name) else {
      throw Diagnostic("onnx.attribute", "`\(name)` is missing")
    }
    return graph
  }

  /// Adds the nodes of an inner graph, which also reads the values around it, and gives the values of its outputs.
  private mutating func inlined(
    _ message: ProtobufMessage, _ inputs: [ONNXValue], _ outer: [String: ONNXValue], _ versions: [String: Int64],
    _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    guard depth < Self.maximumDepth else {
      throw Diagnostic("onnx.size", "graphs stand in each other more than \(Self.maximumDepth) deep")
    }
    var values = outer
    for initializer in try message.messages(5, "initializer") {
      let name = try initializer.string(8, "name of \(initializer.name)")
      values[name] = .constant(try ONNXTensorReader.read(initializer))
    }
    let parameters = try message.messages(11, "input")
    guard parameters.count == inputs.count else {
      throw Diagnostic("onnx.graph", "the inner graph has \(parameters.count) inputs, not \(inputs.count)")
    }
    for (parameter, value) in zip(parameters, inputs) {
      values[try parameter.string(1, "name of \(parameter.name)")] = value
    }
    var nodes: [ONNXNode] = []
    for node in try message.messages(1, "node") { nodes.append(try ONNXNode(node)) }
    try add(nodes, &values, versions, depth: depth + 1)
    var results: [ONNXValue] = []
    for output in try message.messages(12, "output") {
      let name = try output.string(1, "name of \(output.name)")
      guard let value = values[name] else {
        throw Diagnostic("onnx.graph", "no node of the inner graph writes its output `\(name)`")
      }
      results.append(value)
    }
    return results
  }

  /// The results of a node with inner graphs; nil for other nodes.
  mutating func controlFlow(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ values: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue]? {
    guard node.domain.isEmpty else { return nil }
    switch node.operation {
    case "If":
      let isTrue = try flag(node, inputs, 0, "the condition")
      return try inlined(
        try body(node, isTrue ? "then_branch" : "else_branch"), [], values, versions, depth)
    case "Loop": return try loop(node, inputs, values, versions, depth)
    case "Scan": return try scan(node, inputs, values, versions, depth)
    default: return nil
    }
  }

  /// The value of an input that must be known.
  private mutating func number(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ position: Int, _ role: String
  ) throws(Diagnostic) -> Int64 {
    var result: Int64 = 0
    _ = try run(node, inputs, version: 1) { (call) throws(Diagnostic) in
      guard let constant = try call.known(position) else {
        throw call.failure(
          "control", "\(role) is known at run time only, and what runs there is fixed when the model is compiled")
      }
      guard let value = try constant.ints(role).first else { throw call.failure("control", "\(role) is empty") }
      result = value
      return []
    }
    return result
  }

  private mutating func flag(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ position: Int, _ role: String
  ) throws(Diagnostic) -> Bool { try number(node, inputs, position, role) != 0 }

  /// Inputs: how often at most, whether at all, and the values that go from round to round. The graph gets the number of the
  /// round and the condition before them, and gives the condition, the values, and what is collected of each round.
  private mutating func loop(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ values: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    let message = try body(node, "body")
    let count = inputs.first.flatMap { $0 } == nil ? nil : try number(node, inputs, 0, "the number of rounds")
    var goesOn = inputs.count < 2 || inputs[1] == nil ? true : try flag(node, inputs, 1, "the condition")
    var carried: [ONNXValue] = []
    for input in inputs.dropFirst(2) {
      guard let input else { throw Diagnostic("onnx.inputs", "an initial value is missing") }
      carried.append(input)
    }
    var collected: [[ONNXValue]] = []
    var round: Int64 = 0
    while goesOn, round < count ?? Int64.max {
      guard round < Graph.maximumNodes else {
        throw Diagnostic("onnx.control", "the loop runs more than \(Graph.maximumNodes) times")
      }
      let scalar = try Shape([])
      let state = [
        ONNXValue.constant(ONNXConstant(.int64, scalar, .ints([round]))),
        .constant(ONNXConstant(.bool, scalar, .ints([1]))),
      ]
      let results = try inlined(message, state + carried, values, versions, depth)
      guard results.count > carried.count else { throw Diagnostic("onnx.graph", "the body has too few outputs") }
      if results.contains(where: { if case .unknown = $0 { true } else { false } }) {
        return node.outputs.map { _ in .unknown }
      }
      goesOn = try flag(node, [results[0]], 0, "the condition of the loop")
      collected.append(Array(results[(carried.count + 1)...]))
      carried = Array(results[1...carried.count])
      round += 1
    }
    let extra = node.outputs.count - carried.count
    guard extra <= collected.first?.count ?? extra else {
      throw Diagnostic("onnx.outputs", "the body has too few outputs")
    }
    for index in 0..<max(0, extra) {
      guard !collected.isEmpty else { throw Diagnostic("onnx.control", "the loop never runs, but collects something") }
      carried.append(try stacked(node, collected.map { $0[index] }, axis: 0))
    }
    return carried
  }

  /// Values one behind the other along a new axis.
  private mutating func stacked(
    _ node: ONNXNode, _ parts: [ONNXValue], axis: Int
  ) throws(Diagnostic) -> ONNXValue {
    var units: [ONNXValue] = []
    for part in parts {
      units += try run(node, [part], version: 1) { (call) throws(Diagnostic) in [try call.withAxis(axis)] }
    }
    return try run(node, units, version: 1) { (call) throws(Diagnostic) in
      let place = axis < 0 ? axis + (try call.shape(0).rank) : axis
      return [try call.concatenation(axis: place)]
    }[0]
  }

  /// Inputs: states and then sequences, from which each round gets a slice. The graph gives the states, and slices of the
  /// results.
  private mutating func scan(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ values: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    guard versions[""] ?? 9 >= 9 else {
      throw Diagnostic("onnx.version", "Scan of version 8, with sequences in batches, is not supported")
    }
    let message = try body(node, "body")
    var given: [ONNXValue] = []
    for input in inputs {
      guard let input else { throw Diagnostic("onnx.inputs", "an input is missing") }
      given.append(input)
    }
    func list(_ name: String) throws(Diagnostic) -> [Int] {
      try node.attributes[name]?.message.integers(8, name).map { Int($0) } ?? []
    }
    let count = try node.attributes["num_scan_inputs"]?.message.integer(3, "num_scan_inputs") ?? 0
    guard count > 0, count <= given.count, let sequences = Int(exactly: count) else {
      throw Diagnostic("onnx.attribute", "`num_scan_inputs` does not suit \(given.count) inputs")
    }
    var states = Array(given.prefix(given.count - sequences))
    let scanned = Array(given.suffix(sequences))
    let (axes, directions) = (try list("scan_input_axes"), try list("scan_input_directions"))
    let (outputAxes, outputDirections) = (try list("scan_output_axes"), try list("scan_output_directions"))
    let length = try sequenceLength(node, scanned, axes)
    guard length <= Graph.maximumNodes else {
      throw Diagnostic("onnx.control", "the sequence has more than \(Graph.maximumNodes) elements")
    }
    var collected: [[ONNXValue]] = []
    for round in 0..<length {
      var slices: [ONNXValue] = []
      for (index, value) in scanned.enumerated() {
        let place = directions.indices.contains(index) && directions[index] == 1 ? length - 1 - round : round
        let axis = axes.indices.contains(index) ? axes[index] : 0
        slices += try run(node, [value], version: 1) { (call) throws(Diagnostic) in
          [try call.element(place, along: axis)]
        }
      }
      let results = try inlined(message, states + slices, values, versions, depth)
      guard results.count >= states.count else { throw Diagnostic("onnx.graph", "the body has too few outputs") }
      if results.contains(where: { if case .unknown = $0 { true } else { false } }) {
        return node.outputs.map { _ in .unknown }
      }
      collected.append(Array(results[states.count...]))
      states = Array(results.prefix(states.count))
    }
    for index in 0..<(collected.first?.count ?? 0) {
      var parts = collected.map { $0[index] }
      if outputDirections.indices.contains(index), outputDirections[index] == 1 { parts.reverse() }
      states.append(
        try stacked(node, parts, axis: outputAxes.indices.contains(index) ? outputAxes[index] : 0))
    }
    return states
  }

  private mutating func sequenceLength(
    _ node: ONNXNode, _ scanned: [ONNXValue], _ axes: [Int]
  ) throws(Diagnostic) -> Int {
    var length = 0
    _ = try run(node, scanned, version: 1) { (call) throws(Diagnostic) in
      let sizes = try scanned.indices.map { (index) throws(Diagnostic) in
        let shape = try call.shape(index)
        return shape[try shape.normalized(axis: axes.indices.contains(index) ? axes[index] : 0)]
      }
      guard let size = sizes.first, sizes.allSatisfy({ $0 == size }), size > 0 else {
        throw call.failure("shape", "the sequences have different lengths, or are empty")
      }
      length = size
      return []
    }
    return length
  }
}

extension ONNXCall {
  /// The first input with a new axis of size 1.
  fileprivate mutating func withAxis(_ axis: Int) throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let place = axis < 0 ? axis + shape.rank + 1 : axis
    guard (0...shape.rank).contains(place) else { throw failure("axis", "there is no axis \(axis)") }
    var dims = shape.dims
    dims.insert(1, at: place)
    return try reshaped(dims)
  }

  /// The slice of the first input at `place`.
  fileprivate mutating func element(_ place: Int, along axis: Int) throws(Diagnostic) -> ONNXValue {
    let own = try shape(0).normalized(axis: axis)
    return try slice(try value(0), [Cut(axis: own, begin: place, step: 1, count: 1)], dropping: [own])
  }
}
