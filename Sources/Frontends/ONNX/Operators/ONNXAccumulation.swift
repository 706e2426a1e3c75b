import IR
import Operators
import Support

/// Sums of all elements up to each one.
extension ONNXCall {
  static let accumulation: [String: Builder] = [
    "CumSum": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      guard let number = try call.constantInts(1, "the axis").first else { throw call.failure("axis", "is missing") }
      let axis = try shape.normalized(axis: number)
      let sum = CumulativeSum(
        axis: axis, isExclusive: try call.int("exclusive", default: 0) != 0,
        isReverse: try call.int("reverse", default: 0) != 0)
      let element = try call.element(0)
      guard element.isFloat else { return [.tensor(try call.accumulated(try call.bare(0), sum), element)] }
      return [.tensor(try call.emit(sum, [try call.float(0)], .float32), .float32)]
    }
  ]

  /// Sums of integers: each step adds what lies twice as far away as in the step before.
  private mutating func accumulated(_ x: TensorID, _ sum: CumulativeSum) throws(Diagnostic) -> TensorID {
    let size = graph[x].type.shape[sum.axis]
    var result = sum.isExclusive ? try displaced(x, sum, by: 1) : x
    var distance = 1
    while distance < size {
      let other = try displaced(result, sum, by: distance)
      result = try emit(IntegerArithmetic(.add), [result, other], graph[x].type.element)
      distance *= 2
    }
    return result
  }

  /// The elements moved along the axis, with zeros behind them.
  private mutating func displaced(
    _ x: TensorID, _ sum: CumulativeSum, by distance: Int
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    let none = [Int](repeating: 0, count: shape.rank)
    var (amounts, places) = (none, [[Int]](repeating: [], count: shape.rank))
    amounts[sum.axis] = min(distance, shape[sum.axis])
    let padded = try move(
      Pad(before: sum.isReverse ? none : amounts, after: sum.isReverse ? amounts : none, value: 0), x)
    let first = sum.isReverse ? amounts[sum.axis] : 0
    places[sum.axis] = Array(first..<first + shape[sum.axis])
    return try take(places, padded)
  }
}
