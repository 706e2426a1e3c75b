import Support

/// A tensor [m, k, n] as the sum of products of vectors: `t[i, j, l] ≈ Σ a[i, r] b[j, r] c[l, r]`, the canonical polyadic
/// decomposition (CP, PARAFAC).
///
/// Alternating least squares, in which each factor is held a little to what it was before (T. Kolda and B. Bader, "Tensor
/// Decompositions and Applications", SIAM Review 51, 2009, section 3.4; C. Navasca, L. De Lathauwer and S. Kindermann, "Swamp
/// reducing technique for tensor decomposition", EUSIPCO 2008): without that, pairs of large vectors that almost cancel out
/// come up. Tensors are matrices with m rows of k · n elements.
package struct PolyadicFactors: Sendable {
  /// `m x rank`, `k x rank` and `n x rank`.
  package var first: Matrix
  package var middle: Matrix
  package var last: Matrix

  private static let mostSweeps = 300
  /// How much a factor is held, as a part of the mean square of what it is multiplied by.
  private static let damping = 1e-6

  package init(first: Matrix, middle: Matrix, last: Matrix) {
    self.first = first
    self.middle = middle
    self.last = last
  }

  /// - Parameters:
  ///   - depth: n, the length of the last axis.
  ///   - seed: for vectors beyond those that singular vectors give for a start.
  ///   - least: the part of the tensor's energy that another sweep must win.
  package init(_ tensor: Matrix, depth: Int, rank: Int, seed: UInt64, least: Double = 1e-7) {
    let taps = tensor.columns / max(1, depth)
    var random = SplitMix64(seed: seed)
    let (byFirst, byLast) = (SingularValues(tensor), SingularValues(tensor.reshaped(columns: depth)))
    first = Self.start(byFirst.left, byFirst.values, rank, &random)
    last = Self.start(byLast.right, byLast.values, rank, &random)
    middle = Matrix(rows: taps, columns: rank)
    let whole = tensor.energy
    var error = whole
    for _ in 0..<Self.mostSweeps {
      middle = Self.update(middle, Self.gram(first, last), projection(tensor, .middle))
      first = Self.update(first, Self.gram(middle, last), projection(tensor, .first))
      let right = projection(tensor, .last)
      last = Self.update(last, Self.gram(first, middle), right)
      let common = zip(right.values, last.values).reduce(0) { $0 + $1.0 * $1.1 }
      let cross = last.transposed * last
      let energy = zip(Self.gram(first, middle).values, cross.values).reduce(0) { $0 + $1.0 * $1.1 }
      let now = whole - 2 * common + energy
      if error - now <= least * whole { break }
      error = now
    }
  }

  package enum Axis: CaseIterable, Sendable { case first, middle, last }

  package var rank: Int { first.columns }

  /// m rows of k · n elements.
  package var product: Matrix { first * Self.outer(middle, last).transposed }

  /// For each vector of a factor, the tensor times the other two vectors: the derivative of the sum of all elements of
  /// `tensor` times those of ``product``.
  package func projection(_ tensor: Matrix, _ axis: Axis) -> Matrix {
    let depth = last.rows
    switch axis {
    case .first: return tensor * Self.outer(middle, last)
    case .last: return tensor.reshaped(columns: depth).transposed * Self.outer(first, middle)
    case .middle:
      let narrow = tensor.reshaped(columns: depth) * last
      var result = Matrix(rows: middle.rows, columns: rank)
      for row in 0..<narrow.rows {
        for r in 0..<rank { result[row % middle.rows, r] += narrow[row, r] * first[row / middle.rows, r] }
      }
      return result
    }
  }

  /// Row i · rows(b) + j holds the products of row i of `a` and row j of `b`.
  private static func outer(_ a: Matrix, _ b: Matrix) -> Matrix {
    var result = Matrix(rows: a.rows * b.rows, columns: a.columns)
    for row in 0..<result.rows {
      for r in 0..<a.columns { result[row, r] = a[row / b.rows, r] * b[row % b.rows, r] }
    }
    return result
  }

  /// Products of the columns of `outer(a, b)` with each other.
  private static func gram(_ a: Matrix, _ b: Matrix) -> Matrix {
    let (x, y) = (a.transposed * a, b.transposed * b)
    return Matrix(rows: x.rows, columns: x.columns, zip(x.values, y.values).map { $0 * $1 })
  }

  /// The factor with the least squares of errors.
  private static func update(_ old: Matrix, _ gram: Matrix, _ projection: Matrix) -> Matrix {
    let rank = gram.rows
    let mean = (0..<rank).reduce(0) { $0 + gram[$1, $1] } / Double(max(1, rank))
    let held = max(mean * damping, .leastNormalMagnitude)
    var matrix = gram
    for r in 0..<rank { matrix[r, r] += held }
    guard let factor = Cholesky(matrix.values, size: rank) else { return old }
    return Matrix(
      rows: old.rows, columns: rank,
      (0..<old.rows).flatMap { row in factor.solve((0..<rank).map { projection[row, $0] + held * old[row, $0] }) })
  }

  /// The vectors of singular values that are not rounding errors, and random ones for the rest: alternating least squares
  /// can't leave a start that is orthogonal to the whole tensor.
  private static func start(
    _ vectors: Matrix, _ values: [Double], _ rank: Int, _ random: inout SplitMix64
  ) -> Matrix {
    let given = values.prefix { $0 > 1e-6 * values[0] }.count
    let length = 2 / Double(max(1, vectors.rows)).squareRoot()
    var result = Matrix(rows: vectors.rows, columns: rank)
    for r in 0..<rank {
      for row in 0..<vectors.rows {
        result[row, r] = r < given ? vectors[row, r] : (Double(random.next() >> 11) * 0x1p-53 - 0.5) * length
      }
    }
    return result
  }
}
