import Support

/// An attribute of a node, decoded when its value is asked for.
struct ONNXAttribute: Sendable {
  let name: String
  let message: ProtobufMessage

  init(_ message: ProtobufMessage) throws(Diagnostic) {
    name = try message.string(1, "name of \(message.name)")
    self.message = message
  }

  /// The attribute of the surrounding function that gives the value; nil when it stands here.
  func reference() throws(Diagnostic) -> String? {
    message.has(21) ? try message.string(21, "ref_attr_name") : nil
  }
}

/// A node of an ONNX graph or function.
struct ONNXNode: Sendable {
  let name: String
  let operation: String
  /// Empty for the standard operators.
  let domain: String
  /// Names of values; an empty name stands for an input that is left out.
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: ONNXAttribute]
  let message: ProtobufMessage

  init(_ message: ProtobufMessage) throws(Diagnostic) {
    self.message = message
    inputs = try message.strings(1, "inputs of \(message.name)")
    outputs = try message.strings(2, "outputs of \(message.name)")
    name = try message.string(3, "name of \(message.name)")
    operation = try message.string(4, "op_type of \(message.name)")
    let domain = try message.string(7, "domain of \(message.name)")
    self.domain = domain == "ai.onnx" ? "" : domain
    attributes = [:]
    for attribute in try message.messages(5, "attribute") {
      let attribute = try ONNXAttribute(attribute)
      attributes[attribute.name] = attribute
    }
  }

  /// A node that takes the place of this one.
  init(_ other: ONNXNode, operation: String, domain: String, inputs: [String], outputs: [String]) {
    name = other.name
    self.operation = operation
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    attributes = other.attributes
    message = other.message
  }

  /// The operator with its domain, as messages show it.
  var fullName: String { domain.isEmpty ? operation : "\(domain).\(operation)" }
}

/// A function that a model defines: nodes of its domain and name stand for its body.
struct ONNXFunction: Sendable {
  let inputs: [String]
  let outputs: [String]
  let nodes: [ONNXNode]
  /// Attributes with their default values.
  let defaults: [String: ONNXAttribute]
  let versions: [String: Int64]

  init(_ message: ProtobufMessage) throws(Diagnostic) {
    inputs = try message.strings(4, "inputs of \(message.name)")
    outputs = try message.strings(5, "outputs of \(message.name)")
    var nodes: [ONNXNode] = []
    for node in try message.messages(7, "node of \(message.name)") { nodes.append(try ONNXNode(node)) }
    self.nodes = nodes
    var defaults: [String: ONNXAttribute] = [:]
    for attribute in try message.messages(11, "attribute_proto") {
      let attribute = try ONNXAttribute(attribute)
      defaults[attribute.name] = attribute
    }
    self.defaults = defaults
    versions = try ONNXReader.versions(message, field: 9)
  }
}
