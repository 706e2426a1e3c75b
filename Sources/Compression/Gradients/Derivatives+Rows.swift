import IR
import Operators
import Support

// Normalizations of rows, products of matrices, and interpolation.

extension BackwardStep {
  /// The gradient of the input, worked out for each row of the last axis by `body` from the output and its gradient.
  fileprivate func mapRows(
    _ body: (_ x: ArraySlice<Float>, _ y: ArraySlice<Float>, _ gradient: ArraySlice<Float>) -> [Float]
  ) throws(Diagnostic) -> [[Float]?] {
    let (x, y, gradient) = (try input(0), try output(), gradient())
    let depth = max(1, shape(0).dims.last ?? 1)
    var result: [Float] = []
    result.reserveCapacity(y.count)
    for row in stride(from: 0, to: y.count, by: depth) {
      result += body(x[row..<row + depth], y[row..<row + depth], gradient[row..<row + depth])
    }
    return [result]
  }
}

extension Softmax: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    try step.mapRows { _, y, gradient in
      let mean = zip(y, gradient).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      return zip(y, gradient).map { beta * $0 * ($1 - mean) }
    }
  }
}

extension LogSoftmax: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    try step.mapRows { _, y, gradient in
      let sum = gradient.reduce(0, +)
      return zip(y, gradient).map { $1 - RealFunctions.exp($0) * sum }
    }
  }
}

extension L2Normalization: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    try step.mapRows { x, y, gradient in
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // Shorter rows are divided by a constant.
      guard length > 1e-6 else { return gradient.map { $0 / 1e-6 } }
      let along = zip(y, gradient).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      return zip(y, gradient).map { ($1 - $0 * along) / length }
    }
  }
}

extension BatchMatMul: DifferentiableOperator {
  /// With Z = X Y and G the gradient of Z, that of X is G Yᵀ and that of Y is Xᵀ G.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let shapes = [step.shape(0), step.shape(1)]
    let dims = step.outputs[0].type.shape.dims
    let (rows, columns) = (dims[dims.count - 2], dims[dims.count - 1])
    let depth = shapes[0][shapes[0].rank - (adjointX ? 2 : 1)]
    let outer = try Shape(Array(dims.dropLast(2)))
    // The matrix of each input for each matrix of the output.
    let matrices = try shapes.map { (shape: Shape) throws(Diagnostic) in
      try Shape(Array(shape.dims.dropLast(2))).places(repeatedTo: outer) ?? Array(0..<outer.elementCount)
    }
    let (x, y, gradient) = (try step.input(0), try step.input(1), step.gradient())
    // Distances of neighbours along rows, depth and columns.
    let (xRow, xStep) = adjointX ? (1, rows) : (depth, 1)
    let (yColumn, yStep) = adjointY ? (depth, 1) : (1, columns)
    var (first, second) = ([Float](repeating: 0, count: x.count), [Float](repeating: 0, count: y.count))
    var place = 0
    for matrix in 0..<outer.elementCount {
      let (xStart, yStart) = (matrices[0][matrix] * rows * depth, matrices[1][matrix] * depth * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          let value = gradient[place]
          place += 1
          let (a, b) = (xStart + row * xRow, yStart + column * yColumn)
          for d in 0..<depth {
            first[a + d * xStep] += value * y[b + d * yStep]
            second[b + d * yStep] += value * x[a + d * xStep]
          }
        }
      }
    }
    return [step.wanted[0] ? first : nil, step.wanted[1] ? second : nil]
  }
}

extension ResizeBilinear: DifferentiableOperator {
  /// Rows and columns are interpolated one after the other, each by a matrix: that of the gradients is its transpose.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let shape = step.shape(0)
    let rows = try interpolation(shape[1], to: size.height)
    let columns = try interpolation(shape[2], to: size.width)
    let gradient = step.gradient()
    let channels = shape[3]
    var result = [Float](repeating: 0, count: shape.elementCount)
    var place = 0
    for image in 0..<shape[0] {
      for row in rows {
        for column in columns {
          for channel in 0..<channels {
            for (y, down) in row {
              for (x, right) in column {
                let pixel = (image * shape[1] + y) * shape[2] + x
                result[pixel * channels + channel] += down * right * gradient[place]
              }
            }
            place += 1
          }
        }
      }
    }
    return [result]
  }

  /// For each position of an axis of `target` pixels the pixels of the source that it is a mixture of, with their shares, as
  /// the operator itself mixes unit vectors.
  private func interpolation(
    _ source: Int, to target: Int
  ) throws(Diagnostic) -> [[(place: Int, share: Float)]] {
    let single = ResizeBilinear(
      size: Extent(target, 1), alignsCorners: alignsCorners, usesHalfPixels: usesHalfPixels)
    let units = Tensor(
      TensorType(.float32, try Shape([1, source, 1, source])),
      floats: (0..<source * source).map { $0 / source == $0 % source ? 1 : 0 })
    let output = TensorType(.float32, try Shape([1, target, 1, source]))
    let shares = try single.evaluate([units], as: [output])[0].floats("the shares")
    return (0..<target).map { position in
      (0..<source).compactMap { place in
        let share = shares[position * source + place]
        return share == 0 ? nil : (place, share)
      }
    }
  }
}
