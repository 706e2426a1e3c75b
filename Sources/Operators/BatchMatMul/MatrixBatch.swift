import IR
import Support

/// Which elements of two tensors of matrices meet in their products.
struct MatrixBatch {
  let rows: Int
  let depth: Int
  let columns: Int
  /// Distances of neighbouring elements along a row of the first matrix, between its rows, along a column of the second
  /// matrix, and between its columns.
  let (xStep, xRow, yStep, yColumn): (Int, Int, Int, Int)
  /// Loops over the matrices of the first tensor, the second tensor and the result.
  let nest: LoopNest
  let shape: Shape

  /// - Parameter adjointX: the matrices of the first tensor are transposed first.
  init(_ x: Shape, _ y: Shape, adjointX: Bool, adjointY: Bool) throws(Diagnostic) {
    let (xs, ys) = (Array(x.dims.suffix(2)), Array(y.dims.suffix(2)))
    rows = xs[adjointX ? 1 : 0]
    depth = xs[adjointX ? 0 : 1]
    columns = ys[adjointY ? 0 : 1]
    guard ys[adjointY ? 1 : 0] == depth else {
      throw Diagnostic("operator.depth", "the matrices of \(x) and \(y) do not fit together")
    }
    (xStep, xRow) = adjointX ? (xs[1], 1) : (1, xs[1])
    (yStep, yColumn) = adjointY ? (1, ys[1]) : (ys[1], 1)
    let broadcast = try Broadcast(Shape(Array(x.dims.dropLast(2))), Shape(Array(y.dims.dropLast(2))))
    shape = try Shape(broadcast.shape.dims + [rows, columns])
    let sizes = (xs[0] * xs[1], ys[0] * ys[1], rows * columns)
    nest = LoopNest(
      broadcast.nest.axes.map { axis in
        LoopNest.Axis(
          size: axis.size, steps: [axis.steps[0] * sizes.0, axis.steps[1] * sizes.1, axis.steps[2] * sizes.2])
      })
  }

  /// The values of the result, where `value` gets the indices of the elements that are multiplied.
  func map<T>(_ value: (LazyMapSequence<Range<Int>, (x: Int, y: Int)>) -> T) -> [T] {
    var result: [T] = []
    result.reserveCapacity(shape.elementCount)
    nest.forEach(tensors: 3) { starts in
      for row in 0..<rows {
        for column in 0..<columns {
          result.append(
            value(
              (0..<depth).lazy.map {
                (x: starts[0] + row * xRow + $0 * xStep, y: starts[1] + column * yColumn + $0 * yStep)
              }))
        }
      }
    }
    return result
  }
}
