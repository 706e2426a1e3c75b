package import IR
package import Operators

/// Consecutive layers that run together, some rows of the last one's output at a time, so that of what they hand on to each
/// other only some rows are in memory: depth-first execution.
///
/// A round computes the next rows of each layer in turn, as many as the rounds of the layers behind it need. No row is
/// computed twice: rows that the next round needs again are moved to the beginning of their buffer.
package struct Chain: Sendable {
  /// Where a layer reads.
  package enum Source: Equatable, Sendable {
    /// A tensor that is in memory as a whole before the chain begins.
    case outside(TensorID)
    /// The output of a member.
    case member(Int)
    /// The model's input, which comes row by row while the chain runs.
    case stream
  }

  /// An input that is never in memory as a whole.
  package struct Stream: Sendable {
    package let tensor: TensorID
    /// Rows of the image.
    package let height: Int
    package let rowBytes: Int
    package fileprivate(set) var rate = 0
    package fileprivate(set) var start = 0
    /// Rows that are in memory.
    package fileprivate(set) var rows = 0
    /// The most rows that one round leaves to the next one.
    package fileprivate(set) var kept = 0

    package var bufferBytes: Int { rows * rowBytes }

    /// Rows that must have come before `round` can run.
    package func done(_ round: Int) -> Int { round < 0 ? 0 : min(height, max(0, rate * round + start)) }

  }

  /// One data input of a layer.
  package struct Input: Sendable {
    package let source: Source
    package let access: SpatialAccess
  }

  package struct Member: Sendable {
    package let step: Int
    package let inputs: [Input]
    /// Rows of the output.
    package let height: Int
    /// Bytes of a row.
    package let rowBytes: Int
    /// After round t, `rate × t + start` rows are computed, but not more than there are.
    package fileprivate(set) var rate: Int
    package fileprivate(set) var start: Int
    /// All rows are in memory, since a layer behind the chain reads them, or it is the last one.
    package let isWhole: Bool
    /// Rows that are in memory, otherwise.
    package fileprivate(set) var rows = 0
    /// The most rows that one round leaves to the next one.
    package fileprivate(set) var kept = 0

    package var bufferBytes: Int { (isWhole ? height : rows) * rowBytes }

    /// Rows that are computed after `round`, which is −1 for before the first one.
    package func done(_ round: Int) -> Int { round < 0 ? 0 : min(height, max(0, rate * round + start)) }
  }

  package let steps: ClosedRange<Int>
  package private(set) var members: [Member]
  /// The input that comes by rows, when there is one.
  package private(set) var stream: Stream?
  /// Rows of the last layer's output that a round computes.
  package let rows: Int
  package let rounds: Int

  /// - Parameters:
  ///   - layers: with their nodes, those of the steps `steps`.
  ///   - stream: the input that comes by rows.
  ///   - root: the tensor whose memory a tensor is.
  ///   - isReadOutside: whether a layer behind the chain, or the caller, reads a tensor.
  /// - Returns: nil when the layers can't run together.
  package init?(
    _ steps: ClosedRange<Int>, _ layers: [(node: Node, layer: Layer)], rows: Int, stream: TensorID? = nil,
    root: (TensorID) -> TensorID, isReadOutside: (TensorID) -> Bool
  ) {
    guard rows > 0, layers.count == steps.count, layers.count > 1 else { return nil }
    self.steps = steps
    self.rows = rows
    var members: [Member] = []
    var producers: [TensorID: Int] = [:]
    for (position, (node, layer)) in layers.enumerated() {
      guard let accesses = layer.rowAccesses, let output = layer.outputs[0].bytesOfImage else { return nil }
      var inputs: [Input] = []
      for (input, access) in zip(layer.dataInputs, accesses) {
        let tensor = root(node.inputs[input])
        // A reshape between two layers can change what a row is.
        if let producer = producers[tensor] {
          guard members[producer].height == access.image[0], members[producer].rowBytes == access.imageRow else {
            return nil
          }
        }
        if tensor == stream {
          if let other = self.stream, other.height != access.image[0] || other.rowBytes != access.imageRow {
            return nil
          }
          self.stream = Stream(tensor: tensor, height: access.image[0], rowBytes: access.imageRow)
          inputs.append(Input(source: .stream, access: access))
        } else {
          inputs.append(Input(source: producers[tensor].map { .member($0) } ?? .outside(tensor), access: access))
        }
      }
      let isLast = position == layers.count - 1
      members.append(
        Member(
          step: steps.lowerBound + position, inputs: inputs, height: output[0], rowBytes: output[1] * output[2],
          rate: 0, start: 0, isWhole: isLast || isReadOutside(root(node.outputs[0]))))
      producers[root(node.outputs[0])] = position
    }
    guard let height = members.last?.height, rows < height else { return nil }
    rounds = (height + rows - 1) / rows
    self.members = members
    guard setProgress() else { return nil }
    measure()
  }

  /// Finds out, from the last layer back, how many rows each one must have computed after each round.
  private mutating func setProgress() -> Bool {
    let last = members.count - 1
    (members[last].rate, members[last].start) = (rows, rows)
    for producer in (0..<last).reversed() {
      guard let need = need(.member(producer)) else { return false }
      (members[producer].rate, members[producer].start) = need
      if members[producer].isWhole, members[producer].done(rounds - 1) < members[producer].height { return false }
    }
    if var own = stream {
      guard let need = need(.stream) else { return false }
      (own.rate, own.start) = need
      stream = own
    }
    // What a round needs, this round or one before has computed.
    for round in 0..<rounds {
      for consumer in members where consumer.done(round) > consumer.done(round - 1) {
        for input in consumer.inputs {
          let needed = min(input.access.image[0], input.access.rows.needed(consumer.done(round)))
          if needed > available(input.source, round) { return false }
        }
      }
    }
    return true
  }

  /// How many rows the readers of `source` need after round t, as rate × t + start; nil when they want them at different rates,
  /// and so do not belong together.
  private func need(_ source: Source) -> (rate: Int, start: Int)? {
    var needs: [(rate: Int, start: Int)] = []
    for consumer in members {
      for input in consumer.inputs where input.source == source {
        let reach = input.access.rows
        let (rate, overflow) = consumer.rate.multipliedReportingOverflow(by: reach.stride)
        guard !overflow, rate < 1 << 24, consumer.start < 1 << 24 else { return nil }
        needs.append((rate, consumer.start * reach.stride - reach.stride - reach.before + reach.size))
      }
    }
    guard let rate = needs.first?.rate, needs.allSatisfy({ $0.rate == rate }) else { return nil }
    return (rate, needs.map(\.start).max() ?? 0)
  }

  /// Rows of `source` that are there after `round`.
  package func available(_ source: Source, _ round: Int) -> Int {
    switch source {
    case .outside: .max
    case .member(let member): members[member].done(round)
    case .stream: stream?.done(round) ?? 0
    }
  }

  /// The first row of `source` that is in memory during `round`.
  package func base(_ source: Source, _ round: Int) -> Int {
    switch source {
    case .outside: return 0
    case .member(let member) where members[member].isWhole: return 0
    case .member, .stream: break
    }
    var first = available(source, round - 1)
    for consumer in members {
      for input in consumer.inputs where input.source == source {
        first = min(first, input.access.rows.first(consumer.done(round - 1)))
      }
    }
    return first
  }

  /// How many rows of `source` must be in memory, and how many of them rounds leave to the next one.
  private func rows(_ source: Source) -> (rows: Int, kept: Int) {
    var (rows, kept) = (0, 0)
    for round in 0..<rounds {
      let base = base(source, round)
      rows = max(rows, available(source, round) - base)
      kept = max(kept, available(source, round - 1) - base)
    }
    return (rows, kept)
  }

  private mutating func measure() {
    for member in members.indices where !members[member].isWhole {
      (members[member].rows, members[member].kept) = rows(.member(member))
    }
    guard var own = stream else { return }
    (own.rows, own.kept) = rows(.stream)
    stream = own
  }

  /// The layers that the rounds of a member compute, with how many rounds compute each of them. Windows count as lying inside
  /// of the image, so that there are few different layers.
  package func stripes(_ member: Int) -> [(stripe: Stripe, count: Int)] {
    let own = members[member]
    guard let input = own.inputs.first else { return [] }
    let reach = input.access.rows
    var stripes: [(stripe: Stripe, count: Int)] = []
    for round in 0..<rounds {
      let (begin, end) = (own.done(round - 1), own.done(round))
      guard end > begin else { continue }
      let stripe = Stripe(
        inputHeight: (end - begin - 1) * reach.stride + reach.size, padTop: 0, rows: end - begin)
      if let index = stripes.firstIndex(where: { $0.stripe == stripe }) {
        stripes[index].count += 1
      } else {
        stripes.append((stripe, 1))
      }
    }
    return stripes
  }

  /// What asks for the chain.
  package var request: ChainRequest { ChainRequest(steps, rows: rows) }

  /// Tensors from outside that the layers read.
  package var outsideInputs: [TensorID] {
    var inputs: [TensorID] = []
    for case .outside(let tensor) in members.flatMap(\.inputs).map(\.source) where !inputs.contains(tensor) {
      inputs.append(tensor)
    }
    return inputs
  }

  /// Where the last layer's output may begin in the memory of `tensor`, which the chain reads and nobody behind it.
  ///
  /// - Parameter order: in which the last layer goes over its rows, when that is known.
  package func overlap(_ tensor: TensorID, lastOrder order: AccessOrder?) -> Overlap? {
    guard let last = members.last else { return nil }
    var result = Overlap(lead: -last.height * last.rowBytes)
    for round in 0..<rounds {
      let (begin, written) = (last.done(round - 1), last.done(round) * last.rowBytes)
      for member in members {
        for input in member.inputs where input.source == .outside(tensor) {
          let (reach, row) = (input.access.rows, input.access.imageRow)
          // What rounds behind this one read.
          if member.done(round) < member.height {
            result = Overlap(lead: max(result.lead, written - reach.first(member.done(round)) * row), step: result.step)
          }
          guard member.step == last.step, last.done(round) > begin else { continue }
          // What the last layer reads while it writes.
          let first = reach.first(begin)
          if order == .elements {
            result = Overlap(lead: max(result.lead, begin * last.rowBytes - first * row), step: result.step)
          } else {
            result = Overlap(lead: max(result.lead, written - first * row), step: result.step)
          }
        }
      }
    }
    return result
  }
}
