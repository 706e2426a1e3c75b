import Frontends
import IR
import Support

/// The integers of one layer with the least loss + λ · bits.
struct RateDistortionRounding {
  private let problem: LayerProblem
  private let lambda: Double
  /// Whether only the size is wanted: few rows stand for all.
  private let isDraft: Bool

  struct Result {
    let weights: [Double]
    let grid: WeightGrid
    /// Of all weights, coded.
    let bits: Int
    let cost: Double
  }

  init(_ problem: LayerProblem, lambda: Double, isDraft: Bool) {
    self.problem = problem
    self.lambda = lambda
    self.isDraft = isDraft
  }

  /// Scales as parts of the one that theory gives for many bits.
  private var factors: [Double] { isDraft ? [1] : [0.6, 0.8, 1, 1.25, 1.6] }

  func solve() -> Result {
    let layer = problem.layer
    let most = problem.targets.reduce(0) { max($0, $1.magnitude) }
    let curvature = meanCurvature
    // A step Δ costs curvature · Δ² / 12, and halving it one bit: the slope of loss over bits is ln 2 · curvature · Δ² / 6.
    let ideal = (lambda * 6 / (0.6931 * max(curvature, .leastNormalMagnitude))).squareRoot()
    var best: Result?
    for factor in factors {
      let scale = max(min(ideal * factor, max(most, 0x1p-90)), most / 127, 0x1p-100)
      let grid = WeightGrid(scales: [Float(scale)], largest: 127)
      let result = solve(grid)
      if best.map({ result.cost < $0.cost }) ?? true { best = result }
    }
    // There is always a factor.
    return best ?? Result(weights: layer.weights, grid: WeightGrid(scales: [1], largest: 127), bits: 0, cost: 0)
  }

  /// The geometric mean of what squared errors cost when later weights make up for them.
  private var meanCurvature: Double {
    guard let importance = problem.importance, !importance.isEmpty else { return 1 }
    let sum = importance.reduce(0) { $0 + RealFunctions.log(max($1, 1e-30)) }
    return RealFunctions.exp(sum / Double(importance.count))
  }

  private func solve(_ grid: WeightGrid) -> Result {
    let scale = grid.scale(0)
    var lengths = CodeLengths(problem.targets.map { grid.steps($0, 0) })
    var weights: [Double] = []
    for round in 0..<(isDraft ? 2 : 3) {
      let bits = lengths
      weights = problem.chosen(rounds: isDraft ? 0 : round == 2 ? 12 : 2) { _, _, value, curvature in
        let nearest = Int(grid.steps(value, 0))
        var best = (value: 0.0, cost: curvature * value * value + lambda * bits[0])
        // Towards zero codes become shorter; the neighbours are all that can pay.
        for step in [nearest, nearest - nearest.signum()] where step != 0 {
          let difference = value - Double(step) * scale
          let cost = curvature * difference * difference + lambda * bits[step]
          if cost < best.cost { best = (Double(step) * scale, cost) }
        }
        return best.value
      }
      lengths = CodeLengths(weights.map { grid.steps($0, 0) })
    }
    let steps = weights.map { UInt8(truncatingIfNeeded: grid.steps($0, 0)) }
    let bits = 8 * ConstantPacking.coded.size(of: steps, .int8)
    return Result(
      weights: weights, grid: grid, bits: bits, cost: isDraft ? 0 : problem.loss(of: weights) + lambda * Double(bits))
  }
}

/// The bits of integers from −127 to 127 in a code that suits how often they occur.
private struct CodeLengths {
  private var bits: [Double]

  init(_ steps: [Int32]) {
    // Every integer could still occur.
    var counts = [Double](repeating: 0.25, count: 255)
    for step in steps { counts[Int(step) + 127] += 1 }
    let total = counts.reduce(0, +)
    bits = counts.map { RealFunctions.log(total / $0) / 0.693147180559945 }
  }

  subscript(step: Int) -> Double { bits[step + 127] }
}
