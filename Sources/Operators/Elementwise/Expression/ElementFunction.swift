import IR

/// A function of whole numbers that takes more than one expression of C: a template of that name.
package enum ElementFunction: Equatable, Sendable {
  /// a / b, truncated; 0 for b = 0, where the reference traps. The lowest number divided by −1 wraps.
  case quotient
  /// a / b times a factor, by a reciprocal in fixed point; see ``ScaledQuotient``.
  case scaledQuotient(Requantization)
  /// 1 / sqrt(a) times a factor; see ``InverseSquareRoot``.
  case inverseSquareRoot(Requantization)
  /// Logistic function and hyperbolic tangent of 16-bit numbers; see ``SigmoidTable``.
  case logistic(multiplier: Int32, shift: Int)
  case tanh(multiplier: Int32, shift: Int)

  /// The names of all functions; what they take differs widely.
  static let names = ["divide", "divide_scaled", "inverse_root", "logistic_16", "tanh_16"]

  /// Name of the template.
  var name: String {
    switch self {
    case .quotient: "divide"
    case .scaledQuotient: "divide_scaled"
    case .inverseSquareRoot: "inverse_root"
    case .logistic: "logistic_16"
    case .tanh: "tanh_16"
    }
  }

  /// Arguments behind the values.
  var parameters: [Int32] {
    switch self {
    case .quotient: []
    case .scaledQuotient(let scale), .inverseSquareRoot(let scale): [scale.multiplier, Int32(scale.shift)]
    case .logistic(let multiplier, let shift), .tanh(let multiplier, let shift): [multiplier, Int32(shift)]
    }
  }

  /// The shared functions that the template calls.
  private var callees: [String] {
    switch self {
    case .quotient, .logistic, .tanh: []
    case .scaledQuotient: ["scale", "reciprocal"]
    case .inverseSquareRoot: ["scale", "inverse_root_factor"]
    }
  }

  private var readsSigmoidTable: Bool {
    switch self {
    case .logistic, .tanh: true
    case .quotient, .scaledQuotient, .inverseSquareRoot: false
    }
  }

  func value(_ x: [Int32]) -> Int32 {
    switch self {
    case .quotient:
      if x[1] == 0 { return 0 }
      return x[0].dividedReportingOverflow(by: x[1]).partialValue
    case .scaledQuotient(let scale): return ScaledQuotient.value(x[0], x[1], scale)
    case .inverseSquareRoot(let scale): return InverseSquareRoot.value(x[0], scale)
    case .logistic(let multiplier, let shift): return SigmoidTable.logistic(x[0], multiplier, shift)
    case .tanh(let multiplier, let shift): return SigmoidTable.tanh(x[0], multiplier, shift)
    }
  }

  /// The call in C.
  func text(_ arguments: [String], _ code: inout LayerCode) -> String {
    for callee in callees { _ = code.function(callee) }
    var arguments = arguments + parameters.map { "\($0)" }
    if readsSigmoidTable {
      arguments.append(
        code.table(
          "sigmoid", .int16, SigmoidTable.values.map { $0 - 32768 }, rowLength: 16,
          comment: "65536 / (1 + exp(-i / 24)) - 32768."))
    }
    return "\(code.function(name))(\(arguments.joined(separator: ", ")))"
  }
}
