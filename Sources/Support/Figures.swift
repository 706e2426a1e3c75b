/// A number with one digit behind the point.
package func tenths(_ value: Double) -> String { decimal(value * 10) ?? "\(value)" }

/// A part as percents with one digit.
package func percent(_ part: Double) -> String { decimal(part * 1000).map { "\($0) %" } ?? "\(part)" }

/// Tenths as text; nil for what is no number of ordinary size.
private func decimal(_ tenths: Double) -> String? {
  guard tenths.isFinite, tenths.magnitude < 1e15 else { return nil }
  let number = Int(tenths.magnitude.rounded())
  return "\(tenths < 0 && number > 0 ? "-" : "")\(number / 10).\(number % 10)"
}
