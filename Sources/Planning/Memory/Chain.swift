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
  /// Rows of the last layer's output that a round computes.
  package let rows: Int
  package let rounds: Int

  /// - Parameters:
  ///   - layers: with their nodes, those of the steps `steps`.
  ///   - root: the tensor whose memory a tensor is.
  ///   - isReadOutside: whether a layer behind the chain, or the caller, reads a tensor.
  /// - Returns: nil when the layers can't run together.
  package init?(
    _ steps: ClosedRange<Int>, _ layers: [(node: Node, layer: Layer)], rows: Int, root: (TensorID) -> TensorID,
    isReadOutside: (TensorID) -> Bool
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
        inputs.append(Input(source: producers[tensor].map { .member($0) } ?? .outside(tensor), access: access))
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
      var needs: [(rate: Int, start: Int)] = []
      for consumer in members {
        for input in consumer.inputs where input.source == .member(producer) {
          let reach = input.access.rows
          let (rate, overflow) = consumer.rate.multipliedReportingOverflow(by: reach.stride)
          guard !overflow, rate < 1 << 24, consumer.start < 1 << 24 else { return false }
          needs.append((rate, consumer.start * reach.stride - reach.stride - reach.before + reach.size))
        }
      }
      // Layers that want the rows at different rates do not belong together.
      guard let rate = needs.first?.rate, needs.allSatisfy({ $0.rate == rate }) else { return false }
      members[producer].rate = rate
      members[producer].start = needs.map(\.start).max() ?? 0
      if members[producer].isWhole, members[producer].done(rounds - 1) < members[producer].height { return false }
    }
    // What a round needs, this round or one before has computed.
    for round in 0..<rounds {
      for consumer in members where consumer.done(round) > consumer.done(round - 1) {
        for input in consumer.inputs {
          guard case .member(let producer) = input.source else { continue }
          let needed = min(members[producer].height, input.access.rows.needed(consumer.done(round)))
          if needed > members[producer].done(round) { return false }
        }
      }
    }
    return true
  }

  /// The first row of a member's output that is in memory during `round`.
  package func base(_ member: Int, _ round: Int) -> Int {
    if members[member].isWhole { return 0 }
    var first = members[member].done(round - 1)
    for consumer in members {
      for input in consumer.inputs where input.source == .member(member) {
        first = min(first, input.access.rows.first(consumer.done(round - 1)))
      }
    }
    return first
  }

  private mutating func measure() {
    for member in members.indices where !members[member].isWhole {
      for round in 0..<rounds {
        let base = base(member, round)
        members[member].rows = max(members[member].rows, members[member].done(round) - base)
        members[member].kept = max(members[member].kept, members[member].done(round - 1) - base)
      }
    }
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
