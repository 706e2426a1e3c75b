/// A core as the compiler sees it: facts of the instruction set, the C compiler, and how its programs are run.
///
/// Read from a JSON file of the folder `Targets`; no pass or kernel tests a target by its name.
package struct Machine: Sendable {
  /// How a program reads its constant tables.
  package enum TableAccess: String, CaseIterable, Sendable {
    /// Like variables.
    case plain
    /// By instructions of their own, from the program memory of an AVR.
    case programMemory = "program-memory"
    /// In aligned words: the flash of an ESP8266.
    case words
  }

  package struct Toolchain: Sendable {
    package let compiler: String
    package let flags: [String]
  }

  /// Name of the core, or of the chip when there is one.
  package var name: String { chip?.name ?? core }
  package let core: String
  package let summary: String
  package let intBits: Int
  package let littleEndian: Bool
  /// Bytes of the largest array that compilers take: as far as a signed index reaches.
  package var largestObject: Int { intBits == 16 ? Int(Int16.max) : Int.max }
  package let tableAccess: TableAccess
  /// What kernels cost; of the core itself or of the most similar one that was measured.
  package var costs: CostTable
  package internal(set) var toolchain: Toolchain
  package internal(set) var runner: Runner
  package internal(set) var counter: Counter
  /// The chip around the core, when one was chosen.
  package internal(set) var chip: Chip?
}
