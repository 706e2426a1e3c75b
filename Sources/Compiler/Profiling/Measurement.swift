package import IR
package import Simulator

/// What one inference took on a target.
package struct Measurement: Sendable {
  /// In the target's ``Machine/countedUnit``; the layers in the order of the plan.
  package var total: UInt64
  package var layers: [UInt64]
  /// Bytes of stack below the caller's stack pointer.
  package var stack: Int
  package var outputs: [Tensor]
  /// What the instructions were, where the simulator sees them.
  package var execution: ExecutionProfile?
  /// Time that the simulation took on this machine.
  package var seconds = 0.0
}
