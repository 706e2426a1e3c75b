package import IR
import Machine
package import Support

/// The same numbers in another type; integers that do not fit lose their upper bits, floats their fraction.
///
/// Source: `tensorflow/lite/micro/kernels/cast.cc`. As in TensorFlow Lite, a number is true unless it is 0. A float outside of the
/// integer type, for which the reference has no defined result, gives the closest integer.
package struct Cast: PlainUnaryOperator, EmittableOperator {
  package static let mnemonic = "cast"
  package static let kernels: [any Kernel] = [CastKernel()]

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: ElementType.movable)
    try require(outputs[0], "output", is: ElementType.movable)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let type = outputs[0]
    switch (inputs[0].elements, type.element) {
    case (.ints(let values), .float32): return [Tensor(type, floats: values.map { Float($0) })]
    case (.ints(let values), _): return [Tensor(type, ints: values.map { Self.cut($0, type.element) })]
    case (.wide(let values), .float32): return [Tensor(type, floats: values.map { Float($0) })]
    case (.wide(let values), .int64): return [Tensor(type, wide: values)]
    case (.wide(let values), .bool): return [Tensor(type, ints: values.map { $0 == 0 ? 0 : 1 })]
    case (.wide(let values), _):
      return [Tensor(type, ints: values.map { Self.cut(Int32(truncatingIfNeeded: $0), type.element) })]
    case (.floats(let values), .float32): return [Tensor(type, floats: values)]
    case (.floats(let values), .bool): return [Tensor(type, ints: values.map { $0 == 0 ? 0 : 1 })]
    case (.floats(let values), _):
      let range = type.element.range ?? Int32.min...Int32.max
      return [
        Tensor(
          type,
          ints: values.map {
            Int32(exactly: $0.rounded(.towardZero)).map { min(max($0, range.lowerBound), range.upperBound) }
              ?? ($0 > 0 ? range.upperBound : $0 < 0 ? range.lowerBound : 0)
          })
      ]
    }
  }

  private static func cut(_ value: Int32, _ element: ElementType) -> Int32 {
    switch element {
    case .int8: Int32(Int8(truncatingIfNeeded: value))
    case .uint8: Int32(UInt8(truncatingIfNeeded: value))
    case .int16: Int32(Int16(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    case .int32, .int64, .float32: value
    }
  }
}

/// One element after the other.
package struct CastKernel: Kernel {
  package let name = "cast"

  package func work(_ layer: Layer) -> Work? {
    layer.op is Cast ? Work([WorkItem("element", layer.outputs[0].shape.elementCount)]) : nil
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard layer.op is Cast else { throw unsuitable(layer) }
    let element = layer.outputs[0].element
    let value = "\(code.inputs[0])[i]"
    code.line(
      """
      for (int32_t i = 0; i < \(layer.outputs[0].shape.elementCount); i++) {
          \(code.outputs[0])[i] = \(element == .bool ? "\(value) != 0" : "(\(element.cName))\(value)");
      }
      """)
  }
}
