import Compiler
import IR
import Machine
import Operators
import Planning
import TestSupport
import Testing

@Suite struct KernelSelectionTests {
  /// A convolution with the given filter over an 8×8 image of 4 channels.
  private func plan(filter: Int, stride: Int = 1, dilation: Int = 1) throws -> Plan {
    var graph = Graph(file: "convolution")
    let scale = try Quantization.perTensor(scale: 0.1, zeroPoint: 0)
    let input = graph.add(TensorInfo(name: "x", type: TensorType(.int8, try Shape([1, 8, 8, 4]), scale)))
    let weightType = TensorType(.int8, try Shape([2, filter, filter, 4]), scale)
    let weights = graph.add(
      constant: Tensor(weightType, ints: [Int32](repeating: 1, count: weightType.shape.elementCount)), name: "w")
    let op = Conv2D(
      stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: .valid, activation: .none)
    let shape = try op.outputShapes([Operand(graph[input].type), Operand(weightType)])[0]
    let output = graph.add(TensorInfo(name: "y", type: TensorType(.int8, shape, scale)))
    graph.inputs = [input]
    graph.outputs = [output]
    graph.nodes = [
      Node(op, inputs: [input, weights], outputs: [output], origin: Origin(index: 0, operatorName: "CONV_2D"))
    ]
    return try Pipelines.pipeline("cortex-m0").plan(try Pipeline.lower(graph))
  }

  @Test func theCheapestKernelThatCanIsTaken() throws {
    #expect(try plan(filter: 1).steps.map(\.kernel.name) == ["matrix_product"])
    #expect(try plan(filter: 8).steps.map(\.kernel.name) == ["matrix_product"])
    #expect(try plan(filter: 3).steps.map(\.kernel.name) == ["conv_2d_rows"])
    // One tap is no row.
    #expect(try plan(filter: 1, stride: 2).steps.map(\.kernel.name) == ["conv_2d_taps"])
    #expect(try plan(filter: 3, dilation: 2).steps.map(\.kernel.name) == ["conv_2d_taps"])
  }

  @Test func reshapesCostNothing() throws {
    let text = try Repository.samples[1].bytes("model.bin")
    let lowered = try Pipeline.lower(try Pipeline.read(text, file: "gesture"))
    let plan = try Pipelines.pipeline().plan(lowered)
    #expect(lowered.nodes.contains { $0.op is Reshape })
    #expect(!plan.steps.contains { $0.node.op is Reshape })
  }
}
