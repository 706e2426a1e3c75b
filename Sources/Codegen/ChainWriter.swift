import CCode
import Operators
import Planning

/// Writes the function of layers that run together.
struct ChainWriter {
  let chain: Chain
  let layers: [WrittenLayer]
  /// C expression for the first byte of a tensor.
  let pointer: (_ source: Chain.Source) -> String
  /// C expression for the working memory of a member.
  let scratch: (_ member: Int) -> String?
  let prefix: String

  /// Rows must be kept from one round to the next.
  var movesRows: Bool { chain.members.contains { $0.kept > 0 } }

  var commentLines: [String] {
    let (first, last) = (chain.steps.lowerBound, chain.steps.upperBound)
    var lines = ["A round computes \(rows(chain.rows)) of layer \(last) and what is needed for them."]
    for member in chain.members where !member.isWhole {
      lines.append("In memory are at most \(rows(member.rows)) of layer \(member.step), out of \(member.height).")
    }
    return ["Layers \(first) to \(last) together:"] + lines
  }

  private func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }

  /// The statements of the function.
  var statements: [String] {
    var lines: [String] = []
    for (index, member) in chain.members.enumerated() {
      lines.append("int32_t done\(member.step) = 0;")
      if hasBase(index) { lines.append("int32_t base\(member.step) = 0;") }
    }
    lines.append("for (int32_t round = 0; round < \(chain.rounds); round++) {")
    lines.append("    int32_t end;")
    if chain.members.indices.contains(where: { needsFirst($0) || chain.members[$0].kept > 0 }) {
      lines.append("    int32_t first;")
    }
    for index in chain.members.indices { lines += compute(index).map { "    " + $0 } }
    for index in chain.members.indices { lines += keep(index).map { "    " + $0 } }
    return lines + ["}"]
  }

  private func hasBase(_ member: Int) -> Bool { !chain.members[member].isWhole }

  private func needsFirst(_ member: Int) -> Bool {
    chain.members[member].inputs.contains { $0.access.rows.before > 0 }
  }

  /// `factor × variable + offset` as C.
  private func linear(_ variable: String, _ factor: Int, _ offset: Int) -> String {
    let product = factor == 1 ? variable : "\(variable) * \(factor)"
    return offset == 0 ? product : "\(product) \(offset < 0 ? "-" : "+") \(offset.magnitude)"
  }

  /// The next rows of a member.
  private func compute(_ index: Int) -> [String] {
    let member = chain.members[index]
    let done = "done\(member.step)"
    var lines = ["/* Layer \(member.step). */", "end = \(linear("round", member.rate, member.start));"]
    if member.rate * (chain.rounds - 1) + member.start > member.height {
      lines.append("end = end < \(member.height) ? end : \(member.height);")
    }
    var body: [String] = []
    var inputs: [String] = []
    for input in member.inputs {
      let (reach, row) = (input.access.rows, input.access.imageRow)
      var first = linear(done, reach.stride, 0)
      if reach.before > 0 {
        body.append("first = \(linear(done, reach.stride, -reach.before));")
        body.append("first = first > 0 ? first : 0;")
        first = "first"
      }
      switch input.source {
      case .outside: inputs.append("\(pointer(input.source)) + \(first) * \(row)")
      case .member(let producer):
        let offset = hasBase(producer) ? "(\(first) - base\(chain.members[producer].step))" : first
        inputs.append("\(pointer(input.source)) + \(offset) * \(row)")
      }
    }
    let offset = hasBase(index) ? "(\(done) - base\(member.step))" : done
    var arguments = inputs + ["\(pointer(.member(index))) + \(offset) * \(member.rowBytes)"]
    if let scratch = scratch(index) { arguments.append(scratch) }
    if let input = member.inputs.first {
      let reach = input.access.rows
      let first = reach.before > 0 ? "first" : linear(done, reach.stride, 0)
      for parameter in layers[index].rowParameters {
        switch parameter {
        case .inputHeight:
          let available =
            switch input.source {
            case .outside: "\(input.access.image[0])"
            case .member(let producer): "done\(chain.members[producer].step)"
            }
          arguments.append("\(available) - \(first)")
        case .padTop:
          arguments.append(reach.before > 0 ? "first - (\(linear(done, reach.stride, -reach.before)))" : "0")
        case .rows: arguments.append("end - \(done)")
        }
      }
    }
    body += ["\(layers[index].function)(\(arguments.joined(separator: ", ")));", "\(done) = end;"]
    // Rounds at the beginning or the end may have nothing to do for a layer.
    guard (0..<chain.rounds).contains(where: { member.done($0) == member.done($0 - 1) }) else { return lines + body }
    return lines + ["if (end > \(done)) {"] + body.map { "    " + $0 } + ["}"]
  }

  /// Makes room for the next rows of a member.
  private func keep(_ index: Int) -> [String] {
    let member = chain.members[index]
    guard hasBase(index) else { return [] }
    let (done, base) = ("done\(member.step)", "base\(member.step)")
    guard member.kept > 0 else { return ["\(base) = \(done);"] }
    var lines = ["/* Rows of layer \(member.step) that the next round needs again. */", "first = \(done);"]
    for consumer in chain.members {
      for input in consumer.inputs where input.source == .member(index) {
        let needed = linear("done\(consumer.step)", input.access.rows.stride, -input.access.rows.before)
        lines.append("first = \(needed) < first ? \(needed) : first;")
      }
    }
    let buffer = pointer(.member(index))
    return lines + [
      "first = first > 0 ? first : 0;",
      "\(prefix)move_rows(\(buffer), \(buffer) + (first - \(base)) * \(member.rowBytes), "
        + "(\(done) - first) * \(member.rowBytes));", "\(base) = first;",
    ]
  }
}
