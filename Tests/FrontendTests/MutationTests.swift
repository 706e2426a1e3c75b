import Codegen
import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

/// Changes to `model.bin` files that keep the checksum of the header right, so that they get past it.
enum ModelBinaryMutations {
  static func assembled(header: [UInt8], payload: [UInt8]) -> [UInt8] {
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }
    var bytes = Array("NNCG".utf8) + word(1) + word(UInt32(header.count)) + word(Checksum.crc32(header)) + header
    while bytes.count % 16 != 0 { bytes.append(0) }
    return bytes + payload
  }

  static func parts(_ bytes: [UInt8]) -> (header: [UInt8], payload: [UInt8]) {
    let size = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    return (Array(bytes[16..<16 + size]), Array(bytes[((16 + size + 15) / 16 * 16)...]))
  }
}

/// Thousands of damaged files: each gives C or one clear error, and never a trap.
@Suite struct MutationTests {
  /// Small models with many kinds of operators.
  static let seeds: [(name: String, bytes: [UInt8])] = Repository.operatorFixtures.compactMap { folder in
    guard let bytes = try? folder.bytes("model.tflite"), bytes.count < 6000 else { return nil }
    return (folder.description, bytes)
  }

  /// Numbers that overflow something when they stand in the wrong place.
  private static let words: [UInt32] = [
    0, 1, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x4000_0000,
  ]

  private func mutated(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0...5, using: &random) {
      case 0: bytes[position] ^= UInt8(1) << UInt8.random(in: 0...7, using: &random)
      case 1: bytes[position] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeLast(bytes.count - position)
      case 3:
        let word = Self.words.randomElement(using: &random) ?? 0
        for i in 0..<4 where position / 4 * 4 + i < bytes.count {
          bytes[position / 4 * 4 + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i))
        }
      case 4: bytes.insert(contentsOf: bytes[position..<min(position + 8, bytes.count)], at: position)
      default:
        let other = Int.random(in: 0..<bytes.count, using: &random)
        bytes.swapAt(position, other)
      }
    }
    return bytes
  }

  /// Reads `bytes` and goes on to C; an error must be one about the file, with a place.
  private func digest(_ bytes: [UInt8], _ pipeline: Pipeline) -> Bool {
    do throws(Diagnostic) {
      let graph = try Frontend.read(bytes, file: "m")
      let plan = try pipeline.plan(try Pipeline.lower(graph))
      _ = try pipeline.emit(plan, options: EmitOptions(name: "m"))
      return true
    } catch {
      #expect(error.category == .badInput && error.location != .unknown, "\(error)")
      // Looking for everything else that is in the way does not trap either.
      if var examination = try? Examination(ModelSource(bytes, name: "m")) { try? examination.lookAhead() }
      return false
    }
  }

  @Test(arguments: 0..<8)
  func damagedTFLiteFiles(_ part: Int) throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var random = SplitMix64(seed: UInt64(part) + 11)
    let start = Platform.now()
    var accepted = 0
    for index in 0..<1500 {
      let seed = Self.seeds[(part * 1500 + index) % Self.seeds.count]
      if digest(mutated(seed.bytes, &random), pipeline) { accepted += 1 }
    }
    // Some damage is harmless; if none were, the mutations would never reach the later stages.
    #expect(accepted > 50 && accepted < 1400)
    #expect(Platform.now() - start < 120)
  }

  @Test(arguments: 0..<8)
  func damagedONNXFiles(_ part: Int) throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var random = SplitMix64(seed: UInt64(part) + 41)
    let seeds = try Repository.onnxFixtures.map { try $0.bytes("model.onnx") }
    let start = Platform.now()
    var accepted = 0
    for index in 0..<500 {
      // Two thirds come from the network of integers, which can go on to C.
      let isInteger = index % 3 != 0
      let seed = isInteger ? try Self.integers.get() : seeds[(part * 500 + index) % seeds.count]
      if digest(mutated(seed, &random), pipeline) { accepted += 1 }
    }
    #expect(accepted > 15 && accepted < 480)
    #expect(Platform.now() - start < 120)
  }

  /// An ONNX file without floats at its boundary.
  private static let integers = Result {
    try Repository.onnxFixtures.first { $0.description == "qlinear" }?.bytes("model.onnx") ?? []
  }

  @Test(arguments: 0..<8)
  func damagedModelBinaries(_ part: Int) throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var random = SplitMix64(seed: UInt64(part) + 77)
    let start = Platform.now()
    var accepted = 0
    for index in 0..<1500 {
      let seed = Self.seeds[(part * 1500 + index) % Self.seeds.count]
      let packing = index % 2 == 0 ? ConstantPacking.coded : .dense
      let whole = try ModelBinaryWriter.write(try Frontend.read(seed.bytes, file: "m"), packing)
      // A third of the files is damaged anywhere, the others in the header with its checksum made right again.
      if index % 3 == 0 {
        if digest(mutated(whole, &random), pipeline) { accepted += 1 }
      } else {
        let (header, payload) = ModelBinaryMutations.parts(whole)
        let text = index % 3 == 1 ? mutatedNumbers(header, &random) : mutated(header, &random)
        if digest(ModelBinaryMutations.assembled(header: text, payload: payload), pipeline) { accepted += 1 }
      }
    }
    #expect(accepted > 20 && accepted < 1400)
    #expect(Platform.now() - start < 120)
  }

  /// A header whose JSON stays well formed, with other numbers in one or two places.
  private func mutatedNumbers(_ header: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = header
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
      let starts = bytes.indices.filter { isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1])) }
      guard let start = starts.randomElement(using: &random) else { return bytes }
      let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
      let numbers = [
        "0", "1", "2", "3", "7", "127", "128", "255", "65535", "2147483647", "4294967296", "1099511627776",
      ]
      let text = (numbers.randomElement(using: &random) ?? "0")
      bytes.replaceSubrange(start..<end, with: Array(text.utf8))
    }
    return bytes
  }
}
