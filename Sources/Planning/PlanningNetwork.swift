import IR
import Machine
import Operators
import Support

/// A network while it is planned: its layers with the kernels that can compute them, and its tensors.
struct PlanningNetwork {
  let graph: Graph
  let memory: TensorMemory
  let layers: [Layer]
  let candidates: [KernelSelection.Candidates]
  let objective: Objective
  let request: SelectionRequest
  private let selection: KernelSelection
  private let stripes: StripeCosts
  private let overlaps: KnownOverlaps
  /// Bytes of the arena that the target's RAM or a budget leaves.
  let arenaLimit: Int?
  /// Bytes of the caller's inputs and outputs, and of the states.
  let callerBytes: Int

  init(
    _ graph: Graph, machine: Machine, objective: Objective, _ request: SelectionRequest
  ) throws(Diagnostic) {
    self.graph = graph
    self.objective = objective
    self.request = request
    memory = TensorMemory(graph, request.reused, isStreamed: request.isStreamed)
    selection = KernelSelection(machine: machine, objective: objective)
    var layers: [Layer] = []
    var candidates: [KernelSelection.Candidates] = []
    for node in memory.nodes {
      let layer = Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node))
      let own = try selection.candidates(
        layer, output: node.outputs[0], request, isCompressed: graph.isCompressed)
      guard !own.options.isEmpty else {
        throw Diagnostic("planning.kernel", at: graph.location(node), "no kernel computes \(node.op.mnemonic)")
      }
      layers.append(layer)
      candidates.append(own)
    }
    (self.layers, self.candidates) = (layers, candidates)
    stripes = StripeCosts(machine: machine)
    overlaps = KnownOverlaps()
    let next = Set(graph.states.map(\.next))
    callerBytes = memory.callers.keys.filter { !next.contains($0) }.reduce(0) { $0 + graph[$1].type.byteCount }
    arenaLimit = selection.limit(request.budgets, otherRAM: callerBytes).ram
  }

  /// What `balanced` gives for memory.
  var prices: MemoryPrices { graph.isCompressed ? .compressed : .usual }

  /// `network` with its nodes in another order.
  init(_ network: PlanningNetwork, order: [Int]) {
    memory = network.memory.reordered(order)
    graph = memory.graph
    layers = order.map { network.layers[$0] }
    candidates = order.map { network.candidates[$0] }
    (objective, request, selection) = (network.objective, network.request, network.selection)
    (stripes, overlaps) = (network.stripes, network.overlaps)
    (arenaLimit, callerBytes) = (network.arenaLimit, network.callerBytes)
  }

  /// Modelled cycles of the fastest kernels.
  var fastest: Int {
    candidates.reduce(0) { sum, own in
      sum + (own.allowed.map { own.options[$0].cost.cycles }.min() ?? 0)
    }
  }

  func demand(_ chains: [Chain]) -> MemoryDemand { MemoryDemand(memory, layers, chains, overlaps) }

  /// The layers of `steps` as a chain; nil when they, or their kernels, can't run together.
  func chain(_ steps: ClosedRange<Int>, rows: Int) -> Chain? {
    if let stream = memory.streamed, steps.lowerBound == 0 {
      // All that reads the input, and nothing that the caller gets before the end.
      guard let time = memory.lifetimes[stream], time.upperBound <= steps.upperBound,
        memory.nodes[steps].flatMap(\.outputs).allSatisfy({ memory.callers[memory.root($0)] == nil })
      else { return nil }
    }
    return memory.chain(steps, layers, rows: rows).flatMap(possible)
  }

  /// The chains that `wanted` describes.
  func chains(_ wanted: [ChainRequest]) throws(Diagnostic) -> [Chain] {
    var chains: [Chain] = []
    for request in wanted {
      guard let last = layers.indices.last, request.steps.upperBound <= last,
        let chain = chain(request.steps, rows: request.rows)
      else {
        throw Diagnostic(
          "planning.chain", at: .file(graph.file),
          "layers \(request.steps.lowerBound) to \(request.steps.upperBound) can't run together, \(request.rows) rows at a time"
        )
      }
      chains.append(chain)
    }
    return chains
  }

  /// `chain`, when there is a kernel for the rows of each layer.
  private func possible(_ chain: Chain) -> Chain? {
    for member in chain.members.indices where options(chain, member).isEmpty { return nil }
    return chain
  }

  /// The options of a chain's member that can compute its rows, as indices, with the cycles that all rounds take.
  func options(_ chain: Chain, _ member: Int) -> [(option: Int, cycles: Int)] {
    let step = chain.members[member].step
    let own = candidates[step]
    return own.allowed.compactMap { index in
      let option = own.options[index]
      guard option.kernel.takesRows(layers[step]) else { return nil }
      if option.isMeasured { return (index, option.cost.cycles) }
      return stripes.cycles(option.kernel, layers[step], output: memory.nodes[step].outputs[0], chain.stripes(member))
        .map { (index, $0) }
    }
  }

  /// The layers' kernels for a choice between them, when `demand` says which layers run in chains.
  private func candidates(_ demand: MemoryDemand) -> [KernelSelection.Candidates] {
    var result = candidates
    for chain in demand.chains {
      for member in chain.members.indices {
        let step = chain.members[member].step
        let possible = options(chain, member)
        for (option, cycles) in possible { result[step].options[option].cost.cycles = cycles }
        result[step].allowed = possible.map(\.option)
      }
    }
    for step in result.indices {
      for index in result[step].options.indices {
        let kernel = result[step].options[index].kernel
        result[step].options[index].peak =
          demand.live(step, demand.shares(step, kernel)) + result[step].options[index].cost.scratch
      }
    }
    return result
  }

  /// How many orders the layout of a plan may try.
  private static let effort = 4_000_000

  /// The plan with some layers in chains.
  ///
  /// - Parameter isDraft: saves time, at the price of a layout that may be larger.
  func plan(_ chains: [Chain], isDraft: Bool = false) throws(Diagnostic) -> Plan {
    let demand = demand(chains)
    let candidates = candidates(demand)
    guard
      let (choices, summary) = selection.choose(
        candidates, budgets: request.budgets, otherRAM: callerBytes, prices: prices)
    else {
      throw Diagnostic("planning.selection", at: .file(graph.file), "no kernels could be chosen")
    }
    var steps = zip(memory.nodes, zip(candidates, choices)).map { node, pair in
      let (own, (pick, choice)) = pair
      let order = own.options.indices.filter { $0 != pick }.sorted {
        (own.options[$0].cost.cycles, $0) < (own.options[$1].cost.cycles, $1)
      }
      return Step(
        node: node, layer: own.layer, kernel: own.options[pick].kernel, cost: own.options[pick].cost,
        rejected: order.map { (own.options[$0].kernel, own.options[$0].cost) }, choice: choice, scratchOffset: nil)
    }
    let count = demand.buffers.count + steps.count
    let (arena, scratch) = demand.layout(
      steps.map { ($0.kernel, $0.cost.scratch) }, effort: min(isDraft ? 300 : 3000, Self.effort / max(1, count * count))
    )
    for (step, buffer) in scratch { steps[step].scratchOffset = arena.offsets[buffer] }
    var locations = memory.callers
    for (owner, offset) in zip(memory.owners, arena.offsets) { locations[owner] = .arena(offset) }
    for id in graph.nodes.flatMap({ $0.inputs + $0.outputs }) {
      locations[id] =
        graph[id].constant != nil ? .constant : locations[memory.root(id)].map { memory.location(id, in: $0) }
    }
    let contents =
      memory.owners.map { owner in
        PlannedBuffer.Content.tensor(owner, isPartial: demand.isPartial(owner))
      } + scratch.sorted { $0.value < $1.value }.map { .scratch(step: $0.key) }
    return Plan(
      graph: graph, steps: steps, chains: chains, locations: locations, arena: arena, contents: contents,
      selection: summary)
  }
}

/// Cycles of kernels that compute some rows of a layer at a time; each kind of stripe is computed once.
private final class StripeCosts {
  private struct Key: Hashable {
    let output: TensorID
    let kernel: String
    let stripe: Stripe
  }

  private let machine: Machine
  private var known: [Key: Int?] = [:]

  init(machine: Machine) { self.machine = machine }

  func cycles(_ kernel: any Kernel, _ layer: Layer, output: TensorID, _ stripes: [(stripe: Stripe, count: Int)]) -> Int?
  {
    var sum = 0
    for (stripe, count) in stripes {
      let key = Key(output: output, kernel: kernel.name, stripe: stripe)
      let cycles: Int?
      if let value = known[key] {
        cycles = value
      } else {
        cycles = layer.stripe(stripe).flatMap { kernel.cost($0, on: machine)?.cycles }
        known[key] = .some(cycles)
      }
      guard let cycles else { return nil }
      sum += cycles * count
    }
    return sum
  }
}
