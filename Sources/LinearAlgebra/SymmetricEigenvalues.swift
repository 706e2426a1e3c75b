/// The eigenvalues of a symmetric matrix, `A = V diag(w) Vᵀ`: cyclic Jacobi rotations (Golub and Van Loan, "Matrix
/// Computations", section 8.5).
package struct SymmetricEigenvalues: Sendable {
  /// Descending.
  package let values: [Double]
  /// Orthonormal columns, in the order of the values.
  package let vectors: Matrix

  private static let mostSweeps = 60

  /// - Parameter matrix: square; only the mean of it and its transpose counts.
  package init(_ matrix: Matrix) {
    precondition(matrix.rows == matrix.columns, "a matrix that is not square")
    let size = matrix.rows
    var a = matrix
    for row in 0..<size {
      for column in 0..<row {
        let mean = (matrix[row, column] + matrix[column, row]) / 2
        a[row, column] = mean
        a[column, row] = mean
      }
    }
    var vectors = Matrix(identity: size)
    let whole = a.energy
    for _ in 0..<Self.mostSweeps {
      var rest = 0.0
      for row in 0..<size {
        for column in 0..<row { rest += 2 * a[row, column] * a[row, column] }
      }
      // Below this nothing reaches the last digit of an eigenvalue.
      if rest <= 1e-32 * whole { break }
      for p in 0..<size {
        for q in (p + 1)..<max(p + 1, size) where a[p, q] != 0 { Self.eliminate(&a, &vectors, p, q) }
      }
    }
    let order = (0..<size).sorted { (-a[$0, $0], $0) < (-a[$1, $1], $1) }
    values = order.map { a[$0, $0] }
    var sorted = Matrix(rows: size, columns: size)
    for (place, column) in order.enumerated() {
      let largest = (0..<size).map { vectors[$0, column] }.max { abs($0) < abs($1) } ?? 0
      for row in 0..<size { sorted[row, place] = largest < 0 ? -vectors[row, column] : vectors[row, column] }
    }
    self.vectors = sorted
  }

  /// Makes one element and its mirror image zero.
  private static func eliminate(_ a: inout Matrix, _ vectors: inout Matrix, _ p: Int, _ q: Int) {
    let ratio = (a[q, q] - a[p, p]) / (2 * a[p, q])
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = cosine * tangent
    for index in 0..<a.rows {
      let (x, y) = (a[index, p], a[index, q])
      a[index, p] = cosine * x - sine * y
      a[index, q] = sine * x + cosine * y
    }
    for index in 0..<a.rows {
      let (x, y) = (a[p, index], a[q, index])
      a[p, index] = cosine * x - sine * y
      a[q, index] = sine * x + cosine * y
      let (v, w) = (vectors[index, p], vectors[index, q])
      vectors[index, p] = cosine * v - sine * w
      vectors[index, q] = sine * v + cosine * w
    }
    a[p, q] = 0
    a[q, p] = 0
  }
}
