package import Codegen
package import IR
import Machine
package import Planning
package import Support

/// A model among others that are compiled as one program, so that many small ones take one run of the compiler: compiling
/// takes more time than running.
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
  /// How many models are compiled as one program at most.
  package static let suiteSize = 40

  /// Runs several models, each in a process of its own, and gives the outputs of each vector, or what went wrong.
  ///
  /// Many models are compiled as one program, as many as the memories of the machine hold. Fails when a program can't be
  /// compiled, which is one for all of its models.
  package func run(suite members: [SuiteMember]) throws(Diagnostic) -> [Result<[[Tensor]], Diagnostic>] {
    var results: [Result<[[Tensor]], Diagnostic>] = []
    while results.count < members.count {
      results += try run(program: members[results.count...].prefix(sizeOfProgram(members[results.count...])))
    }
    return results
  }

  /// How many of the first members share a program: variables of all of them take at most half of the RAM, so that the
  /// stack keeps the other half.
  private func sizeOfProgram(_ members: ArraySlice<SuiteMember>) -> Int {
    let room: Int
    switch machine.runner {
    case .native, .user: room = .max
    case .semihosting(let board): room = board.ram.size / 2
    case .simavr(_, let ram): room = ram / 2
    }
    var bytes = 0
    let fitting = members.prefix(Self.suiteSize).prefix {
      bytes += $0.variables
      return bytes <= room
    }
    return max(fitting.count, 1)
  }

  /// - Returns: for each member; those of a program that is too large for the machine are compiled in two halves.
  private func run(program members: ArraySlice<SuiteMember>) throws(Diagnostic) -> [Result<[[Tensor]], Diagnostic>] {
    do throws(Diagnostic) {
      return try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in try run(members, in: folder) }
    } catch {
      guard error.id == Self.lacksMemory else { throw error }
      guard members.count > 1 else { return [.failure(error)] }
      let half = members.count / 2
      return try run(program: members.prefix(half)) + run(program: members.dropFirst(half))
    }
  }

  private func run(
    _ members: ArraySlice<SuiteMember>, in folder: String
  ) throws(Diagnostic) -> [Result<[[Tensor]], Diagnostic>] {
    var programs: [TestProgram] = []
    for (number, member) in members.enumerated() {
      let own = "\(folder)/\(number)"
      try Platform.makeFolder(own)
      programs.append(
        TestProgram(
          interface: ModelInterface(member.plan, options: member.options), options: member.options,
          counting: .nothing, littleEndian: machine.littleEndian, folder: own, number: UInt8(number)))
    }
    try ProgramBuilder(harness: self, folder: folder).build(suite: zip(programs, members).map { ($0, $1.files) })
    var results: [Result<[[Tensor]], Diagnostic>] = []
    for (program, member) in zip(programs, members) {
      do throws(Diagnostic) {
        try program.write(member.inputs)
        try start(program)
        results.append(.success(try program.outputs(count: member.inputs.count)))
      } catch {
        results.append(.failure(error))
      }
    }
    return results
  }
}

extension SuiteMember {
  /// Bytes of the model's arena, its states and the test program's buffers.
  fileprivate var variables: Int { plan.arena.size + plan.callerBytes + plan.stateBytes }
}
