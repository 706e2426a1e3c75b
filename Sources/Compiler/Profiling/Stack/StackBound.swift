import Codegen
import Machine
import Simulator
import Support

/// The most stack that the run function of a model takes, whatever its input.
///
/// The calls are read from the machine code of the linked program. What a function of the emitted C takes by itself is what the
/// compiler said of it; what a library function takes is read from its instructions. Interrupts come on top.
package enum StackBound: Equatable, Sendable {
  /// A function on the deepest way and the bytes that it takes by itself when it calls the next one.
  package struct Frame: Equatable, Sendable {
    package let function: String
    package let bytes: Int

    package init(function: String, bytes: Int) {
      self.function = function
      self.bytes = bytes
    }
  }

  /// The sum of the frames: bytes below the stack pointer of the caller.
  case bounded([Frame])
  /// There is no bound, or none that can be proved.
  case unknown(reason: String)

  package var bytes: Int? {
    guard case .bounded(let frames) = self else { return nil }
    return frames.reduce(0) { $0 + $1.bytes }
  }

  /// Of a program that was compiled with ``Harness/stackFlag``.
  init(_ harness: Harness, _ program: TestProgram, _ image: ELFImage, files: [EmittedFile]) throws(Diagnostic) {
    guard let architecture = StackArchitecture(machine: image.machine, flags: image.flags) else {
      self = .unknown(reason: "code of this instruction set can't be followed")
      return
    }
    var usage = StackUsage()
    for name in try Platform.list(program.folder) where name.hasSuffix(".su") {
      try usage.add(String(decoding: try Platform.read("\(program.folder)/\(name)"), as: UTF8.self), file: name)
    }
    let code = Disassembly(try harness.disassemble(program))
    let graph = StackGraph(
      architecture: architecture, code: code, usage: usage, symbols: image.symbols, sources: Set(files.map(\.name)))
    self = Self.of(program.options.name + "_run", in: graph)
  }

  /// The bound of `function`.
  package static func of(_ function: String, in graph: StackGraph) -> StackBound {
    var search = StackSearch(graph)
    do throws(Unbounded) {
      guard let entry = graph.symbols.first(where: { $0.isFunction && $0.name == function }) else {
        throw Unbounded("there is no function `\(function)`")
      }
      return .bounded(try search.deepest(from: entry.address).reversed())
    } catch {
      return .unknown(reason: error.reason)
    }
  }
}

/// Why there is no bound.
struct Unbounded: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension Harness {
  /// Makes compilers write what stack each function takes.
  static let stackFlag = "-fstack-usage"

  /// The instructions of a program, by the disassembler that belongs to the compiler.
  fileprivate func disassemble(_ program: TestProgram) throws(Diagnostic) -> String {
    let compiler = self.compiler ?? machine.toolchain.compiler
    let question = try Platform.run(compiler, ["-print-prog-name=objdump"], in: program.folder)
    let answer = question.output.split(separator: "\n").first.map(String.init) ?? "objdump"
    let outcome = try Platform.run(answer, ["-d", "-z", "--no-show-raw-insn", "model"], in: program.folder)
    guard outcome.status == 0 else {
      throw Diagnostic(
        "stack.disassembly", .externalProgram, "\(answer) failed with exit status \(outcome.status)",
        notes: outcome.errors.split(separator: "\n").prefix(4).map(String.init))
    }
    return outcome.output
  }
}
