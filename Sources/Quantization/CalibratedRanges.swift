import IR
import Operators
import Support

/// The quantization of every group of float tensors, from the values that they take for calibration vectors.
struct CalibratedRanges {
  private let quantizations: [TensorID: Quantization]
  /// The quantization of outputs with 16 bits.
  private let wide: [ScaleGroups.Edge: Quantization]

  /// Runs the network twice for each vector, one inference after the other: for the ranges, and for the numbers of values in their parts.
  init(_ graph: Graph, _ groups: ScaleGroups, _ vectors: [[Tensor]], _ method: RangeMethod) throws(Diagnostic) {
    var members: [(tensor: TensorID, group: TensorID)] = []
    let floats = graph.sources + graph.nodes.flatMap(\.outputs)
    for id in floats where graph.isFloat(id) && groups.fixedQuantization(id) == nil && groups.wideState(id) == nil {
      members.append((id, groups.group(id)))
    }
    var statistics: [TensorID: RangeStatistics] = [:]
    for (_, group) in members { statistics[group] = RangeStatistics() }
    // Constants that share the scale of computed tensors must fit into it.
    var constants: [(values: [Float], group: TensorID)] = []
    var masked: Set<TensorID> = []
    for node in graph.nodes where (node.op as? any SourceOperator)?.quantizationRule == .shared {
      guard let output = node.outputs.first, graph.isFloat(output), statistics[groups.group(output)] != nil else {
        continue
      }
      for operand in try graph.operands(node) {
        if let constant = operand.constant, case .floats(let values) = constant.elements {
          constants.append((MaskedScores.others(values), groups.group(output)))
          if values.contains(where: MaskedScores.isMasked) { masked.insert(groups.group(output)) }
        }
      }
    }
    var wide = WideRanges(graph)
    let interpreter = try Interpreter(graph)
    for pass in 0..<(method == .minmax ? 1 : 2) {
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
        for (id, own) in try wide.extend(graph, values, isFirst: pass == 0) where statistics[groups.group(id)] != nil {
          let group = groups.group(id)
          if pass == 0 { _ = statistics[group]?.extend(own) } else { statistics[group]?.count(own) }
        }
      }
    }
    var quantizations: [TensorID: Quantization] = [:]
    for (id, group) in members {
      if let fixed = groups.fixedQuantization(id) {
        quantizations[group] = fixed
      } else if quantizations[group] == nil, let own = statistics[group] {
        let range = own.range(method)
        quantizations[group] = try (masked.contains(group) ? MaskedScores.widened(range) : range).quantization()
      }
    }
    self.quantizations = quantizations
    self.wide = try wide.quantizations()
  }

  /// Ranges from −1 to 1, and what else constants need.
  init(rehearsing graph: Graph, _ groups: ScaleGroups) throws(Diagnostic) {
    var quantizations: [TensorID: Quantization] = [:]
    for id in graph.sources + graph.nodes.flatMap(\.outputs) where graph.isFloat(id) {
      var statistics = RangeStatistics()
      _ = statistics.extend([-1, 1])
      quantizations[groups.group(id)] = try statistics.range(.minmax).quantization()
    }
    self.quantizations = quantizations
    wide = try WideRanges(graph).quantizations()
  }

  /// The quantization of an output of a node with 16 bits; nil for others.
  func wideQuantization(_ edge: ScaleGroups.Edge) -> Quantization? { wide[edge] }

  /// The quantization of a float tensor.
  func quantization(_ id: TensorID, _ groups: ScaleGroups) throws(Diagnostic) -> Quantization {
    if let fixed = groups.fixedQuantization(id) { return fixed }
    guard let own = groups.wideState(id).flatMap({ wide[$0] }) ?? quantizations[groups.group(id)] else {
      throw Diagnostic("quantize.range", "a tensor has no range: it is never computed")
    }
    return own
  }

  /// The quantization of a constant by its own values.
  static func quantization(of constant: Tensor) throws(Diagnostic) -> Quantization {
    var statistics = RangeStatistics()
    guard statistics.extend(try constant.floats("a constant")) else {
      throw Diagnostic("quantize.constant", "a constant holds a value that is no finite number")
    }
    return try statistics.range(.minmax).quantization()
  }
}
