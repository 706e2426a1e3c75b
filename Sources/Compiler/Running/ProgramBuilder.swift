import CCode
import Codegen
import IR
import Machine
import Operators
import Support

/// Compiles and links test programs: the emitted C, the loop over the vectors, and what the target's runner needs.
struct ProgramBuilder {
  let harness: Harness
  /// Where the executable `model` and its sources come to lie.
  let folder: String

  private var machine: Machine { harness.machine }

  /// A program that runs one model.
  func build(_ program: TestProgram, _ files: [EmittedFile]) throws(Diagnostic) {
    let isMarked = program.counting == .layers
    var sources = files.map { isMarked && $0.name == "\(program.options.name).c" ? marked($0, program.options) : $0 }
    sources.append(EmittedFile(name: "main.c", text: try mainText(program)))
    try build(sources, units: sources.map(\.name).filter { $0.hasSuffix(".c") }, counts: program.counting != .nothing)
  }

  /// A program that runs the model whose number its input begins with; all of them are one unit for the compiler.
  ///
  /// - Parameter members: with different names.
  func build(suite members: [(program: TestProgram, files: [EmittedFile])]) throws(Diagnostic) {
    var sources: [EmittedFile] = []
    for (program, files) in members {
      sources += files
      sources.append(EmittedFile(name: "\(program.options.name)_main.c", text: try mainText(program)))
    }
    let names = members.map { Template.Value.text($0.program.options.name) }
    let text = try harness.templates.render(
      "harness/suite.c",
      [
        "members": .list(names.map { ["name": $0] }),
        "cases": .list(names.enumerated().map { ["name": $1, "number": .text("\($0)")] }),
      ])
    try build(sources + [EmittedFile(name: "suite.c", text: text)], units: ["suite.c"], counts: false)
  }

  /// - Parameters:
  ///   - units: the names of the sources that are compiled by themselves.
  ///   - counts: whether the program counts its instructions.
  private func build(_ sources: [EmittedFile], units: [String], counts: Bool) throws(Diagnostic) {
    var parts = ["harness.h"]
    var link: [String] = []
    switch machine.runner {
    case .native: parts += ["native.c"]
    case .user:
      parts += ["native.c"]
      link = ["-static"]
    case .semihosting(let board):
      parts += ["board.h", "semihosting.c", "\(board.startup).c"]
      if counts { parts += ["counter.c", "stack.h"] }
      try write(EmittedFile(name: "board.ld", text: try linkerScript(board)))
      link = ["-nostartfiles", "-nostdlib", "-Wl,--gc-sections", "-T", "board.ld", "-lgcc"]
    case .simavr:
      parts += ["avr.c"]
      link = ["-Wl,--gc-sections"]
      try buildSimavr()
    }
    for source in sources { try write(source) }
    for part in parts {
      try write(EmittedFile(name: part, text: try harness.templates.render("harness/\(part)", [:])))
    }
    let compiler = harness.compiler ?? machine.toolchain.compiler
    try compile(
      compiler,
      machine.toolchain.flags + Harness.strictFlags + ["-ffunction-sections", "-fdata-sections"] + harness.extraFlags
        + ["-o", "model"] + units + parts.filter { $0.hasSuffix(".c") } + link)
  }

  private func write(_ file: EmittedFile) throws(Diagnostic) {
    try Platform.write(Array(file.text.utf8), to: "\(folder)/\(file.name)")
  }

  private func compile(_ compiler: String, _ arguments: [String]) throws(Diagnostic) {
    let outcome = try Platform.run(compiler, arguments, in: folder)
    guard outcome.status != 0 else { return }
    let errors = outcome.errors.split(separator: "\n").map(String.init)
    let memoryErrors = errors.filter { $0.contains("overflowed by") || $0.contains("is not within region") }
    if !memoryErrors.isEmpty {
      throw Diagnostic(
        Harness.lacksMemory, .negative,
        "the model with its test program does not fit into the memories of \(machine.name)",
        notes: Array(memoryErrors.prefix(2)))
    }
    throw Diagnostic(
      "harness.compile", .externalProgram,
      "\(compiler) could not compile the emitted C (exit status \(outcome.status))", notes: Array(errors.prefix(12)))
  }

