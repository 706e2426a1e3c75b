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
      _ = try Machine.named(name)
      for description in TargetCatalog.descriptions where description.name == name { Platform.print(description.json) }
      return
    }
    let width = TargetCatalog.descriptions.map(\.name.count).max() ?? 0
    for description in TargetCatalog.descriptions {
      let machine = try Machine.named(description.name)
      Platform.print("\(machine.name.padded(to: width))  \(machine.summary)\n")
    }
  }
}
