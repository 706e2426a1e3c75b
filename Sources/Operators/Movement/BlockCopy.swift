import IR

/// Elements that stay together and in their order: `count` of them, from the element `source` of an input on to the element
/// `target` of an output on.
package struct BlockCopy: Equatable, Sendable {
  package let input: Int
  package let output: Int
  package let source: Int
  package let target: Int
  package let count: Int
}

extension Layer {
  /// The copies of boxes that the layer consists of, beside a background; nil when it is no movement of elements.
  var boxCopies: Copies? {
    if op is Reshape {
      let count = outputs[0].shape.elementCount
      return [(0, 0, StridedCopy([count], sourceStrides: [1], targetStrides: [1]))]
    }
    return (op as? any MovementOperator)?.copies(inputs.map(\.type.shape), outputs.map(\.shape))
  }

  /// The layer as copies of blocks; nil when it does anything else.
  package var blockCopies: [BlockCopy]? {
    if let movement = op as? any MovementOperator {
      do { if try movement.background(outputs) != nil { return nil } } catch { return nil }
    }
    guard let copies = boxCopies, copies.allSatisfy({ $0.copy.nest.isOneRun }) else { return nil }
    return copies.map {
      BlockCopy(
        input: $0.input, output: $0.output, source: $0.copy.sourceStart, target: $0.copy.targetStart,
        count: $0.copy.nest.count)
    }
  }
}

extension LoopNest {
  /// All tensors step from one element to the next one.
  fileprivate var isOneRun: Bool {
    axes.count < 2 && axes.allSatisfy { $0.tables.isEmpty && $0.steps.allSatisfy { $0 == 1 } }
  }
}
