/// The lower triangle L with L · Lᵀ equal to a symmetric positive definite matrix.
package struct Cholesky: Equatable, Sendable {
  package let size: Int
  /// Row after row; what lies above the diagonal is 0.
  package let factor: [Double]

  /// - Parameter matrix: row after row, of which the lower triangle is read.
  /// - Returns: nil for a matrix that is not positive definite.
  package init?(_ matrix: [Double], size: Int) {
    var factor = [Double](repeating: 0, count: size * size)
    let isPositive = matrix.withUnsafeBufferPointer { source in
      factor.withUnsafeMutableBufferPointer { rows in
        for i in 0..<size {
          for j in 0...i {
            var sum = source[i * size + j]
            let (a, b) = (i * size, j * size)
            for k in 0..<j { sum -= rows[a + k] * rows[b + k] }
            if i == j {
              guard sum > 0, sum.isFinite else { return false }
              rows[a + i] = sum.squareRoot()
            } else {
              rows[a + j] = sum / rows[b + j]
            }
          }
        }
        return true
      }
    }
    guard isPositive else { return nil }
    self.size = size
    self.factor = factor
  }

  /// x with matrix · x = b.
  package func solve(_ b: [Double]) -> [Double] {
    var x = b
    factor.withUnsafeBufferPointer { rows in
      for i in 0..<size {
        var sum = x[i]
        for k in 0..<i { sum -= rows[i * size + k] * x[k] }
        x[i] = sum / rows[i * size + i]
      }
      for i in (0..<size).reversed() {
        let value = x[i] / rows[i * size + i]
        x[i] = value
        for k in 0..<i { x[k] -= rows[i * size + k] * value }
      }
    }
    return x
  }

  /// The inverse of the matrix, row after row.
  package var inverse: [Double] {
    // The inverse of the factor first, which is a lower triangle too; its rows are combined in the order of memory.
    var lower = [Double](repeating: 0, count: size * size)
    var result = lower
    factor.withUnsafeBufferPointer { rows in
      lower.withUnsafeMutableBufferPointer { own in
        for i in 0..<size {
          for k in 0..<i {
            let f = rows[i * size + k]
            for j in 0...k { own[i * size + j] -= f * own[k * size + j] }
          }
          own[i * size + i] = 1
          let pivot = 1 / rows[i * size + i]
          for j in 0...i { own[i * size + j] *= pivot }
        }
      }
    }
    lower.withUnsafeBufferPointer { own in
      result.withUnsafeMutableBufferPointer { out in
        for k in 0..<size {
          for i in 0...k {
            let f = own[k * size + i]
            for j in 0...i { out[i * size + j] += f * own[k * size + j] }
          }
        }
        for i in 0..<size { for j in 0..<i { out[j * size + i] = out[i * size + j] } }
      }
    }
    return result
  }
}
