package import Codegen
package import IR
import Machine
package import Planning
package import Support

/// A model among others that are compiled as one program, so that many small ones take one run of the compiler.
package struct SuiteMember: Sendable {
  let plan: Plan
  let files: [EmittedFile]
  let options: EmitOptions
  let inputs: [[Tensor]]

  /// - Parameters:
  ///   - files: the C of `plan`, with a name that no other member has.
  ///   - inputs: the vectors to run.
  package init(_ plan: Plan, _ files: [EmittedFile], _ options: EmitOptions, inputs: [[Tensor]]) {
    self.plan = plan
    self.files = files
    self.options = options
    self.inputs = inputs
  }
}

extension Harness {
  /// Runs several models, each in a process of its own, and gives the outputs of each vector, or what went wrong.
  ///
  /// Fails when the program can't be compiled, which is one for all of them, or when the machine is not this computer.
  package func run(
    suite members: [SuiteMember]
  ) throws(Diagnostic) -> [Result<[[Tensor]], Diagnostic>] {
    guard case .native = machine.runner else {
      throw Diagnostic("harness.suite", .usage, "only this computer runs several models in one program")
    }
    return try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      var programs: [TestProgram] = []
      for member in members {
        let own = "\(folder)/\(member.options.name)"
        try Platform.makeFolder(own)
        programs.append(
          TestProgram(
            interface: ModelInterface(member.plan, options: member.options), options: member.options,
            counting: .nothing, littleEndian: machine.littleEndian, folder: own))
      }
      try ProgramBuilder(harness: self, folder: folder).build(
        suite: zip(programs, members).map { ($0, $1.files) })
      var results: [Result<[[Tensor]], Diagnostic>] = []
      for (number, (program, member)) in zip(programs, members).enumerated() {
        do throws(Diagnostic) {
          try program.write(member.inputs)
          try start("../model", ["\(number)"], in: program, name: "the compiled model")
          results.append(.success(try program.outputs(count: member.inputs.count)))
        } catch {
          results.append(.failure(error))
        }
      }
      return results
    }
  }
}
