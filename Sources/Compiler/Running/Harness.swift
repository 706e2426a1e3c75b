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

  /// The name of the error that a program does not fit into the target's memories.
  package static let lacksMemory = "harness.memory"

  package let machine: Machine
  package let templates: TemplateLibrary
  /// Compiler that takes the place of the target's, and more flags.
  package var compiler: String?
  package var extraFlags: [String] = []

  /// Seconds after which a program counts as running wild.
  private static let longestRun = 1200.0

  package init(machine: Machine, templates: TemplateLibrary) {
    self.machine = machine
    self.templates = templates
  }

  /// Runs the model of `files` on `inputs` and gives for each vector the values of each output.
  package func run(
    _ files: [EmittedFile], _ plan: Plan, options: EmitOptions, inputs: [[Tensor]]
  ) throws(Diagnostic) -> [[Tensor]] {
    try withProgram(files, plan, options: options) { (program) throws(Diagnostic) in
      try program.write(inputs)
      try start(program)
      return try program.outputs(count: inputs.count)
    }
  }

  /// Compiles and links `files` in a temporary folder, which is there while `body` runs.
  func withProgram<Result>(
    _ files: [EmittedFile], _ plan: Plan, options: EmitOptions, counting: TestProgram.Counting = .nothing,
    _ body: (TestProgram) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let program = TestProgram(
        interface: ModelInterface(plan, options: options), options: options, counting: counting,
        littleEndian: machine.littleEndian, folder: folder)
      try ProgramBuilder(harness: self, folder: folder).build(program, files)
      return try body(program)
    }
  }

  /// Runs the program until its end.
  func start(_ program: TestProgram, more arguments: [String] = []) throws(Diagnostic) {
    let model = "\(program.home)/model"
    switch machine.runner {
    case .native: try start(model, arguments, in: program, name: "the compiled model")
    case .user(let emulator, let fixed): try start(emulator, fixed + arguments + [model], in: program)
    case .semihosting(let board):
      try start(board.program, board.arguments + arguments + ["-kernel", model], in: program)
    case .simavr(let mcu, _):
      try start("\(program.home)/simavr-run", [mcu, model] + arguments, in: program, name: "the program in simavr")
    }
  }

  func start(
    _ command: String, _ arguments: [String], in program: TestProgram, name: String? = nil
  ) throws(Diagnostic) {
    let outcome = try Platform.run(command, arguments, in: program.folder, seconds: Self.longestRun)
    guard outcome.status == 0 else {
      throw Diagnostic(
        "harness.run", .externalProgram, "\(name ?? command) failed with exit status \(outcome.status)",
        notes: outcome.errors.split(separator: "\n").prefix(8).map(String.init))
    }
  }
}
