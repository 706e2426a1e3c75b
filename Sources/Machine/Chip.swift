package import Support

/// A microcontroller: a core with memories and a clock.
package struct Chip: Sendable {
  package let name: String
  /// Maker and full name.
  package let title: String
  /// Name of the core's description.
  package let core: String
  /// The highest clock of the part.
  package let clockHz: Int
  /// Bytes.
  package let flash: Int
  package let ram: Int
  package let timing: Timing
  /// Where the figures are from.
  package let source: String
  package let note: String?

  /// What decides, beside the core, how many cycles a program takes.
  package struct Timing: Equatable, Sendable {
    /// Cycles of a multiplication, where the maker had a choice; 0 without a multiplier.
    package var multiplier: Int
    /// Of the flash at the highest clock.
    package var waitStates: Int
    /// The next word of the flash is fetched before it is needed.
    package var hasPrefetch: Bool

    package init(multiplier: Int, waitStates: Int, hasPrefetch: Bool) {
      self.multiplier = multiplier
      self.waitStates = waitStates
      self.hasPrefetch = hasPrefetch
    }
  }

  package init(_ top: JSONCursor) throws(Diagnostic) {
    try top.allowOnly([
      "name", "title", "core", "clock_hz", "flash", "ram", "wait_states", "prefetch", "multiplier", "source", "note",
    ])
    name = try top.member("name").string()
    title = try top.member("title").string()
    core = try top.member("core").string()
    clockHz = try top.member("clock_hz").int(1_000...10_000_000_000)
    flash = try top.member("flash").int(256...1 << 30)
    ram = try top.member("ram").int(64...1 << 30)
    timing = Timing(
      multiplier: try top.member("multiplier").int(0...64), waitStates: try top.member("wait_states").int(0...15),
      hasPrefetch: try top.member("prefetch").bool())
    source = try top.member("source").string()
    note = try top.optional("note")?.string()
  }
}

extension Machine {
  /// The core in `chip`.
  package func inside(_ chip: Chip) -> Machine {
    var machine = with(chip.timing)
    machine.chip = chip
    // simavr and avr-gcc know microcontrollers by their names.
    if case .simavr = runner { machine.choose(mcu: chip.name, ram: chip.ram) }
    return machine
  }

  /// The core with the choices of a chip's maker.
  package func with(_ timing: Chip.Timing) -> Machine {
    var machine = self
    if case .armv6m(var core) = counter {
      core.timing = timing
      machine.counter = .armv6m(core)
    }
    return machine
  }

  mutating func choose(mcu: String, ram: Int) {
    runner = .simavr(mcu: mcu, ram: ram)
    toolchain = Toolchain(
      compiler: toolchain.compiler, flags: toolchain.flags.filter { !$0.hasPrefix("-mmcu=") } + ["-mmcu=\(mcu)"])
  }
}
