package import IR
package import Machine
package import Operators
package import Support

/// What is asked of the selection beside the objective.
package struct SelectionRequest: Sendable {
  package var budgets = Budgets()
  /// A kernel that is taken wherever it can compute a layer, for tests.
  package var forcing: String?
  /// Kernels that are taken, by the first output of the layer.
  package var kernels: [TensorID: String] = [:]
  /// Cycles that were measured, by the first output of the layer and kernel; they take the place of modelled ones.
  package var measured: [TensorID: [String: Int]] = [:]
  /// Only kernels that were measured can be chosen where there are some: modelled figures are in another unit.
  package var ignoresModelled = false
  /// The layers that are to run together; nil to let the planner choose.
  package var chains: [ChainRequest]?
  /// The model's inputs and outputs that lie in the arena.
  package var reused = ReusedBuffers()
  /// The model's only input, an image, comes row by row and is never in memory as a whole.
  package var isStreamed = false

  package init(budgets: Budgets = Budgets(), forcing: String? = nil, chains: [ChainRequest]? = nil) {
    self.budgets = budgets
    self.forcing = forcing
    self.chains = chains
  }
}

/// Inputs and outputs of a model that lie in the arena, whose memory other tensors use before or after.
package struct ReusedBuffers: Equatable, Sendable {
  package var inputs: Bool
  package var outputs: Bool

  package init(inputs: Bool = false, outputs: Bool = false) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// Layers that are to run together, `rows` rows of the last one at a time.
package struct ChainRequest: Equatable, Sendable {
  package let steps: ClosedRange<Int>
  package let rows: Int

  package init(_ steps: ClosedRange<Int>, rows: Int) {
    self.steps = steps
    self.rows = rows
  }
}

/// Chooses the kernels of all layers of a network together.
package struct KernelSelection: Sendable {
  /// A layer with the kernels that can compute it.
  package struct Candidates: Sendable {
    package let layer: Layer
    package var options: [KernelOption]
    /// Those that may be chosen, as indices.
    package var allowed: [Int]
    let obstacles: [(name: String, reason: String)]
    let isDemanded: Bool
  }

  let machine: Machine
  let objective: Objective

  package init(machine: Machine, objective: Objective) {
    self.machine = machine
    self.objective = objective
  }

  /// The kernels for the layer of a step, with measured cycles where there are some.
  ///
  /// - Parameter isCompressed: whether weights are to be executed from compressed forms, where kernels can.
  package func candidates(
    _ layer: Layer, output: TensorID, _ request: SelectionRequest, isCompressed: Bool = false
  ) throws(Diagnostic) -> Candidates {
    let (found, obstacles) = try KernelOption.consider(layer, on: machine)
    var options = found
    for index in options.indices {
      guard let cycles = request.measured[output]?[options[index].kernel.name] else { continue }
      options[index].cost.cycles = cycles
      options[index].isMeasured = true
    }
    var allowed = Array(options.indices)
    if isCompressed { allowed = Self.compressed(options) ?? allowed }
    if request.ignoresModelled, options.contains(where: \.isMeasured) {
      allowed = allowed.filter { options[$0].isMeasured }
    }
    let demanded = allowed.filter { [request.forcing, request.kernels[output]].contains(options[$0].kernel.name) }
    return Candidates(
      layer: layer, options: options, allowed: demanded.isEmpty ? allowed : demanded,
      obstacles: obstacles, isDemanded: !demanded.isEmpty)
  }

  /// The kernels that execute weights from a compressed form: those that take at most half again as many bytes as the smallest
  /// one, and less than nine tenths of the plain weights; where there are none, those that take no more than these. Nil for
  /// layers without weights.
  private static func compressed(_ options: [KernelOption]) -> [Int]? {
    guard let plain = options.first(where: \.kernel.keepsWeights)?.cost.flash,
      let least = options.map(\.cost.flash).min()
    else { return nil }
    let small = options.indices.filter { 10 * options[$0].cost.flash < min(9 * plain, 15 * least + 1) }
    return small.isEmpty ? options.indices.filter { options[$0].cost.flash <= plain } : small
  }

  /// RAM for the stack and for what the firmware has beside the network, when the target's RAM is known.
  private static let spareRAM = 512

  /// The budgets, where the target's RAM is one that nobody has to ask for.
  package func limit(_ budgets: Budgets, otherRAM: Int) -> Budgets {
    var limits = budgets
    if let ram = machine.ram { limits.ram = min(budgets.ram ?? .max, max(0, ram - otherRAM - Self.spareRAM)) }
    return limits
  }

  /// The index of the option for each layer, and what they take together; nil when a layer has none.
  ///
  /// - Parameters:
  ///   - otherRAM: bytes of RAM beside the arena.
  ///   - prices: what `balanced` gives for memory.
  package func choose(
    _ layers: [Candidates], budgets: Budgets, otherRAM: Int, prices: MemoryPrices = .usual
  ) -> (choices: [(option: Int, choice: KernelChoice)], summary: SelectionSummary)? {
    var names: [String] = []
    for name in layers.flatMap({ $0.options.flatMap(\.functions) }) where !names.contains(name) { names.append(name) }
    let bytes = names.map { machine.costs.functionBytes[$0] ?? 0 }
    let problem = SelectionProblem(
      layers: layers.map { layer in
        layer.allowed.map { index in
          let option = layer.options[index]
          return SelectionProblem.Candidate(
            cycles: option.cost.cycles, flash: option.flash, peak: option.peak,
            functions: option.functions.compactMap { names.firstIndex(of: $0) })
        }
      }, functionBytes: bytes)
    let selector = NetworkSelector(
      problem, objective: objective, budgets: limit(budgets, otherRAM: otherRAM), otherRAM: otherRAM, prices: prices)
    guard let choice = selector.choose() else { return nil }
    let picks = zip(layers, choice.picks).map { $0.allowed[$1] }
    // How many layers call each function.
    var users: [String: Int] = [:]
    for (layer, pick) in zip(layers, picks) {
      for function in layer.options[pick].functions { users[function, default: 0] += 1 }
    }
    let size = { (function: String) in machine.costs.functionBytes[function] ?? 0 }
    let choices = zip(layers, picks).map { layer, pick in
      let own = Set(layer.options[pick].functions)
      func isElsewhere(_ function: String) -> Bool { users[function] ?? 0 > (own.contains(function) ? 1 : 0) }
      let order = layer.options.indices.sorted {
        (layer.options[$0].cost.cycles, $0) < (layer.options[$1].cost.cycles, $1)
      }
      let entries = order.map { index in
        let option = layer.options[index]
        return KernelChoice.Entry(
          kernel: option.kernel.name, cycles: option.cost.cycles, isMeasured: option.isMeasured, flash: option.flash,
          functionBytes: option.functions.reduce(0) { $0 + (isElsewhere($1) ? 0 : size($1)) },
          sharedBytes: option.functions.reduce(0) { $0 + (isElsewhere($1) ? size($1) : 0) },
          scratch: option.cost.scratch, peak: option.peak)
      }
      return (
        option: pick,
        choice: KernelChoice(
          entries, winner: order.firstIndex(of: pick) ?? 0,
          obstacles: layer.obstacles,
          order: layer.isDemanded ? .demanded : .objective(objective, budgets))
      )
    }
    return (
      choices,
      SelectionSummary(
        objective: objective, budgets: budgets, totals: choice.totals, isProved: choice.isProved, value: choice.value,
        lowerBound: choice.lowerBound, unmet: choice.unmet.filter { $0 != .ram || budgets.ram != nil })
    )
  }
}
