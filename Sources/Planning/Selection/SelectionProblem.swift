/// Limits for a whole network; nil for none.
package struct Budgets: Equatable, Sendable {
  /// Bytes of code and constants.
  package var flash: Int?
  /// Bytes of RAM.
  package var ram: Int?
  /// Cycles of an inference.
  package var cycles: Int?

  package init(flash: Int? = nil, ram: Int? = nil, cycles: Int? = nil) {
    self.flash = flash
    self.ram = ram
    self.cycles = cycles
  }

  package var isEmpty: Bool { self == Budgets() }
}

/// The choice of a kernel for each layer of a network, as far as figures decide about it.
///
/// Cycles and flash add up over the layers, but a C function that several layers share counts once. The peak of the RAM is the
/// largest over the layers, so that a limit for it only rules out single candidates.
package struct SelectionProblem: Equatable, Sendable {
  /// One way to compute a layer.
  package struct Candidate: Equatable, Sendable {
    package let cycles: Int
    /// Bytes that only this layer needs: constants, and the code of its own function.
    package let flash: Int
    /// Bytes of the arena that are in use while it runs.
    package let peak: Int
    /// The shared C functions that it calls, as indices.
    package let functions: [Int]

    /// No sum over the layers of a network can overflow.
    private static let largest = 1 << 40

    package init(cycles: Int, flash: Int, peak: Int, functions: [Int]) {
      self.cycles = min(max(0, cycles), Self.largest)
      self.flash = min(max(0, flash), Self.largest)
      self.peak = min(max(0, peak), Self.largest)
      self.functions = functions
    }
  }

  /// What a choice takes.
  package struct Totals: Equatable, Sendable {
    package var cycles: Int
    package var flash: Int
    package var peak: Int
  }

  package let layers: [[Candidate]]
  /// Bytes of each shared function.
  package let functionBytes: [Int]

  package init(layers: [[Candidate]], functionBytes: [Int]) {
    self.layers = layers
    self.functionBytes = functionBytes
  }

  /// What the network takes with the candidate `picks[i]` for each layer `i`.
  package func totals(_ picks: [Int]) -> Totals {
    var totals = Totals(cycles: 0, flash: 0, peak: 0)
    var isUsed = [Bool](repeating: false, count: functionBytes.count)
    for (layer, pick) in zip(layers, picks) {
      let candidate = layer[pick]
      totals.cycles += candidate.cycles
      totals.flash += candidate.flash
      totals.peak = max(totals.peak, candidate.peak)
      for function in candidate.functions where !isUsed[function] {
        isUsed[function] = true
        totals.flash += functionBytes[function]
      }
    }
    return totals
  }
}

/// Sums and products of values that are not negative; they stay at a bound above everything sensible.
enum Saturating {
  private static let largest = 1 << 60

  static func sum(_ a: Int, _ b: Int) -> Int { min(min(a, largest) + min(b, largest), largest) }

  static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? largest : min(product, largest)
  }
}
