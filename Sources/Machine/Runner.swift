extension Machine {
  /// How a test program for the core is linked and run.
  package enum Runner: Sendable {
    /// As a process of this machine.
    case native
    /// As a process in an emulator of another machine with the same system.
    case user(program: String, arguments: [String])
    /// On an emulated board whose program reaches this machine's files by semihosting.
    case semihosting(Board)
    /// In simavr, as the microcontroller `mcu` with so many bytes of RAM.
    case simavr(mcu: String, ram: Int)
  }

  /// An emulated board.
  package struct Board: Sendable {
    /// Name of the start-up code among the harness templates.
    package let startup: String
    package let program: String
    package let arguments: [String]
    package let flash: Memory
    package let ram: Memory
  }

  /// Start address and size in bytes.
  package struct Memory: Sendable {
    package let origin: Int
    package let size: Int
  }

  /// How it is known what a program takes.
  package enum Counter: Sendable {
    /// Not at all.
    case none
    /// Cycles, by the simulator of the ARMv6-M architecture.
    case armv6m(ARMv6MCore)
    /// Cycles, by simavr.
    case simavr
    /// Instructions: the emulator runs with these further arguments, which bind its clock to them.
    case emulator(arguments: [String])
  }

  /// A core of the ARMv6-M architecture with the choices of the chip's maker.
  package struct ARMv6MCore: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
      case cortexM0 = "cortex-m0"
      case cortexM0Plus = "cortex-m0plus"
    }

    package let kind: Kind
    package internal(set) var timing: Chip.Timing
  }

  /// Bytes of RAM, where they are known: of the chip, or of the microcontroller that stands for the core.
  package var ram: Int? {
    if let chip { return chip.ram }
    if case .simavr(_, let ram) = runner { return ram }
    return nil
  }

  /// `profile` can count what programs take.
  package var isMeasurable: Bool {
    if case .none = counter { return false }
    return true
  }

  /// What the numbers of the counter are.
  package var countedUnit: String {
    switch counter {
    case .none, .armv6m, .simavr: "cycles"
    case .emulator: "instructions"
    }
  }
}
