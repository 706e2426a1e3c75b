package import Support

/// Bytes of stack that one inference takes, below the stack pointer of its caller.
package struct StackUse: Equatable, Sendable {
  package let bound: StackBound
  /// Of the inference that was run.
  package let measured: Int
  /// What a firmware must keep: the bound, or what was measured when there is none.
  package let bytes: Int

  /// - Throws: when the inference took more than the bound.
  package init(_ bound: StackBound, measured: Int) throws(Diagnostic) {
    if let most = bound.bytes, measured > most {
      throw Diagnostic(
        "profile.stack", .externalProgram,
        "the run took \(measured) bytes of stack, which is more than the bound of \(most) bytes",
        notes: ["this is a bug of nncgen, or the compiler says too little of a function's stack"])
    }
    self.bound = bound
    self.measured = measured
    bytes = bound.bytes ?? measured
  }
}
