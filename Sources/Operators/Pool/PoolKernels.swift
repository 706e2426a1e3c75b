import IR
package import Machine
package import Support

/// Average pooling, channel by channel within each window. Function `average_pool`.
package struct AveragePoolKernel: Kernel {
  package let name = "average_pool"

  package func cost(_ layer: Layer, on machine: Machine) -> Cost? {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .average else { return nil }
    return pool.cost(layer, perOutput: machine.cycles.divide, on: machine)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .average else { throw unsuitable(layer) }
    pool.write(layer, function: "average_pool", into: &code)
  }
}

/// Maximum pooling, channel by channel within each window. Function `max_pool`.
package struct MaxPoolKernel: Kernel {
  package let name = "max_pool"

  package func cost(_ layer: Layer, on machine: Machine) -> Cost? {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .max else { return nil }
    return pool.cost(layer, perOutput: 0, on: machine)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let pool = layer.op as? IntegerPool2D, pool.kind == .max else { throw unsuitable(layer) }
    pool.write(layer, function: "max_pool", into: &code)
  }
}

extension IntegerPool2D {
  fileprivate func cost(_ layer: Layer, perOutput: Int, on machine: Machine) -> Cost {
    let cycles = machine.cycles
    let tap = cycles.load + 3 * cycles.add + cycles.branch
    let output = 20 * cycles.add + cycles.store + perOutput
    return Cost(cycles: layer.outputs[0].shape.elementCount * (filter.height * filter.width * tap + output))
  }

  fileprivate func write(_ layer: Layer, function: String, into code: inout LayerCode) {
    let image = layer.inputs[0].type.shape
    let name = code.function(function)
    code.forEachImage(image[0], image.elementCount / image[0], layer.outputs[0].shape.elementCount / image[0]) {
      code, input, output in
      code.call(
        name,
        [
          "\(input), \(output)",
          "/* input */ \(image[1]), \(image[2]), \(image[3]), /* output */ \(self.output.height), \(self.output.width)",
          "/* filter */ \(filter.height), \(filter.width), /* stride */ \(stride.height), \(stride.width), "
            + "/* padding */ \(padBefore.height), \(padBefore.width)",
          "/* clamp */ \(clamp.lowerBound), \(clamp.upperBound)",
        ])
    }
  }
}
