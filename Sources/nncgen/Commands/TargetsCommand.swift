import Machine
import Support
import TargetCatalog

/// `nncgen targets`: what can be compiled for.
enum TargetsCommand {
  static let command = Command(
    "targets", operands: ["NAME"], optionalOperands: 1,
    """
    Lists the targets, or prints the description of one.
    A changed copy of a description is a target of your own: `--target FILE.json`.
    """,
    options: [], run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    if let name = arguments.operands.first {
      _ = try TargetCatalog.machine(name)
      return Platform.print(TargetCatalog.description(name) ?? "")
    }
    var cores = Table(["core", "profile counts", "summary"], rightAligned: [])
    for name in TargetCatalog.coreNames {
      let machine = try TargetCatalog.machine(name)
      cores.add([machine.name, machine.isMeasurable ? machine.countedUnit : "-", machine.summary])
    }
    var chips = Table(["chip", "core", "clock", "flash", "RAM", "wait states", "title"], rightAligned: [2, 3, 4, 5])
    for name in TargetCatalog.chipNames {
      guard let chip = try TargetCatalog.machine(name).chip else { continue }
      chips.add([
        chip.name, chip.core, megahertz(chip.clockHz), kibibytes(chip.flash), kibibytes(chip.ram),
        "\(chip.timing.waitStates)\(chip.timing.waitStates > 0 && chip.timing.hasPrefetch ? ", prefetch" : "")",
        chip.title,
      ])
    }
    Platform.print(cores.text + "\n" + chips.text)
  }
}

/// A size of a memory, such as `16K`.
func kibibytes(_ bytes: Int) -> String {
  bytes % (1 << 20) == 0 ? "\(bytes >> 20)M" : bytes % 1024 == 0 ? "\(bytes / 1024)K" : "\(grouped(bytes))"
}
