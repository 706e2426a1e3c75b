import LinearAlgebra

/// Mean products H = E[xᵀ x] of the values x that weights are multiplied by; without calibration vectors, the identity: every
/// weight counts alike.
///
/// Rows of weights w give sums with the mean square w H wᵀ. With a triangle L such that H = L Lᵀ this is the squared length of
/// w L, the *whitened* row, so that what is closest there is closest in the sums.
struct SecondMoments: Sendable {
  /// Nil for the identity.
  let matrix: Matrix?
  private let factor: Cholesky?

  /// - Parameter matrix: one that is not positive definite says nothing and counts as the identity.
  init(_ matrix: Matrix?) {
    factor = matrix.flatMap { Cholesky($0.values, size: $0.rows) }
    self.matrix = factor == nil ? nil : matrix
  }

  /// Rows times H.
  func applied(to rows: Matrix) -> Matrix { matrix.map { rows * $0 } ?? rows }

  /// Rows times L.
  func whitened(_ rows: Matrix) -> Matrix {
    guard let factor else { return rows }
    return rows * Matrix(rows: factor.size, columns: factor.size, factor.factor)
  }

  /// Rows times the inverse of L, which is Lᵀ times the inverse of H.
  func restored(_ rows: Matrix) -> Matrix {
    guard let factor else { return rows }
    let triangle = Matrix(rows: factor.size, columns: factor.size, factor.factor)
    let moved = rows * triangle.transposed
    return Matrix(
      rows: rows.rows, columns: rows.columns,
      (0..<rows.rows).flatMap { row in factor.solve(Array(moved.values[row * rows.columns..<(row + 1) * rows.columns]))
      })
  }

  /// The mean square of each row's sums.
  func powers(_ rows: Matrix) -> [Double] {
    let other = applied(to: rows)
    return (0..<rows.rows).map { row in
      (0..<rows.columns).reduce(0) { $0 + rows[row, $1] * other[row, $1] }
    }
  }

  /// The moments of some of the values: means of the blocks in which only `members` stand.
  ///
  /// - Parameter blocks: for each block the places of its values in x, as many in each.
  func mean(over blocks: [[Int]]) -> SecondMoments {
    guard let matrix, let size = blocks.first?.count else { return self }
    var sums = Matrix(rows: size, columns: size)
    for block in blocks {
      for (i, row) in block.enumerated() {
        for (j, column) in block.enumerated() { sums[i, j] += matrix[row, column] / Double(blocks.count) }
      }
    }
    return SecondMoments(sums)
  }
}
