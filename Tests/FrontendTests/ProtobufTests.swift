import Compiler
import Frontends
import Support
import TestSupport
import Testing

/// The wire format that ONNX files are written in.
@Suite struct ProtobufTests {
  private func message(_ bytes: [UInt8]) throws(Diagnostic) -> ProtobufMessage {
    try ProtobufMessage(rootOf: ByteReader(bytes, file: "m", format: "onnx"), name: "the model")
  }

  private func failure(_ bytes: [UInt8], _ use: (ProtobufMessage) throws(Diagnostic) -> Void = { _ in }) -> Diagnostic?
  {
    do throws(Diagnostic) {
      try use(try message(bytes))
      return nil
    } catch {
      return error
    }
  }

  @Test func numbersOfAllWireTypes() throws {
    // 1: varint 300; 2: 32 bits 1.5; 3: 64 bits, unknown; 1 again, which counts.
    let bytes: [UInt8] = [
      0x08, 0xAC, 0x02, 0x15, 0, 0, 0xC0, 0x3F, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0xFF, 0xFF, 0xFF, 0x01,
    ]
    let message = try message(bytes)
    #expect(try message.integer(1, "a") == -1)
    #expect(try message.integers(1, "a") == [300, -1])
    #expect(try message.float(2, "b") == 1.5)
    #expect(message.has(3) && !message.has(4))
    #expect(try message.integer(4, "d", default: 7) == 7)
  }

  @Test func packedAndUnpackedValuesAreTheSame() throws {
    let packed = try message([0x0A, 3, 1, 0x96, 0x01])
    let single = try message([0x08, 1, 0x08, 0x96, 0x01])
    let mixed = try message([0x0A, 1, 1, 0x08, 0x96, 0x01])
    for message in [packed, single, mixed] { #expect(try message.integers(1, "a") == [1, 150]) }
    #expect(try message([0x0A, 4, 0, 0, 0x80, 0x3F, 0x0D, 0, 0, 0, 0x40]).floats(1, "a") == [1, 2])
    #expect(try message([0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]).doubles(1, "a") == [1])
  }

  @Test func nestedMessagesAndStrings() throws {
    let message = try message([0x12, 2, 0x41, 0x42, 0x1A, 2, 0x08, 5, 0x1A, 0])
    #expect(try message.string(2, "s") == "AB")
    #expect(try message.strings(2, "s") == ["AB"])
    #expect(try message.messages(3, "m").map { (nested) throws(Diagnostic) in try nested.integer(1, "i") } == [5, 0])
    #expect(try message.message(9, "none") == nil)
  }

  @Test func errorsNameTheByte() throws {
    // A length beyond the file; a varint that is cut off; one of 11 bytes; group fields; the field number 0.
    let cases: [(bytes: [UInt8], id: String, offset: Int)] = [
      ([0x08, 1, 0x12, 9, 0], "onnx.bounds", 4), ([0x08, 0x80], "onnx.bounds", 2),
      ([0x08] + [UInt8](repeating: 0xFF, count: 11), "onnx.varint", 1), ([0x08, 1, 0x13], "onnx.wire-type", 2),
      ([0x00, 1], "onnx.field", 0), ([0x0D, 1, 2], "onnx.bounds", 1), ([0x09, 1, 2, 3, 4], "onnx.bounds", 1),
      ([0x12] + [UInt8](repeating: 0xFF, count: 9) + [0x01], "onnx.bounds", 1),
      ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], "onnx.varint", 1),
    ]
    for (bytes, id, offset) in cases {
      let error = try #require(failure(bytes))
      #expect(error.id == id && error.location == .byte(file: "m", offset: offset), "\(error)")
    }
    let wrong = failure([0x08, 1]) { (message) throws(Diagnostic) in _ = try message.string(1, "name") }
    #expect(wrong?.id == "onnx.wire-type")
    let cut = failure([0x0A, 3, 0, 0, 0]) { (message) throws(Diagnostic) in _ = try message.floats(1, "values") }
    #expect(cut?.id == "onnx.bounds")
    let twice = failure([0x0A, 0, 0x0A, 0]) { (message) throws(Diagnostic) in _ = try message.message(1, "graph") }
    #expect(twice?.id == "onnx.twice")
  }

  @Test func nestingIsBounded() throws {
    var bytes: [UInt8] = []
    for _ in 0..<20 { bytes = [0x0A, UInt8(bytes.count)] + bytes }
    var depth = 0
    let error = failure(bytes) { (message) throws(Diagnostic) in
      var next: ProtobufMessage? = message
      while let inner = next {
        next = try inner.message(1, "inner")
        depth += 1
      }
    }
    #expect(error?.id == "onnx.depth" && depth == ProtobufMessage.maximumDepth - 1)
  }

  @Test(arguments: 0..<4)
  func randomBytesGiveErrorsOrValues(_ part: Int) throws {
    var random = SplitMix64(seed: UInt64(part) + 5)
    var accepted = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &random)
      // Small numbers are keys and lengths that lead on.
      let bytes = (0..<count).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...26, using: &random) : UInt8.random(in: 0...255, using: &random)
      }
      do throws(Diagnostic) {
        let message = try message(bytes)
        for number in Int32(1)...4 {
          _ = try? message.integers(number, "i")
          _ = try? message.floats(number, "f")
          _ = try? message.doubles(number, "d")
          _ = try? message.messages(number, "m")
        }
        accepted += 1
      } catch {
        guard case .byte(_, let offset) = error.location else {
          Issue.record("\(error)")
          continue
        }
        #expect((0...bytes.count).contains(offset))
      }
    }
    #expect(accepted > 500)
  }
}
