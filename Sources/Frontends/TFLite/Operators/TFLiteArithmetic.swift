import IR
import Operators
import Support

/// Comparisons, selections, and arithmetic on single elements.
extension TFLiteCall {
  static let arithmetic: [String: Builder] = [
    "EQUAL": { (call) throws(Diagnostic) in (Comparison(.equal), call.inputs) },
    "NOT_EQUAL": { (call) throws(Diagnostic) in (Comparison(.notEqual), call.inputs) },
    "GREATER": { (call) throws(Diagnostic) in (Comparison(.greater), call.inputs) },
    "GREATER_EQUAL": { (call) throws(Diagnostic) in (Comparison(.greaterOrEqual), call.inputs) },
    "LESS": { (call) throws(Diagnostic) in (Comparison(.less), call.inputs) },
    "LESS_EQUAL": { (call) throws(Diagnostic) in (Comparison(.lessOrEqual), call.inputs) },
    "MAXIMUM": { (call) throws(Diagnostic) in (Extremum(.maximum), call.inputs) },
    "MINIMUM": { (call) throws(Diagnostic) in (Extremum(.minimum), call.inputs) },
    "LOGICAL_AND": { (call) throws(Diagnostic) in (Logical(.and), call.inputs) },
    "LOGICAL_OR": { (call) throws(Diagnostic) in (Logical(.or), call.inputs) },
    "LOGICAL_NOT": { (call) throws(Diagnostic) in (Logical(.not), call.inputs) },
    "SELECT": { (call) throws(Diagnostic) in
      // The older operator picks whole rows by a condition of one dimension.
      let (condition, first) = (try call.shape(0), try call.shape(1))
      guard condition == first || condition.elementCount == 1 else {
        throw call.failure("shape", "a condition that picks rows is not supported; SELECT_V2 is")
      }
      return (Select(), call.inputs)
    },
    "SELECT_V2": { (call) throws(Diagnostic) in (Select(), call.inputs) },
    "DIV": { (call) throws(Diagnostic) in (Division(activation: try call.activation(0)), call.inputs) },
    "FLOOR_DIV": { (call) throws(Diagnostic) in (FloorDivision(.quotient), call.inputs) },
    "FLOOR_MOD": { (call) throws(Diagnostic) in (FloorDivision(.remainder), call.inputs) },
    "SQUARED_DIFFERENCE": { (call) throws(Diagnostic) in (SquaredDifference(), call.inputs) },
    "ADD_N": { (call) throws(Diagnostic) in (AddN(), call.inputs) },
    "PRELU": { (call) throws(Diagnostic) in (Prelu(), call.inputs) },
    "ABS": { (call) throws(Diagnostic) in (Abs(), call.inputs) },
    "RSQRT": { (call) throws(Diagnostic) in (Rsqrt(), call.inputs) },
    "ELU": { (call) throws(Diagnostic) in (Elu(), call.inputs) },
    "NEG": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.negate)) },
    "SQUARE": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.power, 2)) },
    "SQRT": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.squareRoot)) },
    "EXP": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.exponential), ofBytes: Exponential()) },
    "LOG": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.logarithm), ofBytes: Logarithm()) },
    "SIN": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.sine)) },
    "COS": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.cosine)) },
    "FLOOR": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.floor)) },
    "CEIL": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.ceiling)) },
    "ROUND": { (call) throws(Diagnostic) in try call.function(PointwiseFunction(.round)) },
  ]

  /// A function that the reference computes of floats, and of int8 where there is a table.
  func function(_ op: PointwiseFunction, ofBytes table: (any SourceOperator)? = nil) throws(Diagnostic) -> Operation {
    if let output = outputs.first, graph[output].type.element != .float32 {
      guard let table else {
        throw failure(
          "type", "is supported between float32 tensors only, as in the reference, not of \(graph[output].type.element)"
        )
      }
      return (table, inputs)
    }
    return (op, inputs)
  }
}
