import Compiler
import Machine
import Support

/// The texts of `nncgen fit`.
enum FitReport {
  static func text(_ fits: [Fit], all: Bool) -> String {
    var holding = Table(
      ["chip", "core", "flash", "of", "left", "RAM", "of", "left", "an inference", ""],
      rightAligned: [2, 3, 4, 5, 6, 7, 8])
    var lacking = Table(["too small", "core", "lacks"], rightAligned: [])
    var unknown: [(chip: String, problem: Diagnostic)] = []
    var isCounted = false
    for fit in fits {
      switch fit.verdict {
      case .fits(let flash, let ram):
        isCounted = isCounted || fit.unit == "instructions"
        holding.add([
          fit.chip.name, fit.chip.core, fit.flash.map(grouped) ?? "", kibibytes(fit.chip.flash), grouped(flash),
          fit.ram.map(grouped) ?? "", kibibytes(fit.chip.ram), grouped(ram), latency(fit),
          "at \(megahertz(fit.chip.clockHz))",
        ])
      case .lacks(let flash, let ram):
        let parts = [(flash, "flash"), (ram, "RAM")].filter { $0.0 > 0 }
        lacking.add([
          fit.chip.name, fit.chip.core,
          parts.map { "\(grouped($0.0)) bytes of \($0.1)" }.joined(separator: ", ")
            + (fit.count == nil ? " or more" : ""),
        ])
      case .unknown(let problem): unknown.append((fit.chip.name, problem))
      }
    }
    var text = fits.contains(where: \.isPositive) ? holding.text : ""
    if isCounted {
      text += "There is no model of the cycles of some cores: for them M instr. are millions of instructions.\n"
    }
    if all && lacking.rowCount > 0 { text += (text.isEmpty ? "" : "\n") + lacking.text }
    for (chip, problem) in unknown { text += "\(chip): \(problem.message)\n" }
    return text
  }

  private static func latency(_ fit: Fit) -> String {
    if let seconds = fit.seconds { return milliseconds(seconds) }
    guard let count = fit.count else { return "" }
    let millions = Double(count) / 1e6
    return fixed(millions, millions < 10 ? 3 : millions < 100 ? 2 : 1) + " M instr."
  }

  static func json(_ fits: [Fit]) -> JSON {
    .array(
      fits.map { fit in
        var members: [(String, JSON)] = [
          ("chip", .string(fit.chip.name)), ("title", .string(fit.chip.title)), ("core", .string(fit.chip.core)),
        ]
        switch fit.verdict {
        case .fits(let flash, let ram):
          members += [("fits", .bool(true)), ("left", memory(flash, ram))]
        case .lacks(let flash, let ram):
          members += [("fits", .bool(false)), ("lacks", memory(flash, ram))]
        case .unknown(let problem): members += [("fits", .null), ("problem", .string(problem.message))]
        }
        if let flash = fit.flash, let ram = fit.ram { members.append(("needs", memory(flash, ram))) }
        if let count = fit.count { members.append((fit.unit, .int(Int(count)))) }
        if let seconds = fit.seconds { members.append(("milliseconds", .number(fixed(seconds * 1000, 3)))) }
        return .object(members)
      })
  }

  private static func memory(_ flash: Int, _ ram: Int) -> JSON {
    .object([("flash", .int(flash)), ("ram", .int(ram))])
  }
}
