import IR
import Operators
import Support

/// The largest magnitudes of states with 16 bits, over all that the operators compute inside.
struct WideRanges {
  private var magnitudes: [ScaleGroups.Edge: (form: OperandRules.State.Form, largest: Float)] = [:]

  init(_ graph: Graph) {
    for (index, node) in graph.nodes.enumerated() where graph.isFloat(node.outputs[0]) {
      guard case .operands(let rules)? = (node.op as? any SourceOperator)?.quantizationRule else { continue }
      for state in rules.states where state.isWide {
        magnitudes[ScaleGroups.Edge(node: index, position: state.output)] = (state.form, 0)
      }
    }
  }

  /// Takes in what all tensors hold after an inference; gives the values inside of operators, by the output in whose range
  /// they must fit.
  ///
  /// - Parameter isFirst: whether these values were not taken in before.
  mutating func extend(
    _ graph: Graph, _ values: [TensorID: Tensor], isFirst: Bool
  ) throws(Diagnostic) -> [(output: TensorID, values: [Float])] {
    var results: [(output: TensorID, values: [Float])] = []
    for (index, node) in graph.nodes.enumerated() where graph.isFloat(node.outputs[0]) {
      guard let op = node.op as? any InternalRanges else { continue }
      let lists = try op.internalValues(node.inputs.compactMap { values[$0] })
      for (position, (id, list)) in zip(node.outputs, lists).enumerated() {
        let edge = ScaleGroups.Edge(node: index, position: position)
        guard var range = magnitudes[edge] else {
          results.append((id, list))
          continue
        }
        guard isFirst, case .floats(let own)? = values[id]?.elements else { continue }
        for value in own + list {
          guard value.isFinite else {
            throw Diagnostic("quantize.finite", at: graph.location(node), "computes a value that is no finite number")
          }
          range.largest = max(range.largest, value.magnitude)
        }
        magnitudes[edge] = range
      }
    }
    return results
  }

  /// Symmetric quantizations of 16 bits that hold these magnitudes.
  func quantizations() throws(Diagnostic) -> [ScaleGroups.Edge: Quantization] {
    var quantizations: [ScaleGroups.Edge: Quantization] = [:]
    for (edge, range) in magnitudes {
      // A state that stays at 0 may have any scale.
      let largest = max(range.largest, 0x1p-8)
      let power = Int(largest.exponent) + (largest.significand > 1 ? 1 : 0)
      let scale = range.form == .powerOfTwo ? Float(sign: .plus, exponent: power - 15, significand: 1) : largest / 32767
      quantizations[edge] = try .perTensor(scale: scale, zeroPoint: 0)
    }
    return quantizations
  }
}
