package import CCode
package import IR
import Support

/// The C of one layer while a kernel writes it: shared functions that it needs, constants, and statements.
package struct LayerCode: Sendable {
  /// Prefix of every symbol of the model, such as `kws_`.
  package let prefix: String
  /// Prefix of the layer's own symbols, such as `kws_layer3_`.
  package let layerPrefix: String
  /// C expressions for the inputs and outputs of the node: parameters of the function or, for constants, tables.
  package let inputs: [String]
  package let outputs: [String]
  /// C expression for the working memory, when the kernel asked for some.
  package let scratch: String
  /// The function computes some rows of the output, of inputs that begin with the first row that is read: parameters take
  /// the place of heights and of the padding above.
  package let isStriped: Bool
  /// Those of the parameters that the statements mention.
  package private(set) var rowParameters: Set<RowParameter> = []
  /// Tables of other layers, which need no second copy.
  private let known: [ConstantTable]

  /// Templates of the shared functions that the statements call, by path below `Templates`.
  package private(set) var functions: [String] = []
  package private(set) var tables: [ConstantTable] = []
  package private(set) var statements: [String] = []
  /// Some scale that the function `scale` gets is one of single precision.
  package private(set) var scalesInSinglePrecision = false
  /// Bytes of the largest table.
  package var largestTable: Int { tables.map(\.byteCount).max() ?? 0 }

  package init(
    prefix: String, layerPrefix: String, inputs: [String], outputs: [String], scratch: String,
    known: [ConstantTable] = [], isStriped: Bool = false
  ) {
    self.prefix = prefix
    self.layerPrefix = layerPrefix
    self.inputs = inputs
    self.outputs = outputs
    self.scratch = scratch
    self.known = known
    self.isStriped = isStriped
  }

  /// What decides about the rows that a function computes when it does not compute all of them.
  package enum RowParameter: String, CaseIterable, Sendable {
    case inputHeight = "input_height"
    case padTop = "pad_top"
    case rows
  }

  /// C expression for the number of rows of the input, which are `whole` of the whole image.
  package mutating func inputHeight(_ whole: Int) -> String { row(.inputHeight, whole) }

  /// C expression for the rows above the image that the first window covers.
  package mutating func padTop(_ whole: Int) -> String { row(.padTop, whole) }

  /// C expression for the number of rows of the output, times `factor`.
  package mutating func outputRows(_ whole: Int, times factor: Int = 1) -> String {
    isStriped && factor != 1 ? "\(row(.rows, whole)) * \(factor)" : row(.rows, whole * factor)
  }

  private mutating func row(_ parameter: RowParameter, _ whole: Int) -> String {
    guard isStriped else { return "\(whole)" }
    rowParameters.insert(parameter)
    return parameter.rawValue
  }

  /// Asks for the shared function of the template `functions/NAME.c` and gives its name in C.
  package mutating func function(_ name: String) -> String {
    if !functions.contains(name) { functions.append(name) }
    return prefix + name
  }

  /// Asks for a shared function whose template has a hole `element`: behind its name stands a suffix for other types than int8.
  package mutating func function(_ name: String, of element: ElementType) -> String {
    function(name + Self.suffixes[element, default: ""])
  }

  /// Behind the names of functions on elements of these types.
  package static let suffixes: [ElementType: String] = [.int16: "_16", .int32: "_32", .uint8: "_u8"]

  /// Asks for the function that turns accumulators into output values, and gives its name in C.
  ///
  /// - Parameter scales: those that it gets; only the arithmetic counts, and fixed point is always there.
  package mutating func requantizeFunction(for scales: [Requantization] = []) -> String {
    if scales.contains(where: { $0.arithmetic == .singlePrecision }) { scalesInSinglePrecision = true }
    _ = function("scale")
    return function("requantize")
  }

  /// Adds a constant table, unless another layer has the same, and gives the C expression that functions get it by.
  package mutating func table(
    _ role: String, _ element: ElementType, _ values: [Int32], rowLength: Int = 16, comment: String
  ) -> String {
    let table = ConstantTable(
      name: layerPrefix + role, type: element.cName, values: values, rowLength: rowLength, comment: comment)
    if let same = known.first(where: { $0.isSame(as: table) }) { return "\(prefix.uppercased())TABLE(\(same.name))" }
    tables.append(table)
    return "\(prefix.uppercased())TABLE(\(table.name))"
  }

  /// Adds a constant tensor that kernels read like any other input.
  ///
  /// It stays with the variables where the memory of tables has instructions of its own (AVR).
  package mutating func data(_ role: String, _ element: ElementType, _ values: [Int32], rowLength: Int, comment: String)
  {
    tables.append(
      ConstantTable(
        name: layerPrefix + role, type: element.cName, values: values, rowLength: rowLength, comment: comment,
        isReadAsData: true))
  }

  /// C expression that reads a value of a constant table, which may lie in a memory of its own.
  package func read(_ element: ElementType, _ table: String, _ index: String) -> String {
    "\(prefix.uppercased())READ_I\(8 * element.size)(\(table), \(index))"
  }

  /// Adds lines of C; they are indented when the function is put together.
  package mutating func line(_ text: String) { statements += text.split(separator: "\n").map(String.init) }

  /// Adds a call, one line for each group of arguments.
  package mutating func call(_ name: String, _ arguments: [String]) {
    guard arguments.count > 1 else { return line("\(name)(\(arguments.joined()));") }
    line("\(name)(\n    " + arguments.joined(separator: ",\n    ") + ");")
  }
}

extension ElementType {
  /// The element's type in C.
  package var cName: String {
    switch self {
    case .int8: "int8_t"
    case .uint8, .bool: "uint8_t"
    case .int16: "int16_t"
    case .int32: "int32_t"
    case .int64: "int64_t"
    case .float32: "float"
    }
  }
}
