/// A tensor [m, k, n] as A · core · Bᵀ along its first and its last axis: `t[i, j, l] ≈ Σ a[i, p] core[p, j, q] b[l, q]`.
///
/// Tensors are matrices with m rows of k · n elements. The start is the truncated higher-order singular value decomposition,
/// which then the higher-order orthogonal iteration improves (L. De Lathauwer, B. De Moor and J. Vandewalle, "A multilinear
/// singular value decomposition" and "On the best rank-1 and rank-(R1, R2, ..., RN) approximation of higher-order tensors",
/// SIAM J. Matrix Anal. Appl. 21, 2000). With two axes instead of three it is Tucker-2.
package struct TuckerFactors: Sendable {
  /// `m x p`, with orthonormal columns, or zeros beyond the tensor's own rank.
  package let left: Matrix
  /// `p` rows of `k * q` elements.
  package let core: Matrix
  /// `n x q`, like `left`.
  package let right: Matrix

  private static let mostSweeps = 20

  /// - Parameters:
  ///   - depth: n, the length of the last axis.
  ///   - mostLeft, mostRight: p and q, at least 1; more than the other sizes allow is cut down.
  package init(_ tensor: Matrix, depth: Int, left mostLeft: Int, right mostRight: Int) {
    let taps = tensor.columns / max(1, depth)
    let q = min(mostRight, depth, tensor.rows * taps)
    let p = min(mostLeft, tensor.rows, taps * q)
    let rightRank = min(q, taps * p)
    let byDepth = tensor.reshaped(columns: depth)
    var right = SingularValues(byDepth).right.prefix(columns: rightRank)
    var left = Matrix(rows: tensor.rows, columns: p)
    var kept = -1.0
    for _ in 0..<Self.mostSweeps {
      left = SingularValues((byDepth * right).reshaped(columns: taps * rightRank)).left.prefix(columns: p)
      let narrow = (left.transposed * tensor).reshaped(columns: depth)
      right = SingularValues(narrow).right.prefix(columns: rightRank)
      let energy = (narrow * right).energy
      if energy <= kept * (1 + 1e-9) { break }
      kept = energy
    }
    self.left = left
    self.right = right
    core = left.transposed * (byDepth * right).reshaped(columns: taps * rightRank)
  }
}
