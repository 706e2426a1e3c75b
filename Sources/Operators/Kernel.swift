package import IR
package import Machine
package import Support

/// A node as kernels see it: operator, what it reads and what it writes.
package struct Layer: Sendable {
  package let op: any Operator
  package let inputs: [Operand]
  package let outputs: [TensorType]

  package init(_ op: any Operator, inputs: [Operand], outputs: [TensorType]) {
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
  }

  package var multiplyAccumulates: Int { op.multiplyAccumulates(inputs, outputs) }
}

/// What one way to compute a layer takes.
package struct Cost: Equatable, Sendable {
  /// Modelled cycles of one inference.
  package var cycles: Int
  /// Bytes of constants that only this layer reads.
  package var flash: Int
  /// Bytes of working memory while the layer runs, beside its tensors.
  package var scratch: Int

  package init(cycles: Int, flash: Int = 0, scratch: Int = 0) {
    self.cycles = cycles
    self.flash = flash
    self.scratch = scratch
  }
}

/// One way to compute an operator in C.
///
/// A kernel is exact: for every layer that it takes, its C gives what the operator's `evaluate` gives, for all inputs.
package protocol Kernel: Sendable {
  /// Name in comments and reports; also the name of its template, if it has one.
  var name: String { get }

  /// What it does for `layer`; nil when it can't compute it. The kinds of work are the same for all layers.
  func work(_ layer: Layer) -> Work?

  /// Whether it computes layers with weights of more than 8 bits, see ``Layer/hasWideWeights``.
  var takesWideWeights: Bool { get }

  /// Whether its constants are the weights as they are, one after the other, and what every other kernel needs too.
  var keepsWeights: Bool { get }

  /// Why it can't compute `layer`, in a few words; only asked when ``work(_:)`` is nil.
  func obstacle(_ layer: Layer) -> String

  /// The order in which it reads and writes; nil when the output must not share memory with an input.
  func order(_ layer: Layer) -> AccessOrder?

  /// Whether the C that it writes can compute some rows of the output, see ``LayerCode/isStriped``.
  func takesRows(_ layer: Layer) -> Bool

  /// Writes the constants and the statements of the layer's function.
  func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic)
}

/// What a kernel does for a layer, as far as it decides about cycles and bytes.
package struct Work: Equatable, Sendable {
  /// Pieces of work; a ``CostTable`` knows the cycles of each kind on a core.
  package var items: [WorkItem]
  /// Bytes of constants that only this layer reads.
  package var flash: Int
  /// Bytes of working memory while the layer runs, beside its tensors.
  package var scratch: Int

  package init(_ items: [WorkItem], flash: Int = 0, scratch: Int = 0) {
    self.items = items
    self.flash = flash
    self.scratch = scratch
  }
}

extension Kernel {
  package var takesWideWeights: Bool { false }
  package var keepsWeights: Bool { false }

  package func obstacle(_ layer: Layer) -> String { "not for a layer of this form" }

  /// The cost of `layer` on `machine`; nil when the kernel can't compute it, or the machine's table does not know it.
  package func cost(_ layer: Layer, on machine: Machine) -> Cost? {
    guard let work = work(layer), let cycles = machine.costs.cycles(name, work.items + [.layer]) else { return nil }
    return Cost(cycles: cycles, flash: work.flash, scratch: work.scratch)
  }

  /// The error for a layer that this kernel should never have been asked to write.
  package func unsuitable(_ layer: Layer) -> Diagnostic {
    Diagnostic("kernel.layer", "the kernel \(name) can't compute \(layer.op.mnemonic)")
  }
}

extension WorkItem {
  /// What every layer takes once: the call of its function and of the kernel's.
  package static let layer = WorkItem("layer", 1)
}
