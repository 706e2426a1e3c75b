package import IR
import Operators
package import Support

/// Reverse-mode differentiation of float networks.
///
/// A network runs forward by the operators' own semantics, and all values are kept; then gradients go back from given ones,
/// node by node. Integers, such as indices and shapes, have no gradient.
///
/// Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, chapter 3.
package struct Differentiator: Sendable {
  package let graph: Graph
  private let interpreter: Interpreter

  /// - Parameter results: the tensors that are differentiated; nil for the outputs of the graph.
  /// - Throws: when an operator on the way to the results has no derivative, or the network keeps states.
  package init(_ graph: Graph, results: [TensorID]? = nil) throws(Diagnostic) {
    guard graph.states.isEmpty else {
      throw Diagnostic(
        "gradient.state", at: .file(graph.file), "keeps states between inferences; there are no gradients through time")
    }
    var needed = Set(results ?? graph.outputs)
    for node in graph.nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs)
      let reads = node.inputs.contains { graph[$0].type.element == .float32 }
      let writes = node.outputs.contains { graph[$0].type.element == .float32 }
      guard reads && writes && !(node.op is any DifferentiableOperator) || reads && node.op is Quantize else {
        continue
      }
      throw Diagnostic(
        "gradient.operator", at: graph.location(node), "gradients can't pass through \(node.op.mnemonic)")
    }
    self.graph = graph
    interpreter = try Interpreter(graph)
  }

  /// The values of all tensors for one vector.
  package func values(_ inputs: [Tensor]) throws(Diagnostic) -> [TensorID: Tensor] { try interpreter.run(inputs) }

  /// The values of all tensors when some, which may be constants, are others; only what depends on them is computed again.
  package func values(
    _ before: [TensorID: Tensor], replacing changes: [TensorID: Tensor]
  ) throws(Diagnostic) -> [TensorID: Tensor] {
    var values = before
    for (id, tensor) in changes { values[id] = tensor }
    var changed = Set(changes.keys)
    for node in graph.nodes where node.inputs.contains(where: changed.contains) {
      do throws(Diagnostic) {
        let results = try node.op.evaluate(node.inputs.compactMap { values[$0] }, as: graph.outputTypes(node))
        for (id, result) in zip(node.outputs, results) where changes[id] == nil {
          values[id] = result
          changed.insert(id)
        }
      } catch {
        throw error.located(graph.location(node))
      }
    }
    return values
  }

  /// The gradients of a loss.
  ///
  /// - Parameters:
  ///   - targets: inputs, constants or results of nodes.
  ///   - values: as ``values(_:)`` gives them.
  ///   - seeds: the partial derivatives of the loss by the tensors that it is computed from, in row-major order.
  /// - Returns: for each float target the derivatives by its elements, in row-major order.
  package func gradients(
    of targets: [TensorID], values: [TensorID: Tensor], seeds: [TensorID: [Float]]
  ) throws(Diagnostic) -> [TensorID: [Float]] {
    let targets = targets.filter { graph[$0].type.element == .float32 }
    // Gradients are worked out only where a target lies behind.
    var active = Set(targets)
    for node in graph.nodes where node.inputs.contains(where: active.contains) {
      active.formUnion(node.outputs.filter { graph[$0].type.element == .float32 })
    }
    var gradients = seeds
    for node in graph.nodes.reversed() {
      guard node.outputs.contains(where: { gradients[$0] != nil }), node.inputs.contains(where: active.contains)
      else { continue }
      guard let op = node.op as? any DifferentiableOperator else { continue }
      let step = BackwardStep(
        inputs: node.inputs.compactMap { values[$0] }, outputs: node.outputs.compactMap { values[$0] },
        gradients: node.outputs.map { gradients[$0] }, wanted: node.inputs.map(active.contains))
      guard step.inputs.count == node.inputs.count, step.outputs.count == node.outputs.count else { continue }
      do throws(Diagnostic) {
        for (id, gradient) in zip(node.inputs, try op.inputGradients(step)) {
          if let gradient { gradients[id].add(gradient) }
        }
      } catch {
        throw error.located(graph.location(node))
      }
    }
    var results: [TensorID: [Float]] = [:]
    for id in targets {
      results[id] = gradients[id] ?? [Float](repeating: 0, count: graph[id].type.shape.elementCount)
    }
    return results
  }
}

extension [Float]? {
  /// Adds gradients that came another way.
  fileprivate mutating func add(_ other: [Float]) {
    guard var sum = self, sum.count == other.count else { return self = other }
    self = nil
    sum.withUnsafeMutableBufferPointer { sum in
      other.withUnsafeBufferPointer { other in
        for place in sum.indices { sum[place] += other[place] }
      }
    }
    self = sum
  }
}
