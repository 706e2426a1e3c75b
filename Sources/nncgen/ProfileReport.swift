import Compiler
import Machine
import Planning
import Simulator
import Support

/// The texts of `nncgen profile`.
enum ProfileReport {
  /// - Parameters:
  ///   - modelMACs: multiply-accumulates of the model as it was read.
  ///   - saved: bytes that inputs and outputs inside of the arena save, when there are some.
  static func json(_ profile: Profile, target: String, modelMACs: Int, saved: Int?) -> JSON {
    .object([
      ("target", .string(target)),
      ("unit", .string(profile.machine.countedUnit)),
      ("cycles", .int(Int(profile.measurement.total))),
      ("macs", .int(modelMACs)),
      (
        "layers",
        .array(
          profile.layers.map {
            .object([
              ("name", .string($0.name)), ("operator", .string($0.operatorName)), ("kernel", .string($0.kernel)),
              ("macs", .int($0.multiplyAccumulates)), ("cycles", .int(Int($0.count))),
            ])
          })
      ),
      ("flash", .object([("code", .int(profile.memory.code)), ("weights", .int(profile.memory.weights))])),
      (
        "ram",
        .object(
          [
            ("arena", .int(profile.memory.arena)), ("arena_lower_bound", .int(profile.arenaLowerBound)),
            ("static", .int(profile.memory.variables)),
            ("stack", .int(profile.stack.bytes)), ("buffers", .int(profile.callerBuffers)),
          ] + stack(profile.stack) + (saved.map { [("saved_by_reuse", .int($0))] } ?? []))
      ),
      ("identical", .bool(profile.isIdentical)),
    ])
  }

  /// The figures behind the stack.
  private static func stack(_ stack: StackUse) -> [(String, JSON)] {
    let measured: (String, JSON) = ("stack_measured", .int(stack.measured))
    switch stack.bound {
    case .bounded(let frames):
      return [
        ("stack_bound", stack.bound.bytes.map { .int($0) } ?? .null), measured,
        (
          "stack_frames",
          .array(frames.map { .object([("function", .string($0.function)), ("bytes", .int($0.bytes))]) })
        ),
      ]
    case .unknown(let reason): return [("stack_bound", .null), measured, ("stack_problem", .string(reason))]
    }
  }

  static func text(
    _ profile: Profile, _ plan: Plan, model: String, modelMACs: Int, saved: Int?, functions: Bool
  ) -> String {
    let unit = profile.machine.countedUnit
    let total = profile.measurement.total
    func share(_ part: UInt64) -> String { total == 0 ? "" : fixed(Double(part) * 100 / Double(total), 1) + " %" }
    func perMAC(_ count: UInt64, _ macs: Int) -> String { macs == 0 ? "" : fixed(Double(count) / Double(macs), 2) }
    var table = Table(
      ["", "operator", "shape", "kernel", "MACs", unit, "\(unit)/MAC", "share"], rightAligned: [0, 4, 5, 6, 7])
    for (index, layer) in profile.layers.enumerated() {
      table.add([
        "\(index)", layer.operatorName, layer.shapes, layer.kernel,
        layer.multiplyAccumulates == 0 ? "" : grouped(layer.multiplyAccumulates), grouped(Int(layer.count)),
        perMAC(layer.count, layer.multiplyAccumulates), share(layer.count),
      ])
    }
    table.add([
      "", "total", "", "", grouped(modelMACs), grouped(Int(total)), perMAC(total, modelMACs), "",
    ])
    var text = "\(model) on \(place(profile.machine))\n\n"
    text += table.text + "\n"
    let computed = profile.multiplyAccumulates
    if computed != modelMACs {
      text +=
        "MACs   \(grouped(modelMACs)) in the model; \(grouped(modelMACs - computed)) of them need not be computed\n"
    }
    let (memory, stack) = (profile.memory, profile.stack)
    if let seconds = profile.seconds, let chip = profile.machine.chip {
      text += "time   \(milliseconds(seconds)) an inference at \(megahertz(chip.clockHz))\n"
    }
    text += "flash  \(grouped(memory.flash)) bytes: code \(grouped(memory.code)), weights \(grouped(memory.weights))\n"
    text += "RAM    \(grouped(profile.ram)) bytes: arena \(grouped(memory.arena)), "
    text += "static \(grouped(memory.variables)), stack \(grouped(stack.bytes))\(note(stack)); "
    text += "the caller's buffers for inputs and outputs take \(grouped(profile.callerBuffers)) more\n"
    if memory.arena > 0 { text += "arena  \(MemoryReport.bound(memory.arena, profile.arenaLowerBound))\n" }
    if let saved {
      let less = "than with buffers of the caller for all of the inputs and outputs"
      text += "reuse  \(grouped(abs(saved))) bytes of RAM \(saved < 0 ? "more" : "less") \(less)\n"
    }
    for chain in plan.chains {
      text += "rows   layers \(chain.steps.lowerBound) to \(chain.steps.upperBound) run together, "
      text += "\(chain.rows == 1 ? "a row" : "\(chain.rows) rows") of the last one at a time\n"
    }
    text += "answer \(profile.isIdentical ? "identical to the reference" : "DIFFERENT from the reference")\n"
    if case .unknown(let reason) = stack.bound { text += "There is no bound of the stack: \(reason).\n" }
    if unit == "instructions" {
      text += "There is no model of this core's cycles: these are executed instructions.\n"
    }
    if functions, let execution = profile.measurement.execution { text += self.functions(execution) }
    return text
  }

