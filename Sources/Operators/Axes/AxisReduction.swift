import IR
import Machine
import Support

/// Loops of a reduction: over the axes that stay, around those that are reduced.
struct AxisReduction {
  /// Steps of the input and of the output.
  let kept: LoopNest
  /// Steps of the input.
  let reduced: LoopNest

  init(_ shape: Shape, axes: [Int]) throws(Diagnostic) {
    let strides = shape.strides
    let keptAxes = (0..<shape.rank).filter { !axes.contains($0) }
    let keptStrides = try Shape(keptAxes.map { shape[$0] }).strides
    kept = LoopNest(zip(keptAxes, keptStrides).map { LoopNest.Axis(size: shape[$0], steps: [strides[$0], $1]) })
    reduced = LoopNest(axes.map { LoopNest.Axis(size: shape[$0], steps: [strides[$0]]) })
  }

  /// The shape of the output.
  static func shape(_ shape: Shape, axes: [Int], keepDimensions: Bool) throws(Diagnostic) -> Shape {
    guard axes == Array(Set(axes)).sorted(), axes.allSatisfy({ $0 >= 0 && $0 < shape.rank }) else {
      throw Diagnostic("operator.axes", "the axes \(axes) do not suit the shape \(shape)")
    }
    return try Shape(
      shape.dims.enumerated().compactMap { axis, size in axes.contains(axis) ? (keepDimensions ? 1 : nil) : size })
  }

  /// One value for each group of elements that are reduced to one, in the order of the output.
  func map<Value>(_ x: [Value], _ start: Value, _ next: (Value, Value) -> Value) -> [Value] {
    var result = [Value](repeating: start, count: kept.count)
    kept.forEach(tensors: 2) { outer in
      var value = start
      reduced.forEach(tensors: 1) { value = next(value, x[outer[0] + $0[0]]) }
      result[outer[1]] = value
    }
    return result
  }

  /// C text of the loops; `body` gets the text of the inner loops around `step`, and the position in the output.
  ///
  /// - Parameter step: the statement for an element, which gets the position in the input.
  func cText(step: (String) -> String, _ body: (_ loops: String, _ output: String) -> String) -> String {
    let text = kept.cText(starts: [0, 0]) { offsets in
      let loops = reduced.cText(starts: [0], variable: "r") { inner in
        step(offsets[0] == "0" ? inner[0] : inner[0] == "0" ? offsets[0] : "\(offsets[0]) + \(inner[0])")
      }
      return body(loops, offsets[1])
    }
    guard kept.axes.isEmpty else { return text }
    return "{\n" + text.split(separator: "\n").map { "    \($0)\n" }.joined() + "}"
  }

  /// Work of a reduction kernel.
  func work() -> [WorkItem] {
    [
      WorkItem("element", kept.count * reduced.count), WorkItem("run", kept.count * reduced.outer.count),
      WorkItem("output", kept.count),
    ]
  }
}
