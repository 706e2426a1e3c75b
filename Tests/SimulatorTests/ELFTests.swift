import Compiler
import Simulator
import Support
import Testing

/// Executable files: good ones, and thousands of damaged ones, of which each gives an image or one clear error.
@Suite struct ELFTests {
  private static let assembly = """
    .global start
    .type function, %function
    .thumb_func
    function:
    .thumb_set start, function
      ldr r0, =variable
      ldr r1, [r0]
      bx lr
    .size function, . - function
    .type special.constprop.0, %function
    .thumb_func
    special.constprop.0: bx lr
    .size special.constprop.0, . - special.constprop.0
    .type special$part, %function
    .thumb_func
    other$part: bx lr
    .ltorg
    plain: nop
    .section .vectors, "a"
    .word 0x20001000, function
    .data
    .type variable, %object
    variable: .word 0x12345678, 5
    .size variable, 8
    .bss
    zeros: .space 24
    """

  private static func program() throws(Diagnostic) -> SimulatedProgram { try SimulatedProgram(assembly: assembly) }

  @Test func sectionsAndSymbolsAreRead() throws {
    let image = try Self.program().image
    #expect(image.machine == 40)
    // The address of a function with the Thumb bit.
    #expect(image.entry == 9)
    let sections = image.sections.filter(\.isAllocated)
    #expect(sections.map(\.name) == [".text", ".data", ".bss"])
    #expect(sections.map(\.isWritable) == [false, true, true])
    #expect(sections.map(\.isZero) == [false, false, true])
    #expect(sections.map(\.address) == [0, 0x2000_0000, 0x2000_0008])
    #expect(sections.map(\.size)[1...] == [8, 24])
    // The values of variables are behind the code in the flash.
    #expect(image.segments.map(\.address) == [0, sections[0].size])
    #expect(image.segments.map(\.bytes.count) == [sections[0].size, 8])
    #expect(Array(image.segments[1].bytes) == [0x78, 0x56, 0x34, 0x12, 5, 0, 0, 0])

    let function = try #require(image.symbols.first { $0.name == "function" })
    #expect(function.isFunction && function.address == 8 && function.size == 6)
    #expect(try image.address(of: "variable") == 0x2000_0000)
    #expect(try image.address(of: "stack_top") == 0x2010_0000)
    #expect(try image.address(ofFunction: "special") == 14)
    #expect(try image.address(ofFunction: "other") == 16)
    #expect(image.function(at: 12)?.name == "function")
    #expect(image.function(at: 14)?.name == "special.constprop.0")
    #expect(image.function(at: 0x2000_0000) == nil)
    #expect(image.symbols.map(\.address) == image.symbols.map(\.address).sorted())
    #expect(!image.symbols.contains { $0.name.hasPrefix("$") })
    for name in ["plain", "functio", "variable"] {
      let error = #expect(throws: Diagnostic.self) { try image.address(ofFunction: name) }
      #expect(error?.id == "elf.function")
    }
    #expect(throws: Diagnostic.self) { try image.address(of: "missing") }
  }

  @Test func aCoreStartsWithTheVectorTable() throws {
    let program = try Self.program()
    let core = try program.core()
    let (stack, place) = (core[13], core.programCounter)
    #expect(stack == 0x2000_1000 && place == 8)
    // A start-up of its own would copy the variables' values; the RAM is full of zeros.
    let (value, source) = (core.word(at: 0x2000_0000), core.word(at: UInt32(program.image.segments[1].address)))
    #expect(value == 0 && source == 0x1234_5678)
  }

  @Test func aProgramThatDoesNotFitIsRefused() throws {
    let image = try Self.program().image
    do throws(Diagnostic) {
      _ = try ARMv6M(
        image, flash: MemoryRange(origin: 0, size: 32), ram: SimulatedProgram.ram, timing: .cortexM0(multiply: 1))
      Issue.record("the flash has 32 bytes")
    } catch {
      #expect(error.id == "simulator.load")
    }
  }