  /// How the stack is known, where the run did not take the whole bound.
  private static func note(_ stack: StackUse) -> String {
    if case .unknown = stack.bound { return " (measured)" }
    guard stack.measured < stack.bytes else { return "" }
    return " (at most; \(grouped(stack.measured)) measured)"
  }

  /// The chip with what decides about its speed, or the core.
  private static func place(_ machine: Machine) -> String {
    guard let chip = machine.chip else { return "\(machine.name): \(machine.summary)" }
    let waits = chip.timing.waitStates
    return
      "\(chip.title): \(chip.core) at \(megahertz(chip.clockHz)), flash with \(waits) wait state\(waits == 1 ? "" : "s")"
      + (waits > 0 && chip.timing.hasPrefetch ? " and prefetch" : "")
  }

  private static func functions(_ execution: ExecutionProfile) -> String {
    var table = Table(["function", "instructions", "cycles", "share"], rightAligned: [1, 2, 3])
    // What does not show in the share is put together.
    let shown = execution.functions.prefix { Double($0.cycles) * 2000 >= Double(execution.cycles) }
    for function in shown {
      table.add([
        function.name, grouped(Int(function.instructions)), grouped(Int(function.cycles)),
        fixed(Double(function.cycles) * 100 / Double(max(1, execution.cycles)), 1) + " %",
      ])
    }
    let rest = execution.functions.dropFirst(shown.count)
    if !rest.isEmpty {
      table.add([
        "\(rest.count) more", grouped(Int(rest.reduce(0) { $0 + $1.instructions })),
        grouped(Int(rest.reduce(0) { $0 + $1.cycles })), "",
      ])
    }
    var mix = Table(["instructions", "executed", "share"], rightAligned: [1, 2])
    for group in ExecutionProfile.Group.allCases {
      let count = execution.mix[group] ?? 0
      mix.add([
        group.rawValue, grouped(Int(count)),
        fixed(Double(count) * 100 / Double(max(1, execution.instructions)), 1) + " %",
      ])
    }
    return "\n" + table.text + "\n" + mix.text + "\n"
      + "values read \(grouped(Int(execution.reads))), of these from flash \(grouped(Int(execution.flashReads))); "
      + "written \(grouped(Int(execution.writes)))\n"
  }
}

/// `value` with `digits` behind the point.
func fixed(_ value: Double, _ digits: Int) -> String {
  var factor = 1.0
  for _ in 0..<digits { factor *= 10 }
  let scaled = Int((value * factor).rounded())
  guard digits > 0 else { return "\(scaled)" }
  let fraction = String(scaled % Int(factor))
  return "\(scaled / Int(factor))." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A time with three figures or more.
func milliseconds(_ seconds: Double) -> String {
  let value = seconds * 1000
  return fixed(value, value < 1 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0) + " ms"
}

func megahertz(_ hertz: Int) -> String {
  hertz % 1_000_000 == 0 ? "\(hertz / 1_000_000) MHz" : fixed(Double(hertz) / 1e6, 3) + " MHz"
}
