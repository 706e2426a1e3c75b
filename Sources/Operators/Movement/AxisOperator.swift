import IR
import Support

/// An operator that can work on tensors whose axes stand in another order, so that a transposition before it can take place
/// behind it.
package protocol AxisOperator: SourceOperator {
  /// The operator and the order of the output's axes for inputs before their transposition:
  /// `self(transpose(x, order)) = transpose(operator(x), output)`, where axis i of a transposed tensor is axis `order[i]`.
  ///
  /// nil when there is no such operator.
  func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])?
}

/// An operator on single elements: it doesn't know axes.
package protocol AxislessOperator: AxisOperator {}

extension AxislessOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? { (self, order) }
}

/// An order of axes.
enum AxisOrder {
  /// A list with one entry for each axis, as it was before the transposition.
  static func before<Value>(_ list: [Value], _ order: [Int]) -> [Value] {
    var result = list
    for (axis, source) in order.enumerated() { result[source] = list[axis] }
    return result
  }

  /// The order of the axes that are left when some of the transposed tensor are dropped.
  static func dropping(_ dropped: [Int], _ order: [Int]) -> [Int] {
    let kept = order.indices.filter { !dropped.contains($0) }.map { order[$0] }
    let sorted = kept.sorted()
    return kept.map { axis in sorted.firstIndex(of: axis) ?? 0 }
  }
}

extension Pad: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    guard order.count == before.count, order.count == after.count else { return nil }
    let op = Pad(
      before: AxisOrder.before(before, order), after: AxisOrder.before(after, order), value: value, real: real)
    return (op, order)
  }
}

extension Concatenation: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.indices.contains(axis) ? (Concatenation(axis: order[axis]), order) : nil
  }
}

extension Split: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.indices.contains(axis) ? (Split(axis: order[axis], count: count), order) : nil
  }
}

extension Mean: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    guard axes.allSatisfy({ order.indices.contains($0) }) else { return nil }
    let op = Mean(
      axes: axes.map { order[$0] }.sorted(), keepDimensions: keepDimensions, arithmetic: arithmetic)
    return (op, keepDimensions ? order : AxisOrder.dropping(axes, order))
  }
}

extension Reduce: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    guard axes.allSatisfy({ order.indices.contains($0) }) else { return nil }
    let op = Reduce(kind, axes: axes.map { order[$0] }.sorted(), keepDimensions: keepDimensions)
    return (op, keepDimensions ? order : AxisOrder.dropping(axes, order))
  }
}

extension ArgMax: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.indices.contains(axis) ? (ArgMax(axis: order[axis]), AxisOrder.dropping([axis], order)) : nil
  }
}

extension ArgMin: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    let axis = opposite.axis
    return order.indices.contains(axis) ? (ArgMin(axis: order[axis]), AxisOrder.dropping([axis], order)) : nil
  }
}

extension Softmax: AxisOperator {
  /// The last axis must stay the last one.
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.last == order.count - 1 ? (self, order) : nil
  }
}
