import CCode
package import Codegen
package import IR
package import Machine
import Operators
package import Planning
package import Support

/// Compiles emitted C with a small test program, runs it on vectors, and gives back what it answers.
package struct Harness: Sendable {
  /// The flags under which emitted C must compile without a warning.
  package static let strictFlags = [
    "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Werror",
  ]

  package let machine: Machine
  package let templates: TemplateLibrary
  /// Compiler that takes the place of the target's, and more flags.
  package var compiler: String?
  package var extraFlags: [String] = []

  package init(machine: Machine, templates: TemplateLibrary) {
    self.machine = machine
    self.templates = templates
  }

  /// Runs the model of `files` on `inputs` and gives for each vector the values of each output.
  package func run(
    _ files: [EmittedFile], _ plan: Plan, options: EmitOptions, inputs: [[Tensor]]
  ) throws(Diagnostic) -> [[Tensor]] {
    let interface = ModelInterface(plan.graph, options: options)
    return try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try build(files, interface, options, in: folder)
      try Platform.write(inputs.flatMap { $0.flatMap(\.bytes) }, to: "\(folder)/input.bin")
      try start(in: folder)
      let bytes = try Platform.read("\(folder)/output.bin")
      return try decode(bytes, interface.outputs.map(\.info.type), vectors: inputs.count)
    }
  }

  private func decode(_ bytes: [UInt8], _ types: [TensorType], vectors: Int) throws(Diagnostic) -> [[Tensor]] {
    let size = types.reduce(0) { $0 + $1.byteCount }
    guard bytes.count == size * vectors else {
      throw Diagnostic(
        "harness.output", .externalProgram,
        "the compiled model wrote \(bytes.count) bytes instead of \(size * vectors)")
    }
    var results: [[Tensor]] = []
    var position = 0
    for _ in 0..<vectors {
      var outputs: [Tensor] = []
      for type in types {
        outputs.append(try Tensor(type, bytes: Array(bytes[position..<position + type.byteCount])))
        position += type.byteCount
      }
      results.append(outputs)
    }
    return results
  }

  /// Compiles and links the program `model` in `folder`.
  private func build(
    _ files: [EmittedFile], _ interface: ModelInterface, _ options: EmitOptions, in folder: String
  ) throws(Diagnostic) {
    var sources = files
    sources.append(EmittedFile(name: "main.c", text: try mainText(interface, options)))
    sources.append(EmittedFile(name: "harness.h", text: try templates.render("harness/harness.h", [:])))
    var link: [String] = []
    switch machine.runner {
    case .native:
      sources.append(EmittedFile(name: "native.c", text: try templates.render("harness/native.c", [:])))
    case .semihosting(_, _, let board):
      sources.append(EmittedFile(name: "semihosting.c", text: try templates.render("harness/semihosting.c", [:])))
      sources.append(EmittedFile(name: "board.ld", text: try linkerScript(board)))
      link = ["-nostartfiles", "-nostdlib", "-Wl,--gc-sections", "-T", "board.ld", "-lgcc"]
    }
    for source in sources { try Platform.write(Array(source.text.utf8), to: "\(folder)/\(source.name)") }
    let program = compiler ?? machine.toolchain.compiler
    let units = sources.map(\.name).filter { $0.hasSuffix(".c") }
    let arguments =
      machine.toolchain.flags + Self.strictFlags + ["-ffunction-sections", "-fdata-sections"] + extraFlags
      + ["-o", "model"] + units + link
    let outcome = try Platform.run(program, arguments, in: folder)
    guard outcome.status == 0 else {
      throw Diagnostic(
        "harness.compile", .externalProgram,
        "\(program) could not compile the emitted C (exit status \(outcome.status))",
        notes: outcome.errors.split(separator: "\n").prefix(12).map(String.init))
    }
  }

  private func mainText(_ interface: ModelInterface, _ options: EmitOptions) throws(Diagnostic) -> String {
    func named(_ parameters: some Sequence<ModelInterface.Parameter>) -> Template.Value {
      .list(parameters.map { ["name": .text($0.name)] })
    }
    let arena = options.arena == .caller ? ["memory"] : []
    return try templates.render(
      "harness/main.c",
      [
        "name": .text(options.name),
        "PREFIX": .text("\(options.name)_".uppercased()),
        "buffers": .list(
          (interface.inputs + interface.outputs).map {
            [
              "type": .text($0.info.type.element.cName), "name": .text($0.name),
              "size": .text("\($0.info.type.shape.elementCount)"),
            ]
          }),
        "caller_arena": .flag(options.arena == .caller),
        "first_input": .text(interface.inputs.first?.name ?? ""),
        "more_inputs": named(interface.inputs.dropFirst()),
        "arguments": .text((arena + (interface.inputs + interface.outputs).map(\.name)).joined(separator: ", ")),
        "outputs": named(interface.outputs),
      ])
  }

  private func linkerScript(_ board: Machine.Board) throws(Diagnostic) -> String {
    try templates.render(
      "harness/cortex-m.ld",
      [
        "flash_origin": .text("\(board.flash.origin)"), "flash_size": .text("\(board.flash.size)"),
        "ram_origin": .text("\(board.ram.origin)"), "ram_size": .text("\(board.ram.size)"),
      ])
  }

  /// Runs the program `model` in `folder`.
  private func start(in folder: String) throws(Diagnostic) {
    let outcome: Platform.Outcome
    let program: String
    switch machine.runner {
    case .native:
      program = "the compiled model"
      outcome = try Platform.run("./model", [], in: folder)
    case .semihosting(let emulator, let arguments, _):
      program = emulator
      outcome = try Platform.run(emulator, arguments + ["-kernel", "model"], in: folder)
    }
    guard outcome.status == 0 else {
      throw Diagnostic(
        "harness.run", .externalProgram, "\(program) failed with exit status \(outcome.status)",
        notes: outcome.errors.split(separator: "\n").prefix(8).map(String.init))
    }
  }
}
