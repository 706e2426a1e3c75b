import IR

extension Layer {
  /// Whether the layer has one input and one output, and both have the same elements in the same order.
  package var keepsElements: Bool {
    guard inputs.count == 1, outputs.count == 1, inputs[0].type.element == outputs[0].element,
      inputs[0].type.shape.elementCount == outputs[0].shape.elementCount
    else { return false }
    switch op {
    case is Reshape: return true
    case let pool as IntegerPool2D:
      return pool.filter == Extent(1, 1) && pool.stride == Extent(1, 1) && pool.padBefore == Extent(0, 0)
        && inputs[0].type.shape == outputs[0].shape && inputs[0].type.valueRange == pool.clamp
    case let movement as any MovementOperator:
      let copies = movement.copies(inputs.map(\.type.shape), outputs.map(\.shape))
      guard copies.count == 1, let copy = copies.first?.copy, copies[0].input == 0 else { return false }
      // One run over all elements, or a single element.
      return copy.sourceStart == 0 && copy.targetStart == 0 && copy.nest.count == outputs[0].shape.elementCount
        && copy.nest.axes.allSatisfy { $0.tables.isEmpty && $0.steps == [1, 1] }
    default: return false
    }
  }
}
