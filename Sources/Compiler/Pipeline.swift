// The compiler on one page. A model file becomes C in these stages, in this order:
//
//   bytes ─ Frontends → Graph ─ Passes → Graph in integer normal form ─ Planning → Plan ─ Codegen → C files
//
// To follow a model from `model.bin` to `out.c`, read after this file:
//   Frontends/ModelBinary/ModelBinaryReader.swift   how a file becomes a graph
//   IR/Graph.swift, IR/Operator.swift               what a graph is
//   Quantization/Quantizer.swift                    how a float network becomes int8, when the model is one
//   Compression/Compressor.swift                    how `compress` makes a network smaller before all of that
//   Passes/FoldFixedPoint.swift                     one rewrite
//   Planning/Planner.swift, PlanningNetwork.swift   kernels and memory; how they are chosen: Planning/Selection, Planning/Memory
//   Planning/Memory/Chain.swift                     layers that run together, some rows at a time
//   Operators/Conv2D/Conv2DRowsKernel.swift         one kernel, with Templates/functions/conv_2d_rows.c
//   Codegen/CodeGenerator.swift                     the C files
// `nncgen emit --dump-after all MODEL` prints the same journey for a model.
package import Codegen
import Frontends
package import IR
package import Machine
import Operators
package import Passes
package import Planning
package import Quantization
package import Support

/// The stages from a model file to C.
package struct Pipeline: Sendable {
  /// The rewrites in their order, each with its reason to stand there.
  package static let passes: [(pass: any Pass, reason: String)] = [
    (PushTransposes(), "first of all, so that operators and their quantization stand beside each other"),
    (FuseFloatLayers(), "needs the layouts, in which a factor belongs to a channel"),
    (FoldConstants(), "so that no later pass sees computed constants"),
    (ResolveIndices(), "needs the constants, and leaves views"),
    (QuantizeBoundary(), "float tensors at the boundary become integers before chains are looked for"),
    (TabulateUnary(), "while scales are still known: a whole chain becomes one table"),
    (RefuseFloats(), "what is float now stays float"),
    (SplitTransposeConv(), "scales are still known, and what it leaves is integer"),
    (FoldFixedPoint(), "from here on there are only integers"),
    (MixOneChannel(), "before passes that treat the two convolutions differently"),
    (FuseActivations(), "tables that only clamp; needs the tables and the clamps"),
    (RemoveNoOps(), "before pads and convolutions are looked for beside each other"),
    (FusePads(), "needs the explicit padding of the integer convolutions"),
    (RemoveChannels(), "needs the final padding and clamps, which decide what is constant"),
    (SeparateOutputs(), "after everything that may make an output equal to an input"),
    (KeepStates(), "when it is final what reads and writes them"),
    (RequireIntegers(), "last: what no kernel computes is refused here"),
  ]

  package let machine: Machine
  package let objective: Objective
  package let templates: TemplateLibrary

  package init(machine: Machine, objective: Objective, templates: TemplateLibrary) {
    self.machine = machine
    self.objective = objective
    self.templates = templates
  }

  /// Reads a model; the format is recognized by its content.
  package static func read(_ bytes: [UInt8], file: String) throws(Diagnostic) -> Graph {
    try arrange(try Frontend.read(bytes, file: file))
  }

  /// Float operators between DEQUANTIZE and QUANTIZE as the quantized ones that a file means.
  static func arrange(_ graph: Graph) throws(Diagnostic) -> Graph {
    guard QuantizedPatterns.mayOccur(in: graph) else { return graph }
    var graph = graph
    // Transpositions stand between operators and their quantization, and normalizations behind layers.
    try PushTransposes().run(on: &graph)
    try FuseFloatLayers().run(on: &graph)
    try QuantizedPatterns.fold(&graph)
    try graph.verify()
    return graph
  }

  /// A float network as int8, with ranges from what its tensors hold for `vectors`; the best of all methods for nil.
  package static func quantize(
    _ graph: Graph, vectors: [[Tensor]], _ method: RangeMethod?
  ) throws(Diagnostic) -> QuantizedNetwork {
    try Quantizer.quantize(try prepare(graph), vectors: vectors, method)
  }

  /// A float network before it is quantized.
  static func prepare(_ graph: Graph) throws(Diagnostic) -> Graph {
    var graph = graph
    try FloatPreparation.run(on: &graph)
    return graph
  }

  /// The graph in integer normal form.
  ///
  /// - Parameter observe: gets the name of each stage and the graph after it.
  package static func lower(
    _ graph: Graph, observe: (String, Graph) -> Void = { _, _ in }
  ) throws(Diagnostic) -> Graph {
    var graph = graph
    observe("import", graph)
    for (pass, _) in passes {
      try pass.run(on: &graph)
      try graph.verify()
      observe(pass.name, graph)
    }
    return graph
  }

  /// Kernels and memory for a graph in integer normal form.
  ///
  /// - Parameter kernel: name of a kernel that is taken wherever it can compute a layer.
  package func plan(_ graph: Graph, forcing kernel: String? = nil) throws(Diagnostic) -> Plan {
    try plan(graph, SelectionRequest(forcing: kernel))
  }

  /// Kernels and memory, as `request` says.
  package func plan(_ graph: Graph, _ request: SelectionRequest) throws(Diagnostic) -> Plan {
    try Planner(machine: machine, objective: objective).plan(graph, request)
  }

  /// Measures one inference of a graph in integer normal form on the target.
  package func profile(_ graph: Graph, input: [Tensor]) throws(Diagnostic) -> Profile {
    let plan = try plan(graph)
    let options = EmitOptions(name: "model")
    return try profile(plan, files: try emit(plan, options: options), options: options, input: input)
  }

  /// Measures one inference of C that was emitted for `plan`.
  package func profile(
    _ plan: Plan, files: [EmittedFile], options: EmitOptions, input: [Tensor]
  ) throws(Diagnostic) -> Profile {
    try Profile(
      Harness(machine: machine, templates: templates), plan, files: files, options: options, input: input)
  }

  /// The C of a plan.
  package func emit(_ plan: Plan, options: EmitOptions) throws(Diagnostic) -> [EmittedFile] {
    try CodeGenerator(templates: templates).emit(plan, machine: machine, options: options)
  }
}
