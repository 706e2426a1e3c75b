import Codegen
import Compiler
import Machine
import Planning
import Support
import TargetCatalog
import TemplateCatalog

/// `nncgen fit`: the chips that hold a model.
enum FitCommand {
  static let command = Command(
    "fit", operands: ["MODEL"],
    """
    Says which chips hold a model, what is left of their memories, and how long an inference takes.
    The C is compiled for each core and run on its simulator or emulator. RAM counts arena, variables, stack, and
    the buffers for inputs and outputs; your own firmware comes on top. Smallest chips first.
    """,
    options: [
      Option("--core", value: "NAME", "Only chips with this core, such as cortex-m0plus."),
      Option("--all", "Lists also the chips that are too small, and what they lack."),
      SharedOption.optimize,
    ] + SharedOption.calibration + [SharedOption.json],
    run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    if let core = arguments.value("--core"), !TargetCatalog.coreNames.contains(core) {
      throw arguments.command.usage("--core must be one of \(TargetCatalog.coreNames.joined(separator: ", "))")
    }
    let model = try ModelFile(arguments)
    let graph = try Pipeline.lower(model.graph)
    var search = FitSearch(
      graph, templates: TemplateLibrary(TemplateCatalog.files),
      objective: arguments.value("--optimize").flatMap { Objective(rawValue: $0) } ?? .balanced,
      input: Profile.defaultInput(graph))
    var fits: [Fit] = []
    for name in TargetCatalog.chipNames {
      let machine = try TargetCatalog.machine(name)
      guard arguments.value("--core") == nil || machine.core == arguments.value("--core") else { continue }
      if Platform.isTerminal(2) { Platform.print("\r\u{1B}[K\(name)", to: 2) }
      if let fit = search.fit(machine) { fits.append(fit) }
    }
    if Platform.isTerminal(2) { Platform.print("\r\u{1B}[K", to: 2) }
    fits.sort { ($0.chip.flash, $0.chip.ram, $0.chip.name) < ($1.chip.flash, $1.chip.ram, $1.chip.name) }
    Platform.print(
      arguments.has("--json")
        ? FitReport.json(fits).text(indent: 2) + "\n" : FitReport.text(fits, all: arguments.has("--all")))
    guard fits.contains(where: { $0.isPositive }) else {
      throw Diagnostic(
        "fit.none", .negative, "no listed chip holds \(model.name)",
        notes: arguments.has("--all") ? [] : ["`--all` shows what each of them lacks"])
    }
  }
}

extension Fit {
  var isPositive: Bool {
    if case .fits = verdict { return true }
    return false
  }
}
