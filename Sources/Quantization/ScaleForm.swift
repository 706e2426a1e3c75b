/// Which scales the tensors between layers may have.
package enum ScaleForm: String, Sendable {
  case any
  /// Powers of two, one for each tensor: numbers with a binary point at a place of their own.
  case dynamicFixedPoint = "dynamic-fixed-point"
  /// The same power of two for all tensors.
  case fixedPoint = "fixed-point"
}
