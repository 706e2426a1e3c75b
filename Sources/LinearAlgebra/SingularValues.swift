/// The singular value decomposition `A = U diag(s) Vᵀ` of an `m x n` matrix, with `k = min(m, n)` values.
///
/// One-sided Jacobi rotations after Hestenes: columns are rotated in pairs until all are orthogonal. Slower than a reduction to
/// bidiagonal form, but short, and exact to the last digits also in small singular values (Demmel and Veselić, "Jacobi's method
/// is more accurate than QR", 1992).
package struct SingularValues: Sendable {
  /// `m x k`; its columns are orthonormal, those of singular values that are zero are zeros.
  package let left: Matrix
  /// Descending, none of them negative.
  package let values: [Double]
  /// `n x k`; like `left`.
  package let right: Matrix

  /// Rotations change nothing more when the cosine between two columns is as small as this.
  private static let precision = 1e-15
  private static let mostSweeps = 60

  package init(_ matrix: Matrix) {
    guard matrix.rows >= matrix.columns else {
      let mirrored = SingularValues(matrix.transposed)
      self = SingularValues(left: mirrored.right, values: mirrored.values, right: mirrored.left)
      return
    }
    let count = matrix.columns
    let source = matrix.transposed.values
    var columns = (0..<count).map { Array(source[$0 * matrix.rows..<($0 + 1) * matrix.rows]) }
    var turns = (0..<count).map { column in (0..<count).map { $0 == column ? 1.0 : 0 } }
    for _ in 0..<Self.mostSweeps {
      var isChanged = false
      for first in 0..<count {
        for second in (first + 1)..<max(first + 1, count) {
          guard let (sine, cosine) = Self.rotation(columns[first], columns[second]) else { continue }
          isChanged = true
          Self.rotate(&columns, first, second, sine, cosine)
          Self.rotate(&turns, first, second, sine, cosine)
        }
      }
      if !isChanged { break }
    }
    let lengths = columns.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let order = (0..<count).sorted { (-lengths[$0], $0) < (-lengths[$1], $1) }
    var left = Matrix(rows: matrix.rows, columns: count)
    var right = Matrix(rows: count, columns: count)
    for (place, column) in order.enumerated() where lengths[column] > 0 {
      // The largest part of each left vector is positive, so that the signs are always the same.
      let largest = columns[column].max { abs($0) < abs($1) } ?? 0
      let sign = largest < 0 ? -1.0 : 1
      for row in 0..<matrix.rows { left[row, place] = sign * columns[column][row] / lengths[column] }
      for row in 0..<count { right[row, place] = sign * turns[column][row] }
    }
    self = SingularValues(left: left, values: order.map { lengths[$0] }, right: right)
  }

  private init(left: Matrix, values: [Double], right: Matrix) {
    self.left = left
    self.values = values
    self.right = right
  }

  /// Sine and cosine of the angle that makes two columns orthogonal; nil when they are.
  private static func rotation(_ first: [Double], _ second: [Double]) -> (sine: Double, cosine: Double)? {
    var (a, b, product) = (0.0, 0.0, 0.0)
    for index in first.indices {
      a += first[index] * first[index]
      b += second[index] * second[index]
      product += first[index] * second[index]
    }
    guard product != 0, abs(product) > precision * (a * b).squareRoot() else { return nil }
    let ratio = (b - a) / (2 * product)
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    return (cosine * tangent, cosine)
  }

  private static func rotate(
    _ columns: inout [[Double]], _ first: Int, _ second: Int, _ sine: Double, _ cosine: Double
  ) {
    // Taken out of the array, so that they are changed in place.
    var (a, b) = ([Double](), [Double]())
    swap(&a, &columns[first])
    swap(&b, &columns[second])
    for index in a.indices {
      let (x, y) = (a[index], b[index])
      a[index] = cosine * x - sine * y
      b[index] = sine * x + cosine * y
    }
    swap(&a, &columns[first])
    swap(&b, &columns[second])
  }

  /// The closest matrix of a rank, as the product of an `m x rank` and a `rank x n` matrix, each with the square roots of the
  /// singular values.
  package func factors(rank: Int) -> (left: Matrix, right: Matrix) {
    let roots = values.prefix(rank).map { $0.squareRoot() }
    return (
      left.prefix(columns: rank).scaled(columns: roots), right.prefix(columns: rank).scaled(columns: roots).transposed
    )
  }

  /// The smallest rank that keeps a part of the matrix's energy, the sum of the squares of its elements.
  ///
  /// - Parameter part: from 0 to 1.
  package func rank(keeping part: Double) -> Int {
    let whole = values.reduce(0) { $0 + $1 * $1 }
    var kept = 0.0
    for (index, value) in values.enumerated() {
      if kept >= part * whole { return index }
      kept += value * value
    }
    return values.count
  }

  /// The shortest `x` for which `A x` is closest to `b`, for each column of `b`.
  ///
  /// - Parameter tolerance: singular values below this part of the largest one count as zero.
  package func solve(_ b: Matrix, tolerance: Double = 1e-12) -> Matrix {
    let least = tolerance * (values.first ?? 0)
    let inverses = values.map { $0 > least ? 1 / $0 : 0 }
    return right.scaled(columns: inverses) * (left.transposed * b)
  }
}
