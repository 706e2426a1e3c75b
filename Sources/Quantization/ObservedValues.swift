import IR
import Operators
import Support

/// What the tensors of a float network hold while calibration vectors run.
struct ObservedValues {
  /// For each group of tensors whose values decide their scale.
  private(set) var statistics: [TensorID: RangeStatistics] = [:]
  /// Groups with scores that a mask replaced.
  private(set) var masked: Set<TensorID> = []
  private(set) var wide: WideRanges
  private(set) var means: MeanInputs

  /// Runs the network twice for each vector, one inference after the other: for the ranges, and for the numbers of values in
  /// their parts.
  ///
  /// - Parameter countsParts: false when only the ranges are wanted.
  init(
    _ graph: Graph, _ scales: ScaleGroups, _ vectors: [[Tensor]], countsParts: Bool
  ) throws(Diagnostic) {
    wide = WideRanges(graph)
    means = try MeanInputs(graph)
    var members: [(tensor: TensorID, group: TensorID)] = []
    let floats = graph.sources + graph.nodes.flatMap(\.outputs)
    for id in floats where graph.isFloat(id) && scales.fixedQuantization(id) == nil && scales.wideState(id) == nil {
      let group = scales.group(id)
      members.append((id, group))
      statistics[group] = RangeStatistics()
    }
    // Constants that share the scale of computed tensors must fit into it.
    var constants: [(values: [Float], group: TensorID)] = []
    for node in graph.nodes where (node.op as? any SourceOperator)?.quantizationRule == .shared {
      guard let output = node.outputs.first, graph.isFloat(output), statistics[scales.group(output)] != nil else {
        continue
      }
      for operand in try graph.operands(node) {
        if let constant = operand.constant, case .floats(let values) = constant.elements {
          constants.append((MaskedScores.others(values), scales.group(output)))
          if values.contains(where: MaskedScores.isMasked) { masked.insert(scales.group(output)) }
        }
      }
    }
    let interpreter = try Interpreter(graph)
    for pass in 0..<(countsParts ? 2 : 1) {
      for (values, group) in constants {
        if pass == 0 { _ = statistics[group]?.extend(values) } else { statistics[group]?.count(values) }
      }
      var states = try interpreter.initialStates()
      for (index, vector) in vectors.enumerated() {
        let values = try interpreter.run(vector, states: states)
        states = graph.states.compactMap { values[$0.next] }
        for (id, group) in members {
          guard case .floats(let all)? = values[id]?.elements else { continue }
          let floats = masked.contains(group) ? MaskedScores.others(all) : all
          if pass == 1 {
            statistics[group]?.count(floats)
          } else if statistics[group]?.extend(floats) == false {
            throw Diagnostic(
              "quantize.finite", at: .node(file: graph.file, name: "tensor `\(graph[id].name)`"),
              "takes a value that is no finite number for calibration vector \(index)")
          }
        }
        for (id, own) in try wide.extend(graph, values, isFirst: pass == 0) where statistics[scales.group(id)] != nil {
          let group = scales.group(id)
          if pass == 0 { _ = statistics[group]?.extend(own) } else { statistics[group]?.count(own) }
        }
        if pass == 0 { means.add(values) }
      }
    }
  }
}
