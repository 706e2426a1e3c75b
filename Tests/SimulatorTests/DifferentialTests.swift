import Simulator
import Support
import Testing

/// Random instructions on the simulator and on QEMU, which others have written: the same registers, flags and memory.
@Suite struct DifferentialTests {
  private static let blocks = 250

  @Test(arguments: UInt64(1)...4)
  func randomInstructionsDoTheSameAsOnQEMU(_ seed: UInt64) throws {
    var generator = RandomThumb(seed: seed)
    let program = try SimulatedProgram(assembly: generator.program(blocks: Self.blocks, pieces: 24))
    for piece in RandomThumb.Piece.allCases { #expect(generator.pieces[piece, default: 0] > 20, "\(piece)") }
    let simulated = try program.simulate()
    let emulated = try program.emulate()
    #expect(emulated.count == Self.blocks * RandomThumb.recordSize)
    let difference = firstDifference(simulated.output, emulated)
    #expect(difference == nil, "seed \(seed): \(difference ?? "")")
    // 48 instructions start and end a block.
    #expect(simulated.profile.instructions > UInt64(15_000 + 48 * Self.blocks))
    #expect(Set(simulated.profile.mix.keys) == Set(ExecutionProfile.Group.allCases))
    #expect(simulated.profile.cycles == simulated.cycles)
  }

  /// Where two outputs differ first, in words of the program.
  private func firstDifference(_ simulated: [UInt8], _ emulated: [UInt8]) -> String? {
    guard simulated != emulated else { return nil }
    guard let at = zip(simulated, emulated).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
      return "\(simulated.count) bytes and \(emulated.count)"
    }
    let names =
      ["flags"] + (8...12).map { "r\($0)" } + ["sp"] + (0...7).map { "r\($0)" } + ["lr"]
    let (block, offset) = at.quotientAndRemainder(dividingBy: RandomThumb.recordSize)
    func word(_ bytes: [UInt8]) -> String {
      let start = at / 4 * 4
      return "0x" + String(bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }, radix: 16)
    }
    let place = offset / 4 < names.count ? names[offset / 4] : "byte \(offset - 4 * names.count) of buffer and stack"
    return "block \(block), \(place): \(word(simulated)), on QEMU \(word(emulated))"
  }
}
