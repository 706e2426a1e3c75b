import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

/// Weights in a file beside the model, as PyTorch writes them.
@Suite struct ONNXExternalDataTests {
  /// A field of a message: a key with wire type 2, the length, and the bytes.
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  private func varint(_ number: UInt8, _ value: UInt8) -> [UInt8] { [number << 3, value] }

  private func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// y = x + w for two floats each, with the places of w's data.
  private func model(_ entries: [(String, String)]) -> [UInt8] {
    let places = entries.flatMap { field(13, text(1, $0.0) + text(2, $0.1)) }
    let weights = varint(1, 2) + varint(2, 1) + text(8, "w") + places + [14 << 3, 1]
    let type = field(2, field(1, varint(1, 1) + field(2, field(1, varint(1, 2)))))
    let node = text(1, "x") + text(1, "w") + text(2, "y") + text(4, "Add")
    let graph =
      field(1, node) + field(5, weights) + field(11, text(1, "x") + type) + field(12, text(1, "y") + type)
    return varint(1, 8) + field(7, graph) + field(8, varint(2, 17))
  }

  private func failure(_ entries: [(String, String)], _ beside: [String: [UInt8]]) -> Diagnostic? {
    do throws(Diagnostic) {
      _ = try Frontend.examine(model(entries), file: "m", beside: beside).complete()
      return nil
    } catch {
      return error
    }
  }

  @Test func weightsAreReadFromAnotherFile() throws {
    let file: [UInt8] = [9, 9, 9, 9, 0, 0, 128, 63, 0, 0, 0, 64]
    let place = [("location", "m.data"), ("offset", "4"), ("length", "8")]
    let bytes = model(place)
    #expect(ONNXReader.companions(bytes, file: "m") == ["m.data"])
    let graph = try Frontend.examine(bytes, file: "m", beside: ["m.data": file]).complete()
    let constant = try #require(graph.tensors.first { $0.constant != nil }?.constant)
    #expect(constant == Array(file[4...]))
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try Platform.write(bytes, to: "\(folder)/m.onnx")
      try Platform.write(file, to: "\(folder)/m.data")
      #expect(try Examination(ModelSource(path: "\(folder)/m.onnx")).isReadable)
    }
  }

  @Test func filesThatAreMissingOrTooShortAreNamed() throws {
    let missing = try #require(failure([("location", "m.data")], [:]))
    #expect(missing.id == "onnx.external" && missing.message.contains("`m.data`, which is not beside the model"))
    for place in [[("offset", "5")], [("offset", "18446744073709551615")], [("offset", "-1")], [("length", "7")], []] {
      let error = failure([("location", "m.data")] + place, ["m.data": [1, 2, 3, 4, 5, 6, 7]])
      #expect(error?.id == "onnx.external")
    }
  }

  /// Only files in the model's folder are opened.
  @Test(arguments: ["../secret", "/etc/passwd", "a/../../b", "", "a//b"])
  func otherFoldersAreRefused(_ location: String) {
    #expect(ONNXReader.companions(model([("location", location)]), file: "m").isEmpty)
    #expect(failure([("location", location)], [location: [0, 0, 0, 0, 0, 0, 0, 0]])?.id == "onnx.external")
  }
}
