import IR
import Support

/// The C that recurrent layers have in common: the sums of gates, and how a sequence is gone through.
struct RecurrentCode {
  let dims: RecurrentDimensions
  private let isWide: Bool
  private let function: String
  private let own: [String]
  private let recurrent: [String]

  /// Bytes of the table that logistic function and hyperbolic tangent read.
  static let sigmoidBytes = 512

  /// Bytes of the factors of `gates`.
  static func factorBytes(gates: Int) -> Int { 16 * gates }

  /// - Parameters:
  ///   - first: the input that holds the weights; recurrent weights, bias and recurrent bias follow.
  init(
    _ layer: Layer, _ dims: RecurrentDimensions, _ scales: GateScales, parametersFrom first: Int,
    _ code: inout LayerCode
  ) throws(Diagnostic) {
    self.dims = dims
    isWide = layer.inputs[0].type.element == .int16
    _ = code.function("scale")
    let tables = [("", "data", scales.own), ("recurrent_", "the hidden state", scales.recurrent)]
    var arguments: [[String]] = []
    for (index, (prefix, role, factors)) in tables.enumerated() {
      let (weights, bias) = (layer.inputs[first + index], layer.inputs[first + 2 + index])
      let shape = weights.type.shape
      var own = [
        code.table(
          "\(prefix)weights", .int8, try weights.constantInts("the weights"), rowLength: shape[2],
          comment: "Weights of \(role) \(shape), by gates and units.")
      ]
      if isWide {
        let rows = factors.flatMap { [Requantization](repeating: $0, count: dims.units) }
        let values = try bias.constant?.wideInts("the bias") ?? []
        own.append(
          try WideScales(bias: values, factors: rows, clamp: GateMatrix.range)
            .write(&code, role: "\(prefix)scale"))
      } else {
        own.append(
          code.table(
            "\(prefix)bias", .int32, try bias.constantInts("the bias"), rowLength: dims.units,
            comment: "Bias of the sums over \(role) \(bias.type.shape)."))
        own.append(
          code.table(
            "\(prefix)scales", .int32, factors.flatMap { [$0.multiplier, Int32($0.shift)] }, rowLength: 2,
            comment: "Multiplier and shift of the sums over \(role), for each gate."))
      }
      arguments.append(own)
    }
    (own, recurrent) = (arguments[0], arguments[1])
    if isWide { _ = code.function("dot_16") }
    _ = code.function("saturate_16")
    function = code.function(isWide ? "matrix_product_16" : "gate_sums")
  }

  /// Statement that sums over the data of the step `row` for all of `gates`.
  func dataSums(_ data: String, to sums: String, gates: Int) -> String {
    call("\(data) + row * \(dims.inputs)", dims.inputs, own, to: sums, 0..<gates, adds: false)
  }

  /// Statement that sums over `hidden` for some gates; with `adds` to what is in `sums` already.
  func recurrentSums(_ hidden: String, to sums: String, gates: Range<Int>, adds: Bool) -> String {
    call(hidden, dims.units, recurrent, to: sums, gates, adds: adds)
  }

  private func call(
    _ input: String, _ depth: Int, _ tables: [String], to sums: String, _ gates: Range<Int>, adds: Bool
  ) -> String {
    let list = tables.joined(separator: ", ")
    if isWide { return "\(function)(\(input), \(sums), 1, \(depth), \(gates.count * dims.units), \(list));" }
    return "\(function)(\(input), \(depth), /* gates */ \(gates.lowerBound), \(gates.upperBound), \(dims.units), "
      + "\(sums), /* adds */ \(adds ? 1 : 0), \(list));"
  }

  /// Statements that begin all states with what the inputs hold; `pairs` are positions of inputs and outputs.
  func initialStates(_ layer: Layer, _ code: LayerCode, _ pairs: [(input: Int, output: Int)]) throws(Diagnostic)
    -> String
  {
    var lines: [String] = []
    for (input, output) in pairs {
      var value = "\(code.inputs[input])[i]"
      // A constant that is everywhere the same needs no table.
      if let values = try layer.inputs[input].constant?.ints("the state"), let first = values.first,
        values.allSatisfy({ $0 == first })
      {
        value = "\(first)"
      }
      lines.append("    \(code.outputs[output])[i] = \(value);")
    }
    return "for (int32_t i = 0; i < \(dims.batch * dims.units); i++) {\n\(lines.joined(separator: "\n"))\n}"
  }

  /// Adds the loops over batches and steps; `row` is the place of a step among all of them.
  func loops(perBatch: String, perStep: String, _ code: inout LayerCode) {
    let (rowOfStep, rowOfBatch) = dims.isTimeMajor ? (dims.batch, 1) : (1, dims.time)
    func indented(_ text: String, _ columns: Int) -> String {
      text.split(separator: "\n").map { String(repeating: " ", count: columns) + $0 }.joined(separator: "\n")
    }
    code.line(
      """
      for (int32_t batch = 0; batch < \(dims.batch); batch++) {
      \(indented(perBatch, 4))
          for (int32_t step = 0; step < \(dims.time); step++) {
              const int32_t row = step * \(rowOfStep) + batch * \(rowOfBatch);
      \(indented(perStep, 8))
          }
      }
      """)
  }
}

extension LayerCode {
  /// Adds the table that logistic function and hyperbolic tangent read, and gives the C expression for it.
  mutating func sigmoidTable() -> String {
    table(
      "sigmoid", .int16, SigmoidTable.values.map { $0 - 32768 },
      comment: "The logistic function of i / 24 with 16 fraction bits, minus 2^15.")
  }

  /// C expression for `value` inside of ±`bound`.
  mutating func bounded(_ value: String, _ bound: Int32?) -> String {
    guard let bound else { return value }
    return "\(function("bounded"))(\(value), \(bound))"
  }
}
