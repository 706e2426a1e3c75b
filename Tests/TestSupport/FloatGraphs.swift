package import IR
package import Operators
import Quantization

/// Small float networks.
extension GraphBuilder {
  package func real(_ dims: [Int]) throws -> TensorType { TensorType(.float32, try Shape(dims)) }

  package mutating func realInput(_ dims: [Int]) throws -> TensorID {
    let id = graph.add(TensorInfo(name: "x\(graph.inputs.count)", type: try real(dims)))
    graph.inputs.append(id)
    return id
  }

  package mutating func realConstant(_ dims: [Int], _ values: [Float]) throws -> TensorID {
    graph.add(constant: Tensor(try real(dims), floats: values), name: "constant")
  }

  /// A 1×1 convolution with the filters `weights`, by output and input channel.
  package mutating func realPointwise(
    _ input: TensorID, _ filters: [[Float]], bias: [Float]?, activation: Activation = .none
  ) throws -> TensorID {
    let dims = graph[input].type.shape.dims
    var inputs = [input, try realConstant([filters.count, 1, 1, dims[3]], filters.flatMap { $0 })]
    if let bias { inputs.append(try realConstant([bias.count], bias)) }
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: activation)
    return node(op, inputs, try real([dims[0], dims[1], dims[2], filters.count]), name: "CONV_2D")
  }

  /// An operator whose output has the shape of `input`.
  package mutating func realUnary(_ op: any Operator, _ input: TensorID) throws -> TensorID {
    node(op, [input], try real(graph[input].type.shape.dims), name: op.mnemonic)
  }

  package mutating func quantized(_ input: TensorID, scale: Float, zeroPoint: Int32) throws -> TensorID {
    node(
      Quantize(), [input], try type(graph[input].type.shape.dims, scale: scale, zeroPoint: zeroPoint), name: "QUANTIZE")
  }

  package mutating func dequantized(_ input: TensorID) throws -> TensorID {
    node(Dequantize(), [input], try real(graph[input].type.shape.dims), name: "DEQUANTIZE")
  }
}

extension Graph {
  /// Deterministic values from −1 to 1 for every input.
  package func realVectors(_ count: Int, scale: Float = 1) -> [[Tensor]] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      inputs.map { id in
        let values = (0..<self[id].type.shape.elementCount).map { _ -> Float in
          state = state &* 1_664_525 &+ 1_013_904_223
          return (Float(state >> 8) / 0x1p23 - 1) * scale
        }
        return Tensor(self[id].type, floats: values)
      }
    }
  }

  package var mnemonics: [String] { nodes.map(\.op.mnemonic) }
}
