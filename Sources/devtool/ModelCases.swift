import Codegen
import Compiler
import IR
import Machine
import Operators
import Passes
import Planning
import Quantization
import Support
import TargetCatalog
import TemplateCatalog

/// Many small models with inputs, each by the reference arithmetic, quantized when it is one of floats, and as C.
///
/// A case is a folder with variants `0`, `1` and so on of one model, of which the first one is taken that becomes C. A variant
/// holds `model.onnx` or another model, and for each input `in0.npy` with one or more vectors, which calibrate it too. Written
/// beside them:
///
/// - `out0.npy`: the outputs of the model as it was read, floats in single precision;
/// - `quantized0.npy`: of the int8 network, as real numbers; `rounded0.npy`: of the float network for the same inputs, rounded
///   as the int8 network takes them.
///
/// One line of JSON a variant tells how far it came.
struct ModelCases {
  private let pipeline: Pipeline
  private let harness: Harness
  private var waiting: [Waiting] = []

  /// A case whose C is still to be run.
  private struct Waiting {
    let report: [(String, JSON)]
    let member: SuiteMember
    let expected: [[Tensor]]
  }

  /// Runs the cases whose folders stand in the file `list`, one a line.
  static func run(list: String) throws(Diagnostic) {
    var cases = try ModelCases()
    for folder in String(decoding: try Platform.read(list), as: UTF8.self).split(separator: "\n") {
      try cases.run(folder: String(folder))
    }
    try cases.finish()
  }

  private init() throws(Diagnostic) {
    pipeline = Pipeline(
      machine: try TargetCatalog.machine("host"), objective: .balanced,
      templates: TemplateLibrary(TemplateCatalog.files))
    var harness = Harness(machine: pipeline.machine, templates: pipeline.templates)
    harness.extraFlags = ["-O1"]
    self.harness = harness
  }

  private mutating func run(folder: String) throws(Diagnostic) {
    var number = 0
    while Platform.isFolder("\(folder)/\(number)") {
      var variant = CaseVariant(folder: "\(folder)/\(number)")
      var report: [(String, JSON)] = [("folder", .string(folder)), ("variant", .int(number))]
      do throws(Diagnostic) {
        let prepared = try variant.prepare(pipeline, name: "model\(waiting.count)")
        report += variant.report
        guard let (member, expected) = prepared else { return Self.print(report) }
        waiting.append(Waiting(report: report, member: member, expected: expected))
        if waiting.count == Harness.suiteSize { try finish() }
        return
      } catch {
        Self.print(report + variant.report + [("error", .string("\(error)"))])
      }
      number += 1
    }
  }

  /// Compiles and runs what waits.
  private mutating func finish() throws(Diagnostic) {
    guard !waiting.isEmpty else { return }
    for (one, result) in zip(waiting, try harness.run(suite: waiting.map(\.member))) {
      var report = one.report
      switch result {
      case .success(let outputs):
        let difference = Verification.compare(one.expected, outputs)
        report.append(("stage", .string(difference == nil ? "identical" : "different")))
        if let difference {
          report.append(("error", .string("the C gives \(difference.actual) instead of \(difference.expected)")))
        }
      case .failure(let error): report += [("stage", .string("different")), ("error", .string("\(error)"))]
      }
      Self.print(report)
    }
    waiting = []
  }

  private static func print(_ report: [(String, JSON)]) { Platform.print(JSON.object(report).text() + "\n") }
}

/// One model of a case on its way to C.
private struct CaseVariant {
  let folder: String
  /// What is known of it so far.
  private(set) var report: [(String, JSON)] = []

  init(folder: String) { self.folder = folder }

  /// The C and its expected outputs; nil when the outputs don't depend on any input.
  mutating func prepare(
    _ pipeline: Pipeline, name: String
  ) throws(Diagnostic) -> (SuiteMember, [[Tensor]])? {
    report = [("reached", .string("read"))]
    let read = try Pipeline.read(try Platform.read("\(folder)/model.onnx"), file: "model.onnx")
    var arranged = read
    for pass in [PushTransposes() as any Pass, FuseFloatLayers()] {
      try pass.run(on: &arranged)
      try arranged.verify()
    }
    let files = arranged.inputs.indices.map { "\(folder)/in\($0).npy" }
    let vectors =
      files.isEmpty ? [[]] : try Vectors.load(files, for: arranged.inputs.map { arranged[$0] }, role: "input")
    try write(try Interpreter(arranged).outputs(inSequence: vectors), "out")
    report = [("reached", .string("evaluated"))]
    let isFloat = Quantizer.isNeeded(read)
    report.append(("float", .bool(isFloat)))
    if arranged.inputs.isEmpty || !arranged.nodes.contains(where: { !$0.inputs.isEmpty }) {
      report.append(("stage", .string("constant")))
      return nil
    }
    // All values, so that nothing is cut off and errors have bounds.
    let network = isFloat ? try Pipeline.quantize(read, vectors: vectors, .minmax) : nil
    let verification = try Verification(
      pipeline: pipeline, harness: Harness(machine: pipeline.machine, templates: pipeline.templates),
      imported: network?.graph ?? read)
    let inputs = try verification.vectors(from: files)
    let expected = try verification.reference(inputs)
    if let network {
      try write(
        try expected.map { (row) throws(Diagnostic) in try row.map { (t) throws(Diagnostic) in try t.real } },
        "quantized")
      let rounded = try inputs.map { (row) throws(Diagnostic) in
        try zip(row, arranged.inputs).map { (tensor, id) throws(Diagnostic) in
          arranged[id].type.element == .float32 ? try tensor.real.retyped(arranged[id].type) : tensor
        }
      }
      try write(try Interpreter(arranged).outputs(inSequence: rounded), "rounded")
      report.append(("outputs", .array(network.graph.outputs.map { Self.span(network.graph[$0].type) })))
    }
    let options = EmitOptions(name: name)
    let plan = try pipeline.plan(verification.lowered)
    return (SuiteMember(plan, try pipeline.emit(plan, options: options), options, inputs: inputs), expected)
  }

  /// The scale of an output, and the least and the largest real value that it can have.
  private static func span(_ type: TensorType) -> JSON {
    guard let quantization = type.quantization, let range = type.element.range else { return .null }
    let (scale, zero) = (Double(quantization.scales[0]), Double(quantization.zeroPoints[0]))
    return .object([
      ("scale", .float(scale)), ("low", .float(scale * (Double(range.lowerBound) - zero))),
      ("high", .float(scale * (Double(range.upperBound) - zero))),
    ])
  }

  /// Writes the outputs of all vectors, one file an output.
  private func write(_ rows: [[Tensor]], _ prefix: String) throws(Diagnostic) {
    for position in rows[0].indices {
      let type = rows[0][position].type
      let array = NPYArray(
        element: NPYArray.Element(type.element), shape: [rows.count] + type.shape.dims,
        bytes: rows.flatMap { $0[position].bytes })
      try Platform.write(array.contents, to: "\(folder)/\(prefix)\(position).npy")
    }
  }
}

extension Tensor {
  /// The real values of a quantized tensor; others stay as they are.
  fileprivate var real: Tensor {
    get throws(Diagnostic) {
      type.element != .float32 && type.quantization != nil ? try Dequantize.real(self) : self
    }
  }
}
