import LinearAlgebra

extension LayerProblem {
  /// The weights that lose least when some columns of all rows are zero; on the layer's grid when it has one.
  ///
  /// With R the removed and K the kept columns, (v − t) H (v − t)ᵀ with v = 0 on R is least at v_K = t_K + H_KK⁻¹ H_KR t_R, for
  /// every row with the same factor of H_KK. This is the layer-wise least squares of Y. He, X. Zhang and J. Sun, Channel Pruning
  /// for Accelerating Very Deep Neural Networks, ICCV 2017, section 3.1.
  ///
  /// - Parameter kept: for each column.
  func weights(keeping kept: [Bool]) -> [Double] {
    let columns = layer.columns
    let grid = layer.grid
    func onGrid(_ channel: Int, _ value: Double) -> Double {
      grid.map { Double($0.steps(value, channel)) * $0.scale(channel) } ?? value
    }
    let isWhole = !kept.contains(false)
    guard !isWhole, isMeasured, let loss = loss(0) else {
      if isWhole, grid == nil { return targets }
      return chosen { channel, column, value, _ in kept[column] ? onGrid(channel, value) : 0 }
    }
    let places = kept.indices.filter { kept[$0] }
    let size = places.count
    let inner = places.flatMap { row in places.map { loss.hessian[row * columns + $0] } }
    let factor = size <= Self.largestSystem ? Cholesky(inner, size: size) : nil
    let rounding = grid == nil ? nil : QuadraticLoss(moments: inner, size: size)
    var result = [Double](repeating: 0, count: layer.weights.count)
    for channel in 0..<layer.channels {
      let target = target(channel)
      var own = places.map { target[$0] }
      if let factor {
        let removed = kept.indices.filter { !kept[$0] && target[$0] != 0 }
        let right = places.map { row in removed.reduce(0) { $0 + loss.hessian[row * columns + $1] * target[$1] } }
        for (place, change) in factor.solve(right).enumerated() { own[place] += change }
      }
      if let rounding {
        let first = rounding.rounded(own) { place, value, _ in onGrid(channel, value) }
        own = rounding.improved(first, own, rounds: 20) { place, value, _ in onGrid(channel, value) }
      }
      for (place, value) in zip(places, own) { result[channel * columns + place] = value }
    }
    return result
  }

  /// Kept columns up to which the system of equations is solved.
  private static let largestSystem = 2048
}
