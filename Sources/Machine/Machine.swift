/// A core as the compiler sees it: facts of the instruction set, the C compiler, and how its programs are run.
///
/// Read from a JSON file of the folder `Targets`; no pass or kernel tests a target by its name.
package struct Machine: Sendable {
  /// Cycles of the operations that cost models count.
  package struct Cycles: Sendable {
    package let load: Int
    package let store: Int
    package let add: Int
    package let multiply: Int
    /// A taken branch.
    package let branch: Int
    /// A call with its return.
    package let call: Int
    /// A 32×32→64-bit multiplication with its 64-bit shift.
    package let multiplyLong: Int
    /// A 32-bit division.
    package let divide: Int
  }

  package struct Toolchain: Sendable {
    package let compiler: String
    package let flags: [String]
  }

  /// How a test program for the core is linked and run.
  package enum Runner: Sendable {
    /// As a process of this machine.
    case native
    /// On an emulated board whose program reaches this machine's files by Arm semihosting.
    case semihosting(program: String, arguments: [String], board: Board)
  }

  /// Memories of an emulated board: start addresses and sizes in bytes.
  package struct Board: Sendable {
    package let flash: Memory
    package let ram: Memory
  }

  package struct Memory: Sendable {
    package let origin: Int
    package let size: Int
  }

  package let name: String
  package let summary: String
  package let intBits: Int
  package let littleEndian: Bool
  package let cycles: Cycles
  package let toolchain: Toolchain
  package let runner: Runner
}
