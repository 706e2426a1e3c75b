import Compiler
package import IR
import Operators
package import Planning
import Support

/// Runs a plan by the reference semantics of its operators, but with all tensors where the plan puts them.
///
/// Reads and writes come in the order that kernels promise, so that an output that is written over something that is still
/// needed changes the answer. Bytes that no tensor needs are filled with others before each step.
package struct ArenaInterpreter {
  private let plan: Plan
  private let constants: [TensorID: Tensor]
  private var arena: [UInt8]
  /// The caller's: inputs by their number, outputs by −1 and less.
  private var buffers: [Int: [UInt8]] = [:]
  private var random: SplitMix64
  /// The input, when it comes by rows.
  private var streamed: [UInt8] = []
  private let moved: [TensorID: Int]

  /// - Parameter moved: tensors that lie some bytes behind where the plan puts them, to see that it matters.
  package init(_ plan: Plan, seed: UInt64 = 1, moved: [TensorID: Int] = [:]) throws {
    self.plan = plan
    self.moved = moved
    arena = [UInt8](repeating: 0, count: plan.arena.size)
    random = SplitMix64(seed: seed)
    var constants: [TensorID: Tensor] = [:]
    for id in plan.graph.nodes.flatMap(\.inputs) {
      if let bytes = plan.graph[id].constant { constants[id] = try Tensor(plan.graph[id].type, bytes: bytes) }
    }
    self.constants = constants
  }

  package mutating func outputs(_ inputs: [Tensor]) throws -> [Tensor] {
    poison(-1)
    if plan.stream != nil {
      streamed = inputs[0].bytes
    } else {
      for (id, tensor) in zip(plan.graph.inputs, inputs) { write(tensor.bytes, to: id, at: 0) }
    }
    var step = 0
    while step < plan.steps.count {
      if let chain = plan.chains.first(where: { $0.steps.lowerBound == step }) {
        poison(step)
        try run(chain)
        step = chain.steps.upperBound + 1
      } else {
        poison(step)
        try run(step)
        step += 1
      }
    }
    return try plan.graph.outputs.map { try Tensor(plan.graph[$0].type, bytes: bytes(of: $0)) }
  }

  /// Fills what no buffer needs at `step`, and the working memory.
  private mutating func poison(_ step: Int) {
    var isNeeded = [Bool](repeating: false, count: arena.count)
    for buffer in plan.buffers {
      guard case .tensor = buffer.content, buffer.steps.contains(max(0, step)) else { continue }
      // What the step itself writes holds nothing yet.
      if step >= 0, buffer.steps.lowerBound == step, !plan.isInput(buffer) { continue }
      for byte in buffer.offset..<buffer.offset + buffer.size { isNeeded[byte] = true }
    }
    for index in arena.indices where !isNeeded[index] { arena[index] = UInt8.random(in: 0...255, using: &random) }
  }

  // MARK: memory

  private func place(_ id: TensorID) -> Int? {
    guard case .arena(let offset) = plan.locations[id] else { return nil }
    return offset + (moved[id] ?? 0)
  }

  /// The caller's buffer in which a tensor lies, with its size, and where in it the tensor begins.
  private func buffer(_ id: TensorID) -> (key: Int, size: Int, offset: Int) {
    func size(_ id: TensorID) -> Int { plan.graph[id].type.byteCount }
    return switch plan.locations[id] {
    case .input(let number, let offset): (number, size(plan.graph.inputs[number]), offset)
    case .output(let number, let offset): (-1 - number, size(plan.graph.outputs[number]), offset)
    default: (.max, size(id), 0)
    }
  }

  private func read(_ id: TensorID, at offset: Int, count: Int) -> [UInt8] {
    if let place = place(id) { return Array(arena[place + offset..<place + offset + count]) }
    let buffer = buffer(id)
    return Array((buffers[buffer.key] ?? [])[buffer.offset + offset..<buffer.offset + offset + count])
  }

  private mutating func write(_ bytes: [UInt8], to id: TensorID, at offset: Int) {
    if let place = place(id) {
      arena.replaceSubrange(place + offset..<place + offset + bytes.count, with: bytes)
    } else {
      let buffer = buffer(id)
      var own = buffers[buffer.key] ?? [UInt8](repeating: 0, count: buffer.size)
      own.replaceSubrange(buffer.offset + offset..<buffer.offset + offset + bytes.count, with: bytes)
      buffers[buffer.key] = own
    }
  }

  private func bytes(of id: TensorID) -> [UInt8] { read(id, at: 0, count: plan.graph[id].type.byteCount) }

  // MARK: a layer

  private mutating func run(_ index: Int) throws {
    let step = plan.steps[index]
    func evaluate(_ arena: ArenaInterpreter) throws -> [[UInt8]] {
      let inputs = try step.node.inputs.map {
        try constants[$0] ?? Tensor(plan.graph[$0].type, bytes: arena.bytes(of: $0))
      }
      return try step.layer.op.evaluate(inputs, as: step.layer.outputs).map(\.bytes)
    }
    guard let order = step.kernel.order(step.layer), let output = step.node.outputs.first,
      let input = step.layer.dataInputs.first, let access = step.layer.access(input: input)
    else {
      for (id, bytes) in zip(step.node.outputs, try evaluate(self)) { write(bytes, to: id, at: 0) }
      return
    }
    if case .planes(let rows) = order, step.layer.dataInputs == [0] {
      return try runPlanes(step, access, rows: rows)
    }
    for piece in Self.pieces(order, access) {
      let results = try evaluate(self)[0]
      for element in piece { write([results[element]], to: output, at: element) }
    }
  }

  /// The elements of the output that are written together after one look at the input.
  private static func pieces(_ order: AccessOrder, _ access: SpatialAccess) -> [[Int]] {
    let (height, width, channels) = (access.output[0], access.output[1], access.output[2])
    func pixel(_ index: Int) -> [Int] { (0..<channels).map { index * channels + $0 } }
    switch order {
    case .pixels(let count, gathers: true):
      return stride(from: 0, to: height * width, by: count).map { begin in
        (begin..<min(height * width, begin + count)).flatMap(pixel)
      }
    case .tiles(let count, let size):
      let across = (width + size - 1) / size
      let tiles = (height + size - 1) / size * across
      return stride(from: 0, to: tiles, by: count).map { begin in
        (begin..<min(tiles, begin + count)).flatMap { tile -> [Int] in
          let (top, left) = (tile / across * size, tile % across * size)
          return (top..<min(height, top + size)).flatMap { y in
            (left..<min(width, left + size)).flatMap { pixel(y * width + $0) }
          }
        }
      }
    default: return (0..<height * width * channels).map { [$0] }
    }
  }

  /// Channel by channel; rows that were read once are not read again.
  private mutating func runPlanes(_ step: Step, _ access: SpatialAccess, rows: Int) throws {
    let (input, output) = (step.node.inputs[0], step.node.outputs[0])
    let (channels, filters) = (access.image[2], access.output[2])
    for filter in 0..<filters {
      let channel = filter * channels / filters
      var seen = [UInt8](repeating: 0x5A, count: plan.graph[input].type.byteCount)
      var next = 0
      for begin in stride(from: 0, to: access.output[0], by: rows) {
        let end = min(access.output[0], begin + rows)
        let current = bytes(of: input)
        let needed = min(access.image[0], access.rows.needed(end))
        while next < needed {
          for x in 0..<access.image[1] {
            let element = (next * access.image[1] + x) * channels + channel
            seen[element] = current[element]
          }
          next += 1
        }
        let inputs = try step.node.inputs.map { try constants[$0] ?? Tensor(plan.graph[$0].type, bytes: seen) }
        let results = try step.layer.op.evaluate(inputs, as: step.layer.outputs)[0].bytes
        for pixel in begin * access.output[1]..<end * access.output[1] {
          write([results[pixel * filters + filter]], to: output, at: pixel * filters + filter)
        }
      }
    }
  }

  // MARK: layers by rows

  private mutating func run(_ chain: Chain) throws {
    for round in 0..<chain.rounds {
      if let stream = chain.stream { push(stream, chain, round) }
      for (index, member) in chain.members.enumerated() {
        let (begin, end) = (member.done(round - 1), member.done(round))
        guard end > begin else { continue }
        try run(chain, index, round, rows: begin..<end)
      }
      guard round + 1 < chain.rounds else { continue }
      for (index, member) in chain.members.enumerated() where !member.isWhole {
        let output = plan.steps[member.step].node.outputs[0]
        let (old, new) = (chain.base(.member(index), round), chain.base(.member(index), round + 1))
        let kept = read(output, at: (new - old) * member.rowBytes, count: (member.done(round) - new) * member.rowBytes)
        let rest = (0..<member.bufferBytes - kept.count).map { _ in UInt8.random(in: 0...255, using: &random) }
        write(kept + rest, to: output, at: 0)
      }
    }
  }

  /// The rows of the input that come before `round`, behind those that are kept.
  private mutating func push(_ stream: Chain.Stream, _ chain: Chain, _ round: Int) {
    let (old, new) = (chain.base(.stream, max(0, round - 1)), chain.base(.stream, round))
    let kept = read(
      stream.tensor, at: (new - old) * stream.rowBytes, count: (stream.done(round - 1) - new) * stream.rowBytes)
    let rows = streamed[stream.done(round - 1) * stream.rowBytes..<stream.done(round) * stream.rowBytes]
    let rest = (0..<stream.bufferBytes - kept.count - rows.count).map { _ in UInt8.random(in: 0...255, using: &random) }
    write(kept + rows + rest, to: stream.tensor, at: 0)
  }

  private mutating func run(_ chain: Chain, _ index: Int, _ round: Int, rows: Range<Int>) throws {
    let member = chain.members[index]
    let step = plan.steps[member.step]
    guard let input = member.inputs.first else { return }
    let reach = input.access.rows
    let first = reach.first(rows.lowerBound)
    func available(_ input: Chain.Input) -> Int {
      switch input.source {
      case .outside: input.access.image[0]
      case .member, .stream: chain.available(input.source, round)
      }
    }
    let padTop = first - (rows.lowerBound * reach.stride - reach.before)
    let stripe = Stripe(
      inputHeight: min(available(input) - first, (rows.count - 1) * reach.stride + reach.size - padTop),
      padTop: padTop, rows: rows.count)
    guard let layer = step.layer.stripe(stripe) else { return }
    var operands: [Tensor] = []
    var next = 0
    for (position, operand) in layer.inputs.enumerated() {
      let id = step.node.inputs[position]
      if let constant = constants[id] {
        operands.append(constant)
        continue
      }
      let own = member.inputs[next]
      next += 1
      let base: Int =
        switch own.source {
        case .outside: 0
        case .member, .stream: chain.base(own.source, round)
        }
      let row = own.access.imageRow
      let bytes = read(id, at: (own.access.rows.first(rows.lowerBound) - base) * row, count: stripe.inputHeight * row)
      operands.append(try Tensor(operand.type, bytes: bytes))
    }
    let results = try layer.op.evaluate(operands, as: layer.outputs)[0].bytes
    write(
      results, to: step.node.outputs[0], at: (rows.lowerBound - chain.base(.member(index), round)) * member.rowBytes)
  }
}

extension Plan {
  fileprivate func isInput(_ buffer: PlannedBuffer) -> Bool {
    guard case .tensor(let id, _) = buffer.content else { return false }
    return graph.inputs.contains(id)
  }
}
