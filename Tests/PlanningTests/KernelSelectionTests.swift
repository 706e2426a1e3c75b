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
    return try Pipeline(machine: try Pipelines.machine("cortex-m0"), objective: .speed, templates: Pipelines.templates)
      .plan(try Pipeline.lower(graph))
  }

  @Test func theCheapestKernelThatCanIsTaken() throws {
    for (filter, stride, dilation) in [(1, 1, 1), (8, 1, 1), (3, 1, 1), (1, 2, 1), (3, 1, 2)] {
      let step = try plan(filter: filter, stride: stride, dilation: dilation).steps[0]
      #expect(!step.rejected.isEmpty && step.rejected.allSatisfy { $0.cost.cycles >= step.cost.cycles })
    }
    // Many pixels share their weights; a single one shares its inputs between output channels, or nothing.
    let shared = ["conv_2d_lanes", "conv_2d_sparse", "conv_2d_ternary", "conv_2d_4bit", "conv_2d_2bit"]
    #expect(try shared.contains(plan(filter: 3).steps[0].kernel.name))
    #expect(try !plan(filter: 8).steps[0].rejected.contains { shared.contains($0.kernel.name) })
  }

  @Test func reshapesCostNothing() throws {
    let text = try Repository.samples[1].bytes("model.bin")
    let lowered = try Pipeline.lower(try Pipeline.read(text, file: "gesture"))
    let plan = try Pipelines.pipeline().plan(lowered)
    #expect(lowered.nodes.contains { $0.op is Reshape })
    #expect(!plan.steps.contains { $0.node.op is Reshape })
  }
}
