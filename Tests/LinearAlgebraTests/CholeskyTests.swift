import LinearAlgebra
import Support
import Testing

@Suite struct CholeskyTests {
  @Test func factorsInvertAndSolve() throws {
    var random = SplitMix64(seed: 2)
    for size in [1, 2, 5, 17] {
      let root = Matrix(
        rows: size, columns: size, (0..<size * size).map { _ in Double.random(in: -1...1, using: &random) })
      var matrix = root * root.transposed
      for i in 0..<size { matrix[i, i] += 0.1 }
      let cholesky = try #require(Cholesky(matrix.values, size: size))
      let factor = Matrix(rows: size, columns: size, cholesky.factor)
      #expect((factor * factor.transposed - matrix).energy < 1e-20)
      let inverse = Matrix(rows: size, columns: size, cholesky.inverse)
      #expect((inverse * matrix - Matrix(identity: size)).energy < 1e-16)
      let x = (0..<size).map { Double($0) - 1.5 }
      let b = (matrix * Matrix(rows: size, columns: 1, x)).values
      for (found, wanted) in zip(cholesky.solve(b), x) { #expect(abs(found - wanted) < 1e-8) }
    }
  }

  @Test func refusesOthers() {
    #expect(Cholesky([0], size: 1) == nil)
    #expect(Cholesky([1, 2, 2, 1], size: 2) == nil)
    #expect(Cholesky([.nan], size: 1) == nil)
  }
}
