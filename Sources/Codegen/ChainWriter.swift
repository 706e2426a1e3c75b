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
  var movesRows: Bool { chain.stream != nil || chain.members.contains { $0.kept > 0 } }

  var commentLines: [String] {
    let (first, last) = (chain.steps.lowerBound, chain.steps.upperBound)
    var lines = ["A round computes \(rows(chain.rows)) of layer \(last) and what is needed for them."]
    if let stream = chain.stream {
      lines.append("In memory are at most \(rows(stream.rows)) of the input, out of \(stream.height).")
    }
    for member in chain.members where !member.isWhole {
      lines.append("In memory are at most \(rows(member.rows)) of layer \(member.step), out of \(member.height).")
    }
    return ["Layers \(first) to \(last) together:"] + lines
  }

  private func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }

  /// The variables that last from round to round.
  var variables: [String] {
    var names = chain.stream == nil ? [] : ["pushed", "base", "round"]
    for (index, member) in chain.members.enumerated() {
      names.append("done\(member.step)")
      if hasBase(index) { names.append("base\(member.step)") }
    }
    return names.map(variable)
  }

  /// Those of a chain that gets its input by rows outlive its function.
  private func variable(_ name: String) -> String { chain.stream == nil ? name : prefix + name }

  /// The statements of the function.
  var statements: [String] {
    let isFirstUsed = chain.members.indices.contains { needsFirst($0) || chain.members[$0].kept > 0 }
    let locals = ["int32_t end;"] + (isFirstUsed || chain.stream.map { $0.kept > 0 } ?? false ? ["int32_t first;"] : [])
    let body = chain.members.indices.flatMap(compute) + chain.members.indices.flatMap(keep)
    guard let stream = chain.stream else {
      return variables.map { "int32_t \($0) = 0;" } + ["for (int32_t round = 0; round < \(chain.rounds); round++) {"]
        + (locals + body).map { "    " + $0 } + ["}"]
    }
    let (round, pushed, base) = (variable("round"), variable("pushed"), variable("base"))
    let buffer = pointer(.stream)
    let need = linear(round, stream.rate, stream.start)
    let isClipped = stream.rate * (chain.rounds - 1) + stream.start > stream.height
    let ready = isClipped ? "(\(pushed) >= \(need) || \(pushed) == \(stream.height))" : "\(pushed) >= \(need)"
    return [
      "if (\(round) == \(chain.rounds)) {", "    return; /* Nobody reads this row. */", "}",
      "\(prefix)move_rows(\(buffer) + (\(pushed) - \(base)) * \(stream.rowBytes), row, \(stream.rowBytes));",
      "\(pushed)++;", "while (\(round) < \(chain.rounds) && \(ready)) {",
    ] + (locals + body + keepStream(stream) + ["\(round)++;"]).map { "    " + $0 } + ["}"]
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
    let done = variable("done\(member.step)")
    var lines = ["/* Layer \(member.step). */", "end = \(linear(variable("round"), member.rate, member.start));"]
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
      case .stream: inputs.append("\(pointer(.stream)) + (\(first) - \(variable("base"))) * \(row)")
      case .member(let producer):
        let offset =
          hasBase(producer) ? "(\(first) - \(variable("base\(chain.members[producer].step)")))" : first
        inputs.append("\(pointer(input.source)) + \(offset) * \(row)")
      }
    }
    let offset = hasBase(index) ? "(\(done) - \(variable("base\(member.step)")))" : done
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
            case .stream: variable("pushed")
            case .member(let producer): variable("done\(chain.members[producer].step)")
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
    guard hasBase(index) else { return [] }
    let member = chain.members[index]
    return keep(
      .member(index), "layer \(member.step)", done: variable("done\(member.step)"),
      base: variable("base\(member.step)"), rowBytes: member.rowBytes, kept: member.kept)
  }

  private func keepStream(_ stream: Chain.Stream) -> [String] {
    keep(
      .stream, "the input", done: variable("pushed"), base: variable("base"), rowBytes: stream.rowBytes,
      kept: stream.kept)
  }

  private func keep(
    _ source: Chain.Source, _ name: String, done: String, base: String, rowBytes: Int, kept: Int
  ) -> [String] {
    guard kept > 0 else { return ["\(base) = \(done);"] }
    var lines = ["/* Rows of \(name) that the next round needs again. */", "first = \(done);"]
    for consumer in chain.members {
      for input in consumer.inputs where input.source == source {
        let reach = input.access.rows
        let needed = linear(variable("done\(consumer.step)"), reach.stride, -reach.before)
        lines.append("first = \(needed) < first ? \(needed) : first;")
      }
    }
    let buffer = pointer(source)
    return lines + [
      "first = first > 0 ? first : 0;",
      "\(prefix)move_rows(\(buffer), \(buffer) + (first - \(base)) * \(rowBytes), (\(done) - first) * \(rowBytes));",
      "\(base) = first;",
    ]
  }
}
