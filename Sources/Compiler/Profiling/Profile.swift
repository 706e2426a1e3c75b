import Codegen
package import IR
package import Machine
import Operators
import Planning
import Support

/// What a model takes on a target: measured, not modelled.
package struct Profile: Sendable {
  package struct Layer: Sendable {
    package let name: String
    package let operatorName: String
    /// Shapes of the data that it reads and writes.
    package let shapes: String
    package let kernel: String
    package let multiplyAccumulates: Int
    package let modelledCycles: Int
    /// In the target's counted unit.
    package let count: UInt64
  }

  package let machine: Machine
  package let layers: [Layer]
  package let memory: MemoryUse
  /// With the same kernels in the same order, no arena can be smaller.
  package let arenaLowerBound: Int
  package let measurement: Measurement
  package let stack: StackUse
  /// The outputs equal the reference in every bit.
  package let isIdentical: Bool
  /// Bytes of the buffers for inputs and outputs, which the caller provides.
  package let callerBuffers: Int

  package var multiplyAccumulates: Int { layers.reduce(0) { $0 + $1.multiplyAccumulates } }

  /// Bytes of RAM with the stack, without the caller's buffers.
  package var ram: Int { memory.arena + memory.variables + stack.bytes }

  /// Time of one inference at the chip's clock; nil when there is no chip, or cycles are not known.
  package var seconds: Double? {
    guard let chip = machine.chip, machine.countedUnit == "cycles" else { return nil }
    return Double(measurement.total) / Double(chip.clockHz)
  }

  /// The vector that is run when nobody gives one: random values.
  package static func defaultInput(_ graph: Graph) -> [Tensor] {
    VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 8)[7]
  }

  /// Measures one inference of `graph`, which is in integer normal form.
  init(
    _ harness: Harness, _ plan: Plan, files: [EmittedFile], options: EmitOptions, input: [Tensor]
  ) throws(Diagnostic) {
    machine = harness.machine
    let runner = MeasuringRunner(harness: harness, plan: plan, files: files, options: options, input: input)
    let measured = try runner.measure()
    measurement = measured
    memory = try MemoryUse.measure(harness, files, plan, options: options)
    arenaLowerBound = plan.arena.lowerBound
    stack = try StackUse(memory.stack, measured: measured.stack)
    layers = zip(plan.steps, measured.layers).map { step, count in
      func list(_ types: [TensorType]) -> String { types.map { "\($0.shape)" }.joined(separator: ", ") }
      return Layer(
        name: plan.graph[step.node.outputs[0]].shortName, operatorName: step.node.origin.operatorName,
        shapes: list(step.layer.inputs.filter { $0.constant == nil }.map(\.type)) + " -> " + list(step.layer.outputs),
        kernel: step.kernel.name, multiplyAccumulates: step.layer.multiplyAccumulates,
        modelledCycles: step.cost.cycles, count: count)
    }
    let expected = try Interpreter(plan.graph).outputs(input)
    isIdentical = Verification.compare([expected], [measured.outputs]) == nil
    callerBuffers = plan.callerBytes
  }
}
