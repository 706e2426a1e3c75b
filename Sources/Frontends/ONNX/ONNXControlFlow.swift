import IR
import Operators
import Support

// If, Loop and Scan whose conditions and counts are known while the file is imported: the nodes of their graphs take their
// place, those of loops once for each round.

extension ONNXImporter {
  /// A graph inside of a node.
  private struct Body {
    let inputs: [String]
    let outputs: [String]
    let initializers: [(name: String, value: ONNXValue)]
    let nodes: [ONNXNode]

    /// The graph in an attribute of a node.
    init(_ node: ONNXNode, _ attribute: String) throws(Diagnostic) {
      guard let message = try node.attributes[attribute]?.message.message(6, attribute) else {
        throw Diagnostic("onnx.attribute", "`\(attribute)` is missing")
      }
      func names(_ field: Int32, _ label: String) throws(Diagnostic) -> [String] {
        try message.messages(field, label).map { (value) throws(Diagnostic) in
          try value.string(1, "name of \(value.name)")
        }
      }
      inputs = try names(11, "input")
      outputs = try names(12, "output")
      initializers = try message.messages(5, "initializer").map { (tensor) throws(Diagnostic) in
        (try tensor.string(8, "name of \(tensor.name)"), .constant(try ONNXTensorReader.read(tensor)))
      }
      nodes = try message.messages(1, "node").map { (node) throws(Diagnostic) in try ONNXNode(node) }
    }
  }

  /// Adds the nodes of an inner graph, which also reads the values around it, and gives the values of its outputs.
  private mutating func inlined(
    _ body: Body, _ inputs: [ONNXValue], _ outer: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    guard depth < Self.maximumDepth else {
      throw Diagnostic("onnx.size", "graphs stand in each other more than \(Self.maximumDepth) deep")
    }
    guard body.inputs.count == inputs.count else {
      throw Diagnostic("onnx.graph", "the inner graph has \(body.inputs.count) inputs, not \(inputs.count)")
    }
    // The values around it are copied.
    try spend(outer.count + 1)
    var values = outer
    for (name, value) in body.initializers { values[name] = value }
    for (name, value) in zip(body.inputs, inputs) { values[name] = value }
    try add(body.nodes, &values, versions, depth: depth + 1)
    var results: [ONNXValue] = []
    for name in body.outputs {
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
      let bodies = [try Body(node, "then_branch"), try Body(node, "else_branch")]
      if let isTrue = try known(node, inputs, 0) {
        return try inlined(bodies[isTrue != 0 ? 0 : 1], [], values, versions, depth)
      }
      return try bothBranches(node, inputs, bodies, values, versions, depth)
    case "Loop": return try loop(node, inputs, values, versions, depth)
    case "Scan": return try scan(node, inputs, values, versions, depth)
    default: return nil
    }
  }

  /// A condition of run time chooses between the results of both graphs.
  private mutating func bothBranches(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ bodies: [Body], _ values: [String: ONNXValue],
    _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    var branches: [[ONNXValue]] = []
    for body in bodies { branches.append(try inlined(body, [], values, versions, depth)) }
    guard branches[0].count == branches[1].count else {
      throw Diagnostic("onnx.graph", "both graphs must have as many outputs")
    }
    var results: [ONNXValue] = []
    for (first, second) in zip(branches[0], branches[1]) {
      if [first, second].contains(where: { if case .unknown = $0 { true } else { false } }) {
        results.append(.unknown)
        continue
      }
      results += try run(node, [inputs.first ?? nil, first, second], version: 1) { (call) throws(Diagnostic) in
        guard try call.shape(1) == call.shape(2) else {
          throw call.failure(
            "control", "the condition, which is known at run time only, decides the shape of the result")
        }
        return try call.choice()
      }
    }
    return results
  }

  /// The number in an input; nil when it is computed at run time.
  private mutating func known(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ position: Int
  ) throws(Diagnostic) -> Int64? {
    var result: Int64?
    _ = try run(node, inputs, version: 1) { (call) throws(Diagnostic) in
      guard let constant = try call.known(position) else { return [] }
      guard let value = try constant.ints("the condition").first else {
        throw call.failure("control", "an input is empty")
      }
      result = value
      return []
    }
    return result
  }

  /// The number in an input that must be known.
  private mutating func number(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ position: Int, _ role: String
  ) throws(Diagnostic) -> Int64 {
    guard let number = try known(node, inputs, position) else {
      throw Diagnostic(
        "onnx.control", "\(role) is known at run time only, and what runs there is fixed when the model is compiled")
    }
    return number
  }

  private mutating func flag(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ position: Int, _ role: String
  ) throws(Diagnostic) -> Bool { try number(node, inputs, position, role) != 0 }

  /// Inputs: how often at most, whether at all, and the values that go from round to round. The graph gets the number of the
  /// round and the condition before them, and gives the condition, the values, and what is collected of each round.
  private mutating func loop(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ values: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    let body = try Body(node, "body")
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
      let results = try inlined(body, state + carried, values, versions, depth)
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
    let body = try Body(node, "body")
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
      let results = try inlined(body, states + slices, values, versions, depth)
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
