import Codegen
import IR
import Machine
import Operators
import Planning
import Simulator
import Support

/// Runs a model on one vector and counts.
struct MeasuringRunner {
  let harness: Harness
  let plan: Plan
  let files: [EmittedFile]
  let options: EmitOptions
  let input: [Tensor]

  private var machine: Machine { harness.machine }

  /// The largest sensible number of cycles, a hundred times what the plan expects: a program that takes more runs wild.
  private var limit: UInt64 { 1_000_000_000 + 100 * UInt64(plan.steps.reduce(0) { $0 + $1.cost.cycles }) }

  /// - Parameter layers: false when nobody asks for the layers one by one.
  func measure(layers: Bool = true) throws(Diagnostic) -> Measurement {
    switch machine.counter {
    case .none:
      throw Diagnostic(
        "profile.target", .usage, "on `\(machine.name)` nothing can be measured",
        notes: ["`nncgen targets` shows the targets whose cycles or instructions can be counted"])
    case .armv6m(let core):
      guard case .semihosting(let board) = machine.runner else {
        throw Diagnostic("profile.board", .usage, "the simulated core of `\(machine.name)` has no board")
      }
      return try withLayers { (program) throws(Diagnostic) in try simulate(program, core, board) }
    case .simavr:
      return try withLayers { (program) throws(Diagnostic) in try runSimavr(program) }
    case .emulator(let arguments): return try emulate(arguments, layers: layers)
    }
  }

  /// Runs `work` on a program in which every layer is a function. Of layers that are alike, such as the rounds of a loop, the
  /// compiler makes one function, unless it is told not to.
  private func withLayers(
    _ work: (TestProgram) throws(Diagnostic) -> Measurement
  ) throws(Diagnostic) -> Measurement {
    do throws(Diagnostic) {
      return try harness.withProgram(files, plan, options: options, work)
    } catch {
      guard error.id == "elf.function" else { throw error }
      var apart = harness
      apart.extraFlags.append("-fno-ipa-icf")
      return try apart.withProgram(files, plan, options: options, work)
    }
  }

  // MARK: the simulator

  private func simulate(
    _ program: TestProgram, _ core: Machine.ARMv6MCore, _ board: Machine.Board
  ) throws(Diagnostic) -> Measurement {
    let image = try ELFImage(try program.executable(), file: "model")
    let start = Platform.now()
    let run = try SimulatedRun(
      image, core: core, board: board, input: TestProgram.bytes([input], littleEndian: true),
      outermost: "\(options.name)_run", regions: plan.steps.indices.map { "\(options.name)_layer\($0)" }, limit: limit,
      place: { plan.steps.indices.contains($0) ? plan.place($0) : "" })
    return Measurement(
      total: run.trace.cycles, layers: run.trace.regions, stack: run.trace.stack,
      outputs: try program.decode(run.output, count: 1)[0], execution: run.execution, seconds: Platform.now() - start)
  }

  // MARK: simavr

  private func runSimavr(_ program: TestProgram) throws(Diagnostic) -> Measurement {
    let image = try ELFImage(try program.executable(), file: "model")
    let names = ["\(options.name)_run"] + plan.steps.indices.map { "\(options.name)_layer\($0)" }
    var lines = ""
    for name in names { lines += "\(try image.address(ofFunction: name)) \(name)\n" }
    try Platform.write(Array(lines.utf8), to: "\(program.folder)/layers.txt")
    try program.write([input])
    try harness.start(program, more: ["--layers", "layers.txt", "--max-cycles", "\(limit)"])
    var counts: [String: UInt64] = [:]
    let trace = String(decoding: try Platform.read("\(program.folder)/trace.txt"), as: UTF8.self)
    for line in trace.split(separator: "\n") {
      let words = line.split(separator: " ")
      if let name = words.first, let value = words.last.flatMap({ UInt64($0) }) { counts[String(name)] = value }
    }
    return Measurement(
      total: counts[names[0]] ?? 0, layers: names.dropFirst().map { counts[$0] ?? 0 }, stack: Int(counts["stack"] ?? 0),
      outputs: try program.outputs(count: 1)[0])
  }

  // MARK: emulators that count instructions

  private func emulate(_ arguments: [String], layers: Bool) throws(Diagnostic) -> Measurement {
    func counts(_ counting: TestProgram.Counting) throws(Diagnostic) -> (numbers: [UInt64], outputs: [Tensor]) {
      try harness.withProgram(files, plan, options: options, counting: counting) { (program) throws(Diagnostic) in
        try program.write([input])
        try harness.start(program, more: arguments)
        let reader = ByteReader(
          try Platform.read("\(program.folder)/trace.bin"), file: "trace.bin", format: "profile")
        var numbers: [UInt64] = []
        for offset in stride(from: 0, to: reader.bytes.count, by: 4) {
          numbers.append(UInt64(try reader.uint32(at: offset, "a count")))
        }
        return (numbers, try program.outputs(count: 1)[0])
      }
    }
    // The layers are counted in a program of its own, whose marks take some instructions more.
    let (whole, outputs) = try counts(.inferences)
    guard whole.count == 2 else {
      throw Diagnostic(
        "profile.trace", .externalProgram, "the emulated program wrote \(whole.count) counts instead of 2")
    }
    guard layers else {
      return Measurement(total: whole[0], layers: [], stack: Int(whole[1]), outputs: outputs)
    }
    let (layered, _) = try counts(.layers)
    // Before the layers stands what was counted up to the first mark, behind them the whole run and its stack.
    let calls = plan.calls
    guard layered.count == calls.count + 3 else {
      throw Diagnostic(
        "profile.trace", .externalProgram,
        "the emulated program counted \(layered.count - 3) calls of layers instead of \(calls.count)")
    }
    var counts = [UInt64](repeating: 0, count: plan.steps.count)
    for (step, count) in zip(calls, layered.dropFirst()) { counts[step] += count }
    return Measurement(total: whole[0], layers: counts, stack: Int(whole[1]), outputs: outputs)
  }
}

extension Plan {
  /// Names the layer of a step for messages.
  fileprivate func place(_ index: Int) -> String {
    let step = steps[index]
    return "layer \(index), \(step.node.origin.operatorName) `\(graph[step.node.outputs[0]].shortName)`"
  }
}
