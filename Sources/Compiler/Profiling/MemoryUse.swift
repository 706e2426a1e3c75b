import Codegen
import Planning
import Simulator
import Support

/// Bytes of memory that a model takes in a firmware.
package struct MemoryUse: Equatable, Sendable {
  /// Instructions and their literals, library functions included.
  package var code: Int
  /// Constant tables.
  package var weights: Int
  /// Working memory, also when the caller hands it over.
  package var arena: Int
  /// Variables beside the arena, and the states, also when the caller hands them over.
  package var variables: Int
  /// The most stack.
  package var stack: StackBound

  package var flash: Int { code + weights }

  /// Links the model into the test program, and the same program without the model: what is more belongs to the model.
  static func measure(
    _ harness: Harness, _ files: [EmittedFile], _ plan: Plan, options: EmitOptions
  ) throws(Diagnostic) -> MemoryUse {
    var harness = harness
    harness.extraFlags.append(Harness.stackFlag)
    let interface = ModelInterface(plan, options: options)
    let name = options.name
    let isCallers = options.arena == .caller
    let hasState = !interface.states.isEmpty
    let uses = (isCallers ? ["arena"] + (hasState ? ["state"] : []) : []) + interface.callers.map(\.name)
    let reset = hasState ? "\(interface.resetPrototype)\n{\n\(isCallers ? "    (void)state;\n" : "")}\n" : ""
    let accessors = interface.accessors().map { accessor in
      "\(accessor.prototype)\n{\n\(isCallers ? "    (void)arena;\n" : "")    return 0;\n}\n"
    }
    let empty = """
      #include "\(name).h"

      \(interface.runPrototype)
      {
      \(uses.map { "    (void)\($0);\n" }.joined())}
      \(accessors.joined())\(reset)
      """
    let (whole, stack) = try harness.withProgram(files, plan, options: options) { (program) throws(Diagnostic) in
      let image = try ELFImage(try program.executable(), file: "model")
      return (image, try StackBound(harness, program, image, files: files))
    }
    let bareFiles = files.filter { $0.name.hasSuffix(".h") } + [EmittedFile(name: "\(name).c", text: empty)]
    let bare = try harness.withProgram(bareFiles, plan, options: options) { (program) throws(Diagnostic) in
      try ELFImage(try program.executable(), file: "model")
    }
    let emptyFunctions = (["run"] + (hasState ? ["reset"] : []) + interface.accessors().map(\.parameter.name)).map {
      "\(name)_\($0)"
    }
    let emptyFunction = bare.symbols.filter { emptyFunctions.contains($0.name) }.reduce(0) { $0 + $1.size }
    let flash = whole.flashSize - bare.flashSize + emptyFunction
    let ram = whole.ramSize - bare.ramSize
    let writable = whole.sections.filter { $0.isAllocated && $0.isWritable }
    let weights = whole.symbols.filter { symbol in
      symbol.name.hasPrefix("\(name)_") && !symbol.isFunction
        && !writable.contains { $0.address <= symbol.address && symbol.address < $0.address + $0.size }
    }.reduce(0) { $0 + $1.size }
    let ownArena = options.arena == .static ? plan.arena.size : 0
    return MemoryUse(
      code: flash - weights, weights: weights, arena: plan.arena.size,
      variables: max(0, ram - ownArena) + (isCallers ? plan.stateBytes : 0),
      stack: stack)
  }
}

extension ELFImage {
  /// Bytes in flash: code, constants, and the initial values of variables.
  fileprivate var flashSize: Int { sections.filter { $0.isAllocated && !$0.isZero }.reduce(0) { $0 + $1.size } }
  /// Bytes of variables.
  fileprivate var ramSize: Int { sections.filter { $0.isAllocated && $0.isWritable }.reduce(0) { $0 + $1.size } }
}
