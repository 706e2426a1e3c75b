import Frontends
import IR
import Support
import TestSupport
import Testing

/// Damaged and unsupported TensorFlow Lite files give one error that says where.
@Suite struct TFLiteErrorTests {
  private let original: [UInt8]

  init() throws {
    let fixture = Repository.operatorFixtures.first { $0.description.hasPrefix("conv_2d_") }
    original = try #require(fixture).bytes("model.tflite")
  }

  @Test func otherFilesAreNoModels() {
    for bytes in [[], [1, 2, 3], Array("something else entirely".utf8)] {
      let error = #expect(throws: Diagnostic.self) { try Frontend.read(bytes, file: "x") }
      #expect(error?.id == "frontend.format" && error?.location == .byte(file: "x", offset: 0))
    }
  }

  @Test func everyTruncationIsRefused() throws {
    for length in stride(from: 8, to: original.count, by: 1) {
      // The tail may be padding that nothing refers to.
      guard let error = refusal(Array(original[..<length])) else {
        #expect(length > original.count - 64)
        continue
      }
      #expect(error.category == .badInput && error.location != .unknown)
    }
  }

  private func refusal(_ bytes: [UInt8]) -> Diagnostic? {
    do throws(Diagnostic) {
      _ = try Frontend.read(bytes, file: "x")
      return nil
    } catch {
      return error
    }
  }

  @Test func anOffsetPastTheEndNamesTheByte() {
    var bytes = original
    bytes.replaceSubrange(0..<4, with: [0xF0, 0xFF, 0xFF, 0x7F])
    let error = refusal(bytes)
    #expect(error?.location == .byte(file: "x", offset: 0x7FFF_FFF0))
  }

  @Test func unsupportedOperatorsAreNamed() throws {
    // The operator code of CONV_2D (3) becomes the one of LSTM (16) wherever the file holds it.
    let codes = original.indices.filter { original[$0] == 3 }
    let errors = codes.compactMap { position -> Diagnostic? in
      var bytes = original
      bytes[position] = 16
      return refusal(bytes)
    }
    let named = errors.first { $0.id == "tflite.operator" }
    #expect(named?.message == "LSTM is not supported")
    #expect(named?.notes.first?.contains("UNIDIRECTIONAL_SEQUENCE_LSTM") == true)
    guard case .node(_, let name) = named?.location else {
      Issue.record("no place")
      return
    }
    #expect(name.hasPrefix("operator 0 (LSTM)"))
  }
}
