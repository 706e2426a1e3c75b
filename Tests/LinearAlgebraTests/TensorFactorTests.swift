import LinearAlgebra
import Support
import Testing

/// Decompositions of tensors with three axes by what defines them; `LowRankFixtureTests` compares errors with NumPy's.
@Suite struct TensorFactorTests {
  private static func random(_ rows: Int, _ columns: Int, _ random: inout SplitMix64) -> Matrix {
    Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in Double(random.next() >> 11) * 0x1p-52 - 1 })
  }

  private static func product(_ factors: TuckerFactors, depth: Int) -> Matrix {
    let narrow = (factors.left * factors.core).reshaped(columns: factors.right.columns)
    return (narrow * factors.right.transposed).reshaped(columns: narrow.rows / factors.left.rows * depth)
  }

  @Test(arguments: [(4, 3, 5), (9, 1, 4), (3, 4, 1), (20, 2, 3), (1, 1, 1)])
  func fullTuckerRanksReproduce(_ rows: Int, _ taps: Int, _ depth: Int) {
    var random = SplitMix64(seed: 3)
    let tensor = Self.random(rows, taps * depth, &random)
    let found = TuckerFactors(tensor, depth: depth, left: 100, right: 100)
    #expect((Self.product(found, depth: depth) - tensor).energy < 1e-24 * tensor.energy)
    for side in [found.left, found.right] {
      #expect((side.transposed * side - Matrix(identity: side.columns)).energy < 1e-24)
    }
  }

  /// With orthonormal factors, what is lost is what the core lacks, and less is lost at higher ranks.
  @Test func tuckerErrorsFallWithTheRanks() {
    var random = SplitMix64(seed: 4)
    let tensor = Self.random(8, 4 * 6, &random)
    var last = tensor.energy
    for rank in 1...6 {
      let found = TuckerFactors(tensor, depth: 6, left: rank, right: rank)
      let error = (Self.product(found, depth: 6) - tensor).energy
      #expect(abs(error - (tensor.energy - found.core.energy)) < 1e-10 * tensor.energy)
      #expect(error < last)
      last = error
    }
  }

  @Test(arguments: [1, 2, 4]) func polyadicRanksAreFound(_ rank: Int) {
    var random = SplitMix64(seed: 5)
    let planted = PolyadicFactors(
      first: Self.random(10, rank, &random), middle: Self.random(6, rank, &random), last: Self.random(8, rank, &random))
    let tensor = planted.product
    let found = PolyadicFactors(tensor, depth: 8, rank: rank, seed: 1)
    #expect((found.product - tensor).energy < 1e-5 * tensor.energy)
    // The same every time, and more vectors than the tensor has do no harm.
    #expect(PolyadicFactors(tensor, depth: 8, rank: rank, seed: 1).product == found.product)
    #expect((PolyadicFactors(tensor, depth: 8, rank: 12, seed: 1).product - tensor).energy < 1e-5 * tensor.energy)
  }

  /// Projections are the derivatives of a sum that is linear in each factor.
  @Test(arguments: PolyadicFactors.Axis.allCases) func projectionsAreDerivatives(_ axis: PolyadicFactors.Axis) {
    var random = SplitMix64(seed: 6)
    let factors = PolyadicFactors(
      first: Self.random(5, 3, &random), middle: Self.random(4, 3, &random), last: Self.random(2, 3, &random))
    let tensor = Self.random(5, 8, &random)
    let own =
      switch axis {
      case .first: factors.first
      case .middle: factors.middle
      case .last: factors.last
      }
    let whole = zip(tensor.values, factors.product.values).reduce(0) { $0 + $1.0 * $1.1 }
    let parts = zip(factors.projection(tensor, axis).values, own.values).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(whole - parts) < 1e-12)
  }

  @Test func zerosHaveFactors() {
    let zeros = Matrix(rows: 4, columns: 6)
    #expect(PolyadicFactors(zeros, depth: 2, rank: 3, seed: 1).product.energy == 0)
    #expect(Self.product(TuckerFactors(zeros, depth: 2, left: 2, right: 1), depth: 2).energy == 0)
  }
}
