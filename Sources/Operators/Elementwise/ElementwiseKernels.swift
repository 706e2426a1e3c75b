import IR
import Machine
package import Support

/// Sum or difference, a run of elements at a time. Function `add`.
package struct AddKernel: Kernel {
  package let name = "add"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerAdd else { return nil }
    return runWork(layer)
  }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func takesRows(_ layer: Layer) -> Bool { isOneRun(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerAdd else { throw unsuitable(layer) }
    _ = code.requantizeFunction()
    let function = code.function("add")
    try writeRuns(layer, &code) { run in
      (
        function,
        [run]
          + (0..<2).map {
            "/* input \($0 + 1): zero point, multiplier, shift */ \(op.zeroPoints[$0]), \(op.scales[$0].multiplier), "
              + "\(op.scales[$0].shift)"
          } + [
            "/* sign of input 2 */ \(op.subtracts ? -1 : 1)",
            "/* output: multiplier, shift */ \(op.scales[2].multiplier), \(op.scales[2].shift)",
            op.stage.cArguments,
          ]
      )
    }
  }
}

/// Product, a run of elements at a time. Function `mul`.
package struct MulKernel: Kernel {
  package let name = "mul"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerMul else { return nil }
    return runWork(layer)
  }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func takesRows(_ layer: Layer) -> Bool { isOneRun(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerMul else { throw unsuitable(layer) }
    _ = code.requantizeFunction()
    let function = code.function("mul")
    try writeRuns(layer, &code) { run in
      (
        function,
        [
          run, "/* zero points of the inputs */ \(op.zeroPoints[0]), \(op.zeroPoints[1])",
          "/* multiplier, shift */ \(op.scale.multiplier), \(op.scale.shift)", op.stage.cArguments,
        ]
      )
    }
  }
}

extension Kernel {
  /// Elements, and runs of the innermost axis of a broadcast.
  func runWork(_ layer: Layer) -> Work? {
    let count = layer.outputs[0].shape.elementCount
    let nest = try? Broadcast(layer.inputs[0].type.shape, layer.inputs[1].type.shape).nest
    return nest.map { Work([WorkItem("element", count), WorkItem("run", $0.outer.count)]) }
  }

  /// All elements are one run.
  func isOneRun(_ layer: Layer) -> Bool {
    (try? Broadcast(layer.inputs[0].type.shape, layer.inputs[1].type.shape).nest.axes.count == 1) == true
  }

  /// Writes loops over the outer axes of a broadcast around a call for each run of the innermost axis.
  ///
  /// - Parameter call: function and arguments for the arguments `input1, step1, input2, step2, output, count` of a run.
  func writeRuns(
    _ layer: Layer, _ code: inout LayerCode, _ call: (String) -> (function: String, arguments: [String])
  ) throws(Diagnostic) {
    let nest = try Broadcast(layer.inputs[0].type.shape, layer.inputs[1].type.shape).nest
    let run = nest.axes.last ?? LoopNest.Axis(size: 1, steps: [1, 1, 1])
    let rows = layer.outputs[0].bytesOfImage?[0] ?? 1
    let count = nest.axes.count == 1 ? code.outputRows(rows, times: run.size / max(1, rows)) : "\(run.size)"
    let text = nest.outer.cText(starts: [0, 0, 0]) { offsets in
      func pointer(_ base: String, _ offset: String) -> String { offset == "0" ? base : "\(base) + \(offset)" }
      let (function, arguments) = call(
        "\(pointer(code.inputs[0], offsets[0])), /* step */ \(run.steps[0]), "
          + "\(pointer(code.inputs[1], offsets[1])), /* step */ \(run.steps[1]), "
          + "\(pointer(code.outputs[0], offsets[2])), /* count */ \(count)")
      return "\(function)(\n    " + arguments.joined(separator: ",\n    ") + ");"
    }
    code.line(text)
  }
}
