/// A matrix of double precision, row by row.
package struct Matrix: Equatable, Sendable {
  package let rows: Int
  package let columns: Int
  /// `rows * columns` values.
  package private(set) var values: [Double]

  /// - Parameter values: row by row; as many as the matrix has elements.
  package init(rows: Int, columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns, "a matrix of other size")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// All zeros.
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, [Double](repeating: 0, count: rows * columns))
  }

  /// Ones on the diagonal.
  package init(identity size: Int) {
    self.init(rows: size, columns: size)
    for index in 0..<size { self[index, index] = 1 }
  }

  package subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  package var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  /// The product of an `m x k` and a `k x n` matrix.
  package static func * (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.columns == right.rows, "matrices whose sizes do not fit")
    let width = right.columns
    var values = [Double](repeating: 0, count: left.rows * width)
    values.withUnsafeMutableBufferPointer { sums in
      right.values.withUnsafeBufferPointer { b in
        for row in 0..<left.rows {
          for inner in 0..<left.columns {
            let factor = left[row, inner]
            guard factor != 0 else { continue }
            for column in 0..<width { sums[row * width + column] += factor * b[inner * width + column] }
          }
        }
      }
    }
    return Matrix(rows: left.rows, columns: width, values)
  }

  package static func - (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.rows == right.rows && left.columns == right.columns, "matrices of different size")
    return Matrix(rows: left.rows, columns: left.columns, zip(left.values, right.values).map { $0 - $1 })
  }

  /// The sum of the squares of all elements, the square of the Frobenius norm.
  package var energy: Double { values.reduce(0) { $0 + $1 * $1 } }

  /// The same elements, in their order, as rows of another length.
  package func reshaped(columns count: Int) -> Matrix {
    Matrix(rows: values.count / max(1, count), columns: count, values)
  }

  /// The first columns.
  package func prefix(columns count: Int) -> Matrix {
    Matrix(rows: rows, columns: count, (0..<rows).flatMap { row in (0..<count).map { self[row, $0] } })
  }

  /// Each column multiplied by its factor.
  package func scaled(columns factors: [Double]) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] * factors[$0] } })
  }
}
