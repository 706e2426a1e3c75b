import IR
package import Machine
package import Operators
package import Support

/// One way to compute a layer on a machine, with all that the selection asks for.
package struct KernelOption: Sendable {
  package let kernel: any Kernel
  package var cost: Cost
  /// Bytes of the arena that are in use while it runs, as far as is known.
  package var peak = 0
  /// The cycles were measured, not modelled.
  package var isMeasured = false
  /// The shared C functions that the layer's code calls, by the name of their template.
  package let functions: [String]
  /// Bytes of code that only this layer needs.
  package let code: Int

  /// Bytes that only this layer needs.
  package var flash: Int { cost.flash + code }

  /// The kernels of the layer's operator that can compute it, in the operator's order, and those that can't, with the reasons.
  package static func consider(
    _ layer: Layer, on machine: Machine
  ) throws(Diagnostic) -> (options: [KernelOption], obstacles: [(name: String, reason: String)]) {
    var options: [KernelOption] = []
    var obstacles: [(name: String, reason: String)] = []
    // Taken when nothing else is left, so that the error tells which table it is.
    var tooLarge: [KernelOption] = []
    for kernel in (layer.op as? any EmittableOperator).map({ type(of: $0).kernels }) ?? [] {
      guard kernel.takesWideWeights || !layer.hasWideWeights else {
        obstacles.append((kernel.name, "the weights have more than 8 bits"))
        continue
      }
      guard let cost = kernel.cost(layer, on: machine) else {
        let isUnknown = kernel.work(layer) != nil
        obstacles.append(
          (kernel.name, isUnknown ? "its cycles on \(machine.costs.core) are not known" : kernel.obstacle(layer)))
        continue
      }
      // Which functions a kernel calls is seen from what it writes.
      var code = LayerCode(
        prefix: "", layerPrefix: "", inputs: layer.inputs.indices.map { "input\($0)" },
        outputs: layer.outputs.indices.map { "output\($0)" }, scratch: "scratch")
      try kernel.write(layer, into: &code)
      let option = KernelOption(
        kernel: kernel, cost: cost, functions: code.functions, code: machine.costs.layerBytes[kernel.name] ?? 0)
      if code.largestTable > machine.largestObject {
        tooLarge.append(option)
        obstacles.append((kernel.name, "a table above \(machine.largestObject) bytes"))
      } else {
        options.append(option)
      }
    }
    return options.isEmpty && !tooLarge.isEmpty ? (tooLarge, []) : (options, obstacles)
  }
}
