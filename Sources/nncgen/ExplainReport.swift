import IR
import Machine
import Operators
import Planning
import Support

/// The text of `nncgen emit --explain`.
enum ExplainReport {
  static func text(_ plan: Plan, model: String, machine: Machine) -> String {
    var table = Table(
      ["", "operator", "kernel", "cycles", "flash", "functions", "scratch", "why"], rightAligned: [0, 3, 4, 5, 6])
    var isMeasured = false
    for (index, step) in plan.steps.enumerated() {
      let choice = step.choice
      // The winner first, then the others from the fastest to the slowest.
      let order = [choice.winner] + choice.entries.indices.filter { $0 != choice.winner }
      for position in order {
        let (entry, isWinner) = (choice.entries[position], position == choice.winner)
        if entry.isMeasured { isMeasured = true }
        let functions =
          entry.sharedBytes == 0
          ? grouped(entry.functionBytes)
          : entry.functionBytes == 0 ? "shared" : "\(grouped(entry.functionBytes)) + shared"
        table.add([
          isWinner ? "\(index)" : "", isWinner ? step.node.origin.operatorName : "", entry.kernel,
          grouped(entry.cycles) + (entry.isMeasured ? "*" : ""), grouped(entry.flash), functions,
          entry.scratch == 0 ? "" : grouped(entry.scratch),
          isWinner ? "chosen: \(choice.reason)" : choice.comparison(position),
        ])
      }
      for (name, reason) in choice.obstacles { table.add(["", "", name, "", "", "", "", "can't: \(reason)"]) }
    }
    let totals = plan.selection.totals
    table.add([
      "", "total", "", grouped(totals.cycles), grouped(totals.flash), "", grouped(plan.arena.size),
      "flash with the functions; the whole arena",
    ])
    return "\(model) on \(machine.name), kernels by the model of their cycles and bytes\n\n" + table.text + "\n"
      + (isMeasured ? "*        measured \(machine.countedUnit), not modelled\n" : "") + footer(plan.selection)
  }

  private static func footer(_ selection: SelectionSummary) -> String {
    var text = """
      flash    constants, and the code of the layer alone
      function bytes of shared functions that no other layer calls; they count once

      """
    let order = "--optimize \(selection.objective.rawValue)"
    if selection.isProved {
      text += "chosen   for \(order); proved: no other choice is better by these figures\n"
    } else {
      let gap = Double(selection.value - selection.lowerBound) * 100 / Double(max(1, selection.value))
      text += "chosen   for \(order); not proved: the best choice may be up to \(fixed(gap, 2)) % better\n"
    }
    for budget in selection.unmet {
      text += "missed   --max-\(budget.rawValue): by these figures no choice meets it\n"
    }
    return text
  }
}
