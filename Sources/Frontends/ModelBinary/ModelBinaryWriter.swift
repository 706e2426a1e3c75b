package import IR
import Operators
package import Support

/// Writes a graph of source operators as `model.bin`, losslessly.
package enum ModelBinaryWriter {
  package static func write(_ graph: Graph, _ packing: ConstantPacking = .dense) throws(Diagnostic) -> [UInt8] {
    var payload: [UInt8] = []
    var blocks: [JSON] = []
    /// Blocks with the same content are stored once.
    var known: [[UInt8]: Int] = [:]
    func block(_ bytes: [UInt8]) -> Int {
      if let index = known[bytes] { return index }
      payload += [UInt8](repeating: 0, count: ModelBinaryFormat.aligned(payload.count) - payload.count)
      blocks.append(
        .object([
          ("offset", .int(payload.count)), ("size", .int(bytes.count)), ("crc32", .int(Int(Checksum.crc32(bytes)))),
        ]))
      payload += bytes
      known[bytes] = blocks.count - 1
      return blocks.count - 1
    }
    let tensors = graph.tensors.map { tensor(_: $0, packing, block) }
    var operators: [JSON] = []
    for node in graph.nodes {
      guard node.op is any SourceOperator else {
        throw Diagnostic(
          "modelbin.operator", at: graph.location(node), "\(node.op.mnemonic) is no operator that model.bin stores")
      }
      operators.append(
        .object([
          ("operator", .string(node.op.mnemonic)), ("attributes", attributes(node.op.attributes)),
          ("inputs", indices(node.inputs)), ("outputs", indices(node.outputs)),
          ("origin", origin(node.origin)),
        ]))
    }
    var states: [JSON] = []
    for state in graph.states {
      states.append(
        .object([
          ("current", .int(state.current.index)), ("next", .int(state.next.index)),
          ("initial", .int(block(state.initial))),
        ]))
    }
    let header = JSON.object(
      [
        ("tensors", .array(tensors)), ("operators", .array(operators)), ("inputs", indices(graph.inputs)),
        ("outputs", indices(graph.outputs)),
      ] + (states.isEmpty ? [] : [("states", .array(states))])
        + (graph.isCompressed ? [("compressed", .bool(true))] : []) + [("blocks", .array(blocks))])
    let text = Array(header.text(indent: packing == .dense ? 1 : 0).utf8)
    var bytes = ModelBinaryFormat.magic
    for word in [ModelBinaryFormat.version, UInt32(text.count), Checksum.crc32(text)] {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    }
    bytes += text
    bytes += [UInt8](repeating: 0, count: ModelBinaryFormat.aligned(bytes.count) - bytes.count)
    return bytes + payload
  }

  private static func origin(_ origin: Origin) -> JSON {
    .object(
      [("index", .int(origin.index)), ("name", .string(origin.operatorName))]
        + (origin.subgraph > 0 ? [("subgraph", .int(origin.subgraph))] : []))
  }

  private static func indices(_ ids: [TensorID]) -> JSON { .array(ids.map { .int($0.index) }) }

  private static func tensor(_ info: TensorInfo, _ packing: ConstantPacking, _ block: ([UInt8]) -> Int) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .string(info.name)), ("type", .string(info.type.element.rawValue)),
      ("shape", .array(info.type.shape.dims.map { .int($0) })),
    ]
    if let quantization = info.type.quantization {
      members.append(
        (
          "quantization",
          .object([
            ("scales", .array(quantization.scales.map { .number("\($0)") })),
            ("zero_points", .array(quantization.zeroPoints.map { .int(Int($0)) })),
            ("axis", quantization.axis.map { .int($0) } ?? .null),
          ])
        ))
    }
    if let constant = info.constant {
      let encoding = Encoding.shortest(of: constant, info.type.element, packing)
      members.append(("encoding", encoding.json(block)))
    }
    return .object(members)
  }

  private static func attributes(_ attributes: Attributes) -> JSON {
    .object(
      attributes.members.map { member in
        let value: JSON =
          switch member.value {
          case .int(let value): .int(value)
          case .ints(let values): .array(values.map { .int($0) })
          case .float(let value): .object([("float", .float(Double(value)))])
          case .string(let value): .string(value)
          case .bool(let value): .bool(value)
          }
        return (member.name, value)
      })
  }
}
