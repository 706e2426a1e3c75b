import LinearAlgebra
import Support
import TestSupport
import Testing

/// Decompositions beside NumPy's results (`Tests/Fixtures/make_linear_algebra.py`) and by what defines them.
@Suite struct DecompositionTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let matrix: Matrix
    let singularValues: [Double]
    let gramEigenvalues: [Double]
    let right: Matrix
    let solution: [Double]

    var testDescription: String { name }
  }

  static let examples: [Example] =
    (try? LinearAlgebraFixtures.items("matrices") { (item) throws(Diagnostic) in
      let (rows, columns) = (try item.member("rows").int(), try item.member("columns").int())
      return Example(
        name: try item.member("name").string(),
        matrix: Matrix(rows: rows, columns: columns, try item.member("values").doubles()),
        singularValues: try item.member("singular_values").doubles(),
        gramEigenvalues: try item.member("gram_eigenvalues").doubles(),
        right: Matrix(rows: rows, columns: 2, try item.member("right").doubles()),
        solution: try item.member("solution").doubles())
    }) ?? []

  @Test func thereAreExamples() { #expect(Self.examples.count == 9) }

  @Test(arguments: examples) func singularValuesEqualNumPys(_ example: Example) {
    let found = SingularValues(example.matrix)
    let largest = max(example.singularValues[0], 1e-300)
    for (value, wanted) in zip(found.values, example.singularValues) { #expect(abs(value - wanted) <= 1e-13 * largest) }
    #expect(found.values.count == example.singularValues.count)
    let product = found.left.scaled(columns: found.values) * found.right.transposed
    #expect((product - example.matrix).energy <= 1e-28 * example.matrix.energy)
    for side in [found.left, found.right] {
      let rank = found.values.count { $0 > 1e-12 * largest }
      let gram = side.prefix(columns: rank).transposed * side.prefix(columns: rank)
      #expect((gram - Matrix(identity: rank)).energy < 1e-26)
    }
  }

  @Test(arguments: examples) func eigenvaluesEqualNumPys(_ example: Example) {
    let gram = example.matrix.transposed * example.matrix
    let found = SymmetricEigenvalues(gram)
    let largest = max(example.gramEigenvalues[0], 1e-300)
    for (value, wanted) in zip(found.values, example.gramEigenvalues) {
      #expect(abs(value - wanted) <= 1e-13 * largest)
    }
    let product = found.vectors.scaled(columns: found.values) * found.vectors.transposed
    #expect((product - gram).energy <= 1e-26 * gram.energy)
    let orthogonal = found.vectors.transposed * found.vectors
    #expect((orthogonal - Matrix(identity: gram.rows)).energy < 1e-26)
  }

  @Test(arguments: examples) func leastSquaresEqualNumPys(_ example: Example) {
    let found = SingularValues(example.matrix).solve(example.right)
    let largest = example.solution.reduce(1e-300) { max($0, abs($1)) }
    for (value, wanted) in zip(found.values, example.solution) { #expect(abs(value - wanted) <= 1e-9 * largest) }
  }

  /// Eckart and Young: no matrix of the rank is closer than the singular values that are left out.
  @Test(arguments: examples) func factorsLeaveTheSmallestValues(_ example: Example) {
    let found = SingularValues(example.matrix)
    for rank in 0...found.values.count {
      let (left, right) = found.factors(rank: rank)
      let left1 = rank == 0 ? Matrix(rows: example.matrix.rows, columns: example.matrix.columns) : left * right
      let error = (left1 - example.matrix).energy
      let wanted = found.values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
      #expect(abs(error - wanted) <= 1e-13 * example.matrix.energy)
    }
  }

  @Test func ranksKeepTheirPartOfTheEnergy() {
    let found = SingularValues(Matrix(rows: 3, columns: 3, [3, 0, 0, 0, 2, 0, 0, 0, 1]))
    #expect([0, 0.5, 9.0 / 14, 0.65, 13.0 / 14, 0.95, 1].map { found.rank(keeping: $0) } == [0, 1, 1, 2, 2, 3, 3])
  }

  /// Signals in noise, whose rank is known.
  @Test func bayesianRanksFindTheSignal() throws {
    let found = try LinearAlgebraFixtures.items("signals") { (item) throws(Diagnostic) in
      let rank = BayesianRank.rank(
        try item.member("singular_values").doubles(), rows: try item.member("rows").int(),
        columns: try item.member("columns").int())
      return (rank, try item.member("rank").int())
    }
    #expect(found.count == 4)
    for (rank, wanted) in found { #expect(rank == wanted) }
    #expect(BayesianRank.rank([0, 0], rows: 2, columns: 5) == 0)
    #expect(BayesianRank.rank([], rows: 0, columns: 5) == 0)
  }
}
