import Compiler
import Frontends
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// The page that lists operators with the types and kernels that the recorded models prove.
@Suite struct SupportTableTests {
  private static let path = "\(Repository.root)/Sources/Frontends/OPERATORS.md"

  @Test func thePageListsWhatIsProved() throws {
    var rows: [String: (types: Set<String>, kernels: Set<String>, models: Int)] = [:]
    let pipeline = try Pipelines.pipeline("cortex-m0")
    for fixture in Repository.operatorFixtures where !fixture.description.hasPrefix("chain_") {
      let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
      let known = Set(TFLiteSupport.operators)
      for node in graph.nodes where known.contains(node.origin.operatorName) {
        let types = node.inputs.prefix(1).map { graph[$0].type.element.rawValue }
        rows[node.origin.operatorName, default: ([], [], 0)].types.formUnion(types)
        rows[node.origin.operatorName]?.models += 1
      }
      guard let lowered = try? Pipeline.lower(graph) else { continue }
      for step in try pipeline.plan(lowered, SelectionRequest(chains: [])).steps {
        let names = ([step.kernel] + step.rejected.map(\.kernel)).map(\.name)
        rows[step.node.origin.operatorName]?.kernels.formUnion(names)
      }
    }
    var lines = [
      "# Operators", "",
      "Recorded by `make record-goldens` from the models in `Tests/Fixtures`, which are compared with TensorFlow Lite Micro (those",
      "that it has no kernels for, with NumPy) bit for bit. Types are those of the first operand; float32 is computed while a network is quantized or its",
      "constants are folded, never at run time. Without a kernel: folded into tables, other operators or nothing.", "",
      "## TensorFlow Lite", "", "| Operator | Types | Models | Kernels |", "|---|---|---:|---|",
    ]
    for name in TFLiteSupport.operators {
      let row = rows[name] ?? ([], [], 0)
      lines.append(
        "| \(name) | \(row.types.sorted().joined(separator: ", ")) | \(row.models) | "
          + "\(row.kernels.sorted().joined(separator: ", ")) |")
    }
    lines += ["", "## ONNX", "", ONNXSupport.operators.joined(separator: ", ") + "."]
    let text = lines.joined(separator: "\n") + "\n"
    if Platform.environment("RECORD_GOLDENS") == "1" { try Platform.write(Array(text.utf8), to: Self.path) }
    #expect(String(decoding: try Platform.read(Self.path), as: UTF8.self) == text, "run `make record-goldens`")
  }
}
