import Simulator
import Support
import Testing

/// A program for the simulated core, made by the cross compiler, and the ways to run it.
struct SimulatedProgram: Sendable {
  static let flash = MemoryRange(origin: 0, size: 1 << 20)
  static let ram = MemoryRange(origin: 0x2000_0000, size: 1 << 20)

  /// The executable file.
  let bytes: [UInt8]
  let image: ELFImage

  /// Assembles `text` without any start-up code; a vector table goes to the section `.vectors`.
  init(assembly text: String) throws(Diagnostic) {
    let head = ".syntax unified\n.cpu cortex-m0\n.thumb\n.text\n"
    try self.init(files: [("program.s", head + text + "\n")], flags: ["-mcpu=cortex-m0", "-nostdlib"], libraries: [])
  }

  /// Compiles the C program `text`, which has `main` and calls `output(const void *, int)`, with start-up code and newlib.
  init(c text: String, flags: [String]) throws(Diagnostic) {
    try self.init(
      files: [("program.c", text), ("start.s", StartUp.assembly)], flags: flags + ["-nostartfiles"],
      libraries: ["-lm", "-lc", "-lgcc"])
  }

  private init(
    files: [(name: String, text: String)], flags: [String], libraries: [String]
  ) throws(Diagnostic) {
    bytes = try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      for file in files + [("program.ld", StartUp.linkerScript)] {
        try Platform.write(Array(file.text.utf8), to: "\(folder)/\(file.name)")
      }
      let outcome = try Platform.run(
        "arm-none-eabi-gcc",
        ["-mthumb"] + flags + ["-Wl,-n", "-Wl,--no-warn-rwx-segments", "-T", "program.ld", "-o", "program.elf"]
          + files.map(\.name) + libraries,
        in: folder)
      guard outcome.status == 0 else {
        throw Diagnostic("test.compile", .externalProgram, "the test program does not compile", notes: [outcome.errors])
      }
      return try Platform.read("\(folder)/program.elf")
    }
    image = try ELFImage(bytes, file: "program.elf")
  }

  func address(_ label: String) throws(Diagnostic) -> UInt32 {
    UInt32(truncatingIfNeeded: try image.address(of: label))
  }

  func core(
    _ timing: CycleTable = .cortexM0(multiply: 1), wait: FlashTiming = .zeroWait
  ) throws(Diagnostic) -> ARMv6M {
    try ARMv6M(image, flash: Self.flash, ram: Self.ram, timing: timing, wait: wait)
  }

  struct Result: Sendable {
    let output: [UInt8]
    let profile: ExecutionProfile
    let cycles: UInt64
  }

  /// Runs on the simulator until the program ends by itself.
  func simulate(_ timing: CycleTable = .cortexM0(multiply: 1)) throws -> Result {
    var core = try core(timing)
    var host = Semihosting(input: [])
    while host.exitReason == nil {
      let stop = try core.run(limit: 200_000_000)
      try #require(stop == .breakpoint(Semihosting.breakpoint))
      let isServed = host.serve(&core)
      try #require(isServed)
      core.skipBreakpoint()
    }
    #expect(host.exitReason == Semihosting.applicationExit)
    return Result(output: host.output, profile: core.profile(image), cycles: core.cycles)
  }

  /// Runs on QEMU's model of the same core; the bytes of `output.bin`.
  func emulate() throws(Diagnostic) -> [UInt8] {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try Platform.write(bytes, to: "\(folder)/program.elf")
      let outcome = try Platform.run(
        "qemu-system-arm",
        [
          "-M", "microbit", "-global", "nrf51-soc.flash-size=0x800000", "-global", "nrf51-soc.sram-size=0x100000",
          "-nographic", "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native",
          "-kernel", "program.elf",
        ], in: folder, seconds: 60)
      guard outcome.status == 0 else {
        throw Diagnostic("test.emulator", .externalProgram, "QEMU: status \(outcome.status)", notes: [outcome.errors])
      }
      return try Platform.read("\(folder)/output.bin")
    }
  }
}

/// What stands around a test program.
enum StartUp {
  static let linkerScript = """
    ENTRY(start)
    MEMORY { flash (rx) : ORIGIN = 0, LENGTH = 1M  ram (rwx) : ORIGIN = 0x20000000, LENGTH = 1M }
    SECTIONS {
      .text : { KEEP(*(.vectors)) *(.text .text.*) *(.rodata .rodata.*) . = ALIGN(4); } > flash
      .ARM.exidx : { *(.ARM.exidx*) *(.ARM.extab*) } > flash
      .data : { data_start = .; *(.data .data.*) . = ALIGN(4); data_end = .; } > ram AT > flash
      data_source = LOADADDR(.data);
      .bss (NOLOAD) : { bss_start = .; *(.bss .bss.*) *(COMMON) . = ALIGN(4); bss_end = .; } > ram
      stack_top = ORIGIN(ram) + LENGTH(ram);
    }

    """

  /// Functions by semihosting: `files_open`, `output(bytes, count)` and `files_close`, which ends the program.
  static let semihosting = """
    .text
    .thumb_func
    .type files_open, %function
    files_open:
      movs r0, #1
      ldr r1, =open_arguments
      bkpt 0xab
      ldr r1, =file_number
      str r0, [r1]
      bx lr
    .size files_open, . - files_open
    .global output
    .thumb_func
    .type output, %function
    output:
      push {r4, lr}
      sub sp, #16
      ldr r2, =file_number
      ldr r2, [r2]
      str r2, [sp]
      str r0, [sp, #4]
      str r1, [sp, #8]
      movs r0, #5
      mov r1, sp
      bkpt 0xab
      add sp, #16
      pop {r4, pc}
    .size output, . - output
    .thumb_func
    .type files_close, %function
    files_close:
      movs r0, #2
      ldr r1, =file_number
      bkpt 0xab
      ldr r1, =0x20026
      movs r0, #0x18
      bkpt 0xab
    .size files_close, . - files_close
    .thumb_func
    .type fault, %function
    fault:
      ldr r1, =0x20023
      movs r0, #0x18
      bkpt 0xab
      b .
    .size fault, . - fault
    .ltorg
    .section .rodata
    .balign 4
    open_arguments: .word file_name, 5, 10
    file_name: .asciz "output.bin"
    .bss
    .balign 4
    file_number: .space 4
    .section .vectors, "a"
    .word stack_top, start, fault, fault
    .text

    """

  static let assembly = """
    .syntax unified
    .cpu cortex-m0
    .thumb
    .global start
    .thumb_func
    .type start, %function
    start:
      ldr r0, =data_start
      ldr r1, =data_end
      ldr r2, =data_source
    1:
      cmp r0, r1
      bhs 2f
      ldmia r2!, {r3}
      stmia r0!, {r3}
      b 1b
    2:
      bl files_open
      bl main
      b files_close
    .size start, . - start
    .ltorg

    """ + semihosting
}
