#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Elementary functions in double precision. Their results are rounded to floats or integers, which hides in what last bit
/// the C libraries differ.
package enum RealMath {
  package static func exp(_ x: Double) -> Double { ownExp(x) }
  package static func expMinus1(_ x: Double) -> Double { ownExpMinus1(x) }
  package static func log(_ x: Double) -> Double { ownLog(x) }
  package static func sin(_ x: Double) -> Double { ownSin(x) }
  package static func cos(_ x: Double) -> Double { ownCos(x) }
}

// The library's functions have the names of the members, which would hide them.
private func ownExp(_ x: Double) -> Double { exp(x) }
private func ownExpMinus1(_ x: Double) -> Double { expm1(x) }
private func ownLog(_ x: Double) -> Double { log(x) }
private func ownSin(_ x: Double) -> Double { sin(x) }
private func ownCos(_ x: Double) -> Double { cos(x) }
