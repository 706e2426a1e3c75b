/// Fits of measured sums.
enum LeastSquares {
  /// Coefficients, none of them negative, for which the rows' weighted sums come closest to `values`, by relative error.
  ///
  /// Coordinate descent on the normal equations: each step sets one coefficient to its best value.
  static func fit(_ rows: [[Double]], _ values: [Double]) -> [Double] {
    let count = rows.first?.count ?? 0
    // Every row is divided by its value, so that all relative errors weigh the same.
    let scaled = zip(rows, values).map { row, value in row.map { $0 / max(value, 1) } }
    // Columns are scaled to length 1 to make all coefficients alike.
    let lengths = (0..<count).map { column in
      scaled.reduce(0.0) { $0 + $1[column] * $1[column] }.squareRoot()
    }
    func normalized(_ row: [Double]) -> [Double] { zip(row, lengths).map { $1 == 0 ? 0 : $0 / $1 } }
    let table = scaled.map(normalized)
    var gram = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var right = [Double](repeating: 0, count: count)
    for row in table {
      for i in 0..<count {
        right[i] += row[i]
        for j in 0..<count { gram[i][j] += row[i] * row[j] }
      }
    }
    var solution = [Double](repeating: 0, count: count)
    for _ in 0..<200_000 {
      var change = 0.0
      for i in 0..<count where gram[i][i] > 0 {
        let rest = right[i] - (0..<count).reduce(0.0) { $0 + ($1 == i ? 0 : gram[i][$1] * solution[$1]) }
        let best = max(0, rest / gram[i][i])
        change = max(change, abs(best - solution[i]))
        solution[i] = best
      }
      if change < 1e-12 { break }
    }
    return zip(solution, lengths).map { $1 == 0 ? 0 : $0 / $1 }
  }
}
