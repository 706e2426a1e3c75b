package import Codegen
package import IR
import Machine
import Operators
package import Planning
package import Support

/// The C of a model with the plan that it was written from.
package struct Emission: Sendable {
  package let plan: Plan
  package let files: [EmittedFile]
  /// What it takes, when there are budgets.
  package let profile: Profile?
}

extension Pipeline {
  /// The C of a graph in integer normal form, with kernels that are chosen by `request`.
  ///
  /// Budgets are for what the compiled C takes, but kernels are chosen by modelled figures. So the C is compiled and measured,
  /// at first with the kernels that are best without budgets; then the budgets of the model are set off by what the measured
  /// figures differ from the modelled ones, and the kernels are chosen anew, for some rounds. The best that meets the budgets
  /// is taken; when there is none, the one that comes closest.
  ///
  /// - Parameter input: the vector that is run.
  package func emission(
    _ graph: Graph, options: EmitOptions, _ request: SelectionRequest, input: [Tensor]
  ) throws(Diagnostic) -> Emission {
    let budgets = request.budgets
    guard !budgets.isEmpty else {
      let plan = try plan(graph, request)
      return Emission(plan: plan, files: try emit(plan, options: options), profile: nil)
    }
    var best: (emission: Emission, rank: [Double])?
    var seen: [[String]] = []
    var failure: Diagnostic?
    var request = request
    // No choice that broke a budget comes again under these.
    var ceiling = Budgets()
    request.budgets = Budgets()
    for round in 0..<Self.rounds {
      let plan = try plan(graph, request)
      let kernels = plan.steps.map(\.kernel.name) + plan.chains.map { "rows \($0.steps) \($0.rows)" }
      guard !seen.contains(kernels) else { break }
      seen.append(kernels)
      let files = try emit(plan, options: options)
      let profile: Profile
      do throws(Diagnostic) {
        profile = try self.profile(plan, files: files, options: options, input: input)
      } catch  where round == 0 && error.id == Harness.lacksMemory {
        // The target itself is too small for these kernels.
        request.budgets = budgets
        failure = error
        continue
      }
      let emission = Emission(plan: plan, files: files, profile: profile)
      let rank = rank(profile, budgets)
      if best.map({ rank.lexicographicallyPrecedes($0.rank) }) ?? true { best = (emission, rank) }
      let (used, modelled) = (profile.used, plan.selection.totals)
      func move(_ budget: Int?, _ used: Int, _ modelled: Int, _ ceiling: inout Int?) -> Int? {
        guard let budget else { return nil }
        let moved = max(0, budget - (used - modelled))
        if used > budget { ceiling = min(ceiling ?? .max, moved) }
        return min(moved, ceiling ?? .max)
      }
      if rank[0] == 0 && round == 0 { break }
      request.budgets = Budgets(
        flash: move(budgets.flash, used.flash, modelled.flash, &ceiling.flash),
        ram: move(budgets.ram, used.ram, modelled.peak, &ceiling.ram),
        cycles: move(budgets.cycles, used.cycles, modelled.cycles, &ceiling.cycles))
    }
    guard let best else {
      throw failure ?? Diagnostic("emit.rounds", at: .file(graph.file), "no kernels could be chosen")
    }
    return best.emission
  }

  /// How often kernels are chosen anew.
  private static let rounds = 7

  /// Small for what is wanted: first by how much the budgets are broken, then by the objective.
  private func rank(_ profile: Profile, _ budgets: Budgets) -> [Double] {
    let used = profile.used
    func overrun(_ used: Int, _ budget: Int?) -> Double {
      budget.map { max(0, Double(used) / Double(max(1, $0)) - 1) } ?? 0
    }
    let broken =
      overrun(used.flash, budgets.flash) + overrun(used.ram, budgets.ram) + overrun(used.cycles, budgets.cycles)
    let (flash, ram, cycles) = (Double(used.flash), Double(used.ram), Double(used.cycles))
    switch objective {
    case .speed: return [broken, cycles, flash, ram]
    case .size: return [broken, flash, cycles, ram]
    case .ram: return [broken, ram, cycles, flash]
    // The product falls with a gain in any of them that is larger than the loss in the others; cycles count twice.
    case .balanced: return [broken, cycles * cycles * flash * ram]
    }
  }
}

extension Profile {
  /// What budgets are compared with.
  package var used: (flash: Int, ram: Int, cycles: Int) {
    (memory.flash, ram, Int(clamping: measurement.total))
  }
}
