import IR
import Machine
package import Support

/// Each element is inserted into a sorted list of the best ones so far, which stands in the outputs. Function `top_k`.
package struct TopKKernel: Kernel {
  package let name = "top_k"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? TopK else { return nil }
    let shape = layer.inputs[0].type.shape
    let (size, count) = (Double(max(1, shape[op.axis])), Double(op.count))
    let rows = Double(shape.elementCount) / size
    // Of random values the list is filled, and then the i-th one is inserted with probability count / i; half of the list
    // makes room for it.
    let later = count * RealFunctions.log(size / count)
    return Work([
      WorkItem("element", shape.elementCount), WorkItem("insertion", Int((rows * (count + later)).rounded())),
      WorkItem("move", Int((rows * count * (count / 4 + later / 2)).rounded())),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? TopK else { throw unsuitable(layer) }
    let shape = layer.inputs[0].type.shape
    let (size, inner) = (shape[op.axis], shape.strides[op.axis])
    code.call(
      code.function("top_k", of: layer.outputs[0].element),
      [
        "\(code.inputs[0]), \(code.outputs[0]), \(code.outputs[1])",
        "/* outer */ \(shape.elementCount / size / inner), /* values */ \(size), /* inner */ \(inner)",
        "/* kept */ \(op.count), /* largest or smallest */ \(op.isLargest ? 1 : 0)",
      ])
  }
}