  /// A file of the machine that runs the tests.
  private static func wideFile() throws(Diagnostic) -> [UInt8] {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let text = ".text\n.type f, @function\nf: .byte 1, 2, 3\n.size f, 3\n.data\nv: .quad 5\n.bss\n.space 40\n"
      try Platform.write(Array(text.utf8), to: "\(folder)/a.s")
      _ = try Platform.run("gcc", ["-c", "a.s"], in: folder)
      return try Platform.read("\(folder)/a.o")
    }
  }

  @Test func filesOf64BitsAreRead() throws {
    let image = try ELFImage(try Self.wideFile(), file: "a.o")
    #expect(image.sections.first { $0.name == ".text" }?.size == 3)
    #expect(image.sections.first { $0.name == ".bss" }.map { $0.size == 40 && $0.isZero } == true)
    #expect(try image.address(ofFunction: "f") == 0)
    #expect(image.function(at: 2)?.name == "f" && image.function(at: 3) == nil)
    #expect(image.segments.isEmpty)
  }

  // MARK: damaged files

  /// Reads `bytes`, and when that succeeds makes a core and runs it; whether both succeed.
  private func isAccepted(_ bytes: [UInt8]) -> Bool {
    do throws(Diagnostic) {
      let image = try ELFImage(bytes, file: "a.elf")
      _ = image.function(at: 12)
      _ = image.function(at: .max)
      _ = try? image.address(ofFunction: "special")
      var core = try ARMv6M(
        image, flash: MemoryRange(origin: 0, size: 4096), ram: MemoryRange(origin: 0x2000_0000, size: 8192),
        timing: .cortexM0(multiply: 1), wait: FlashTiming(waitStates: 15, hasPrefetch: false))
      for _ in 0..<3 {
        do throws(Fault) {
          if case .breakpoint = try core.run(limit: core.cycles + 300) { core.skipBreakpoint() }
        } catch {
          break
        }
      }
      let (profile, cycles) = (core.profile(image), core.cycles)
      #expect(profile.cycles == cycles)
      return true
    } catch {
      #expect(error.category == .badInput && !error.message.isEmpty)
      return false
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try Self.program().bytes
    #expect(isAccepted(bytes))
    let accepted = (0..<bytes.count).filter { isAccepted(Array(bytes[..<$0])) }
    #expect(accepted.isEmpty, "of \(bytes.count) bytes")
  }

  @Test func everyFieldMayHaveAnExtremeValue() throws {
    func check(_ original: [UInt8], bytes count: Int, _ values: [UInt64]) {
      var accepted = 0
      for at in stride(from: 0, through: original.count - count, by: 4) {
        for value in values {
          var bytes = original
          for i in 0..<count { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
          if isAccepted(bytes) { accepted += 1 }
        }
      }
      #expect(accepted > original.count / 8)
    }
    check(try Self.program().bytes, bytes: 4, [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF])
    check(try Self.program().bytes, bytes: 2, [0, 0xFFFF])
    let (largest, lowest) = (UInt64(Int64.max), UInt64(1) << 63)
    check(try Self.wideFile(), bytes: 8, [0, largest, largest - 1, lowest, .max])
  }

  private static let words: [UInt32] = [
    0, 1, 2, 0x20, 0xFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFC, 0x2000_0000,
  ]

  @Test(arguments: UInt64(0)..<4)
  func damagedFilesNeverTrap(_ seed: UInt64) throws {
    let original = try Self.program().bytes
    var random = SplitMix64(seed: seed + 5)
    // Headers of the file and of the segments at the start, of the sections at the end, names and symbols before them.
    let sections = original.count - 40 * Int(original[0x30])
    let start = Platform.now()
    var accepted = 0
    for index in 0..<2000 {
      var bytes = original
      if seed == 3 && index % 2 == 0 { bytes[4] = 2 }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let part = [0..<0x74, sections..<bytes.count, 0..<bytes.count][Int.random(in: 0...2, using: &random)]
        let at = Int.random(in: part, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.swapAt(at, Int.random(in: bytes.indices, using: &random))
        default:
          let word = Self.words[Int.random(in: 0..<Self.words.count, using: &random)]
          for i in 0..<4 where at / 4 * 4 + i < bytes.count {
            bytes[at / 4 * 4 + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i))
          }
        }
      }
      if isAccepted(bytes) { accepted += 1 }
    }
    // Some damage is harmless; if none were, nothing would reach the core.
    #expect(accepted > 100 && accepted < 1900)
    #expect(Platform.now() - start < 60)
  }

  @Test func headersThatOverlapAreRefused() throws {
    let original = try Self.program().bytes
    // Sizes of a header of segments and sections, and their numbers.
    for (size, count) in [(0x2A, 0x2C), (0x2E, 0x30)] {
      for value in [UInt8(0), 1, 31] {
        var bytes = original
        bytes.replaceSubrange(size..<size + 2, with: [value, 0])
        bytes.replaceSubrange(count..<count + 2, with: [0xFF, 0xFF])
        let error = #expect(throws: Diagnostic.self) { try ELFImage(bytes, file: "a.elf") }
        #expect(error?.id == "elf.header")
      }
    }
  }

  @Test func otherFilesAreRefused() {
    for (bytes, id) in [
      ([], "elf.magic"), (Array("#!/bin/sh\n".utf8), "elf.magic"), ([0x7F, 0x45, 0x4C, 0x46], "elf.bounds"),
      ([0x7F, 0x45, 0x4C, 0x46, 1, 2], "elf.order"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: Diagnostic.self) { try ELFImage(bytes, file: "a") }
      #expect(error?.id == id)
    }
  }
}