  /// Makes `simavr-run`, the program of this machine that simulates the target.
  private func buildSimavr() throws(Diagnostic) {
    try write(EmittedFile(name: "simavr-run.c", text: try harness.templates.render("harness/simavr.c", [:])))
    let outcome = try Platform.run(
      "gcc", ["-O2", "-o", "simavr-run", "simavr-run.c", "-lsimavr", "-lelf"], in: folder)
    guard outcome.status == 0 else {
      throw Diagnostic(
        "harness.simavr", .externalProgram, "a program for simavr could not be compiled",
        notes: ["on Debian or Ubuntu: sudo apt-get install libsimavr-dev libelf-dev"]
          + outcome.errors.split(separator: "\n").prefix(4).map(String.init))
    }
  }

  /// The C with a mark before each layer's call, and one behind the last: a call that leaves the layers as they are.
  private func marked(_ file: EmittedFile, _ options: EmitOptions) -> EmittedFile {
    let mark = "harness_count_mark();\n"
    var text = "#include \"harness.h\"\n"
    var isInRun = false
    for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isCall = line.drop { $0 == " " }.hasPrefix("\(options.name)_layer") && line.hasSuffix(");")
      if isCall || (isInRun && line == "}") { text += mark }
      isInRun = line.hasPrefix("void \(options.name)_run(") || (isInRun && line != "}")
      text += line + "\n"
    }
    return EmittedFile(name: file.name, text: text)
  }

  /// The loop over the vectors: `main`, or a function for one model of several.
  private func mainText(_ program: TestProgram) throws(Diagnostic) -> String {
    let (interface, options) = (program.interface, program.options)
    func named(_ parameters: some Sequence<ModelInterface.Parameter>) -> Template.Value {
      .list(parameters.map { ["name": .text($0.name), "size": .text("\($0.info.type.byteCount)")] })
    }
    return try harness.templates.render(
      "harness/main.c",
      [
        "name": .text(options.name),
        "function": .text(program.number == nil ? "main" : "\(options.name)_main"),
        "opens": .flag(program.number == nil),
        "PREFIX": .text("\(options.name)_".uppercased()),
        "buffers": .list(
          interface.callers.map {
            [
              "type": .text($0.info.type.element.cName), "name": .text($0.name),
              "size": .text("\($0.info.type.shape.elementCount)"),
            ]
          }),
        "caller_arena": .flag(options.arena == .caller),
        "counts": .flag(program.counting != .nothing),
        "pointers": .list(
          interface.accessors(arena: "memory").map {
            [
              "type": .text(($0.parameter.isInput ? "" : "const ") + $0.parameter.info.type.element.cName),
              "name": .text($0.parameter.name), "place": .text($0.call),
            ]
          }),
        "first_input": .text(interface.inputs.first?.name ?? ""),
        "first_size": .text("\(interface.inputs.first?.info.type.byteCount ?? 0)"),
        "more_inputs": named(interface.inputs.dropFirst()),
        "arguments": .text(interface.arguments(arena: "memory", state: "&state")),
        "caller_states": .list(
          options.arena == .caller && !interface.states.isEmpty
            ? [["state_type": .text("\(options.name)_state")]] : []),
        "resets": .list(
          interface.states.isEmpty
            ? [] : [["reset": .text("\(options.name)_reset(\(options.arena == .caller ? "&state" : ""));")]]),
        "outputs": named(interface.outputs),
      ])
  }

  private func linkerScript(_ board: Machine.Board) throws(Diagnostic) -> String {
    try harness.templates.render(
      "harness/board.ld",
      [
        "flash_origin": .text("\(board.flash.origin)"), "flash_size": .text("\(board.flash.size)"),
        "ram_origin": .text("\(board.ram.origin)"), "ram_size": .text("\(board.ram.size)"),
      ])
  }
}
