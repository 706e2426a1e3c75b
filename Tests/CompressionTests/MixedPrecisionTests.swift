import Compiler
import Compression
import IR
import Support
import TestSupport
import Testing

/// Numbers of bits within budgets.
@Suite struct MixedPrecisionTests {
  private func apply(
    _ step: String, _ sample: String = "gesture/model_float.tflite", labels: Bool = false
  ) throws -> CompressionStatistics {
    let graph = try CompressionGraphs.sample(sample)
    let vectors = try CompressionGraphs.vectors(graph, 12)
    let answers = try Interpreter(graph).outputs(inSequence: vectors)
    let classes = try answers.map { answer -> Int in
      let values = try answer[0].floats("the answer")
      return values.indices.max { values[$0] < values[$1] } ?? 0
    }
    var compressor = try Compressor(
      graph, CompressionContext(calibration: vectors, labels: labels ? classes : nil),
      evaluation: LabelledVectors(inputs: vectors, labels: classes))
    try compressor.apply(try CompressionGraphs.step(step))
    return try #require(compressor.statistics.last)
  }

  private func bits(_ statistics: CompressionStatistics) throws -> [Int] {
    try statistics.notes.map { try #require(Int($0.split(separator: " ").dropLast().last ?? "")) }
  }

  /// Beside all combinations of small problems: within the budget, and close to the best where choices are many.
  @Test func allocationsComeCloseToTheBest() {
    var random = SplitMix64(seed: 3)
    var (exact, all) = (0, 0)
    for _ in 0..<200 {
      let layers = Int.random(in: 1...5, using: &random)
      func values() -> [[Double]] {
        (0..<layers).map { _ in (0..<4).map { _ in Double.random(in: 0...10, using: &random) } }
      }
      let (goal, cost) = (values(), values())
      let budget = Double.random(in: 0...10, using: &random) * Double(layers)
      var best = Double.infinity
      for code in 0..<(1 << (2 * layers)) {
        let picks = (0..<layers).map { code >> (2 * $0) & 3 }
        if BitAllocation.sum(cost, picks) <= budget { best = min(best, BitAllocation.sum(goal, picks)) }
      }
      guard let found = BitAllocation.choose(minimizing: goal, keeping: cost, within: budget) else {
        #expect(best == .infinity)
        continue
      }
      #expect(BitAllocation.sum(cost, found) <= budget)
      let value = BitAllocation.sum(goal, found)
      #expect(value >= best - 1e-9)
      all += 1
      if value <= best * 1.1 + 1e-9 { exact += 1 }
    }
    #expect(all > 100 && 10 * exact >= 8 * all, "\(exact) of \(all)")
  }

  /// Less may be lost, more bits are taken.
  @Test func decibelsAreKept() throws {
    var before = 0.0
    for wanted in [10.0, 20, 30] {
      let last = try apply(#"{"step": "mixed-precision", "decibels": \#(wanted)}"#)
      let mean = zip(try bits(last), last.layers).reduce(0.0) { $0 + Double($1.0 * $1.1.weights) }
      #expect(mean >= before)
      before = mean
    }
  }

  /// A budget that no choice keeps is an error that tells why.
  @Test(arguments: [
    (
      #"{"step": "mixed-precision", "bits-per-weight": 2.5, "among": [4, 8]}"#,
      "2.5 bits for a weight can't be kept with 4"
    ),
    (#"{"step": "mixed-precision", "decibels": 190}"#, "outputs don't keep 190.0 dB with 8 bits in each layer"),
  ])
  func budgetsThatNothingKeepsAreRefused(_ step: String, _ message: String) throws {
    let error = #expect(throws: Diagnostic.self) { try apply(step, "digits/model_float.tflite") }
    #expect(error?.id == "compress.budget" && error?.category == .negative)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  /// With any sensitivity the budget of bits is kept, and layers differ.
  @Test(arguments: ["outputs", "kl", "hessian"])
  func bitsAreKept(_ sensitivity: String) throws {
    let last = try apply(
      #"{"step": "mixed-precision", "bits-per-weight": 4, "sensitivity": "\#(sensitivity)"}"#)
    let bits = try bits(last)
    #expect(zip(bits, last.layers).reduce(0) { $0 + $1.0 * $1.1.weights } <= 4 * last.weights)
    #expect(Set(bits).count > 1)
  }

  /// None, or a part, of the answers to labelled vectors become wrong.
  @Test func accuracyIsKept() throws {
    let strict = try apply(#"{"step": "mixed-precision", "accuracy-loss": 0}"#, labels: true)
    let loose = try apply(#"{"step": "mixed-precision", "accuracy-loss": 0.5}"#, labels: true)
    #expect(strict.accuracy == 1)
    #expect(try #require(loose.accuracy) >= 0.5)
    func weighted(_ statistics: CompressionStatistics) throws -> Int {
      zip(try bits(statistics), statistics.layers).reduce(0) { $0 + $1.0 * $1.1.weights }
    }
    #expect(try weighted(loose) <= weighted(strict))
    let error = #expect(throws: Diagnostic.self) {
      try apply(#"{"step": "mixed-precision", "accuracy-loss": 0}"#)
    }
    #expect(error?.id == "compress.labels")
  }

  /// What the kernels of the chosen network take on the target is within the budget, or the error tells the least.
  @Test(arguments: ["cycles", "flash"])
  func budgetsOnTheTargetAreKept(_ figure: String) throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    let graph = try CompressionGraphs.sample("gesture/model_float.tflite")
    let vectors = try CompressionGraphs.vectors(graph, 12)
    let path = figure == "cycles" ? \LayerCost.cycles : \LayerCost.flash
    @Sendable func costs(_ graph: Graph) throws(Diagnostic) -> NetworkCosts {
      try pipeline.costs(graph, vectors: vectors, isCompressed: true)
    }
    func whole(_ bits: Int) throws -> Int {
      var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
      try compressor.apply(
        try CompressionGraphs.step(#"{"step": "mixed-precision", "bits-per-weight": \#(bits), "among": [\#(bits)]}"#))
      return try costs(compressor.network.graph).whole[keyPath: path]
    }
    let (few, many) = (try whole(2), try whole(8))
    let budget = (min(few, many) + max(few, many)) / 2
    var compressor = try Compressor(graph, CompressionContext(calibration: vectors, costs: costs), evaluation: nil)
    try compressor.apply(try CompressionGraphs.step(#"{"step": "mixed-precision", "\#(figure)": \#(budget)}"#))
    #expect(try costs(compressor.network.graph).whole[keyPath: path] <= budget)
    let error = #expect(throws: Diagnostic.self) {
      try compressor.apply(try CompressionGraphs.step(#"{"step": "mixed-precision", "\#(figure)": 10}"#))
    }
    #expect(error?.id == "compress.budget" && error?.category == .negative)
    var blind = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
    let missing = #expect(throws: Diagnostic.self) {
      try blind.apply(try CompressionGraphs.step(#"{"step": "mixed-precision", "\#(figure)": 10}"#))
    }
    #expect(missing?.id == "compress.target")
  }

  /// The divergence of probabilities asks for classes.
  @Test func divergenceTakesClasses() throws {
    let graph = try CompressionGraphs.dense(rows: 1, columns: 4, [1, 2, 3, 4])
    var compressor = try Compressor(
      graph, CompressionContext(calibration: try CompressionGraphs.vectors(graph, 3)), evaluation: nil)
    let error = #expect(throws: Diagnostic.self) {
      try compressor.apply(
        try CompressionGraphs.step(#"{"step": "mixed-precision", "bits-per-weight": 4, "sensitivity": "kl"}"#))
    }
    #expect(error?.id == "compress.classes")
  }
}
