package import Codegen
package import Machine
package import Support

/// Bytes of flash and RAM that compiled C takes, read from the ELF objects that the target's compiler makes.
package struct ObjectSize: Equatable, Sendable {
  /// Code, constants, and the initial values of variables.
  package var flash = 0
  /// Variables.
  package var ram = 0

  /// Compiles the C files of `files` for `machine` and adds up their sections.
  package static func measure(_ files: [EmittedFile], machine: Machine) throws(Diagnostic) -> ObjectSize {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      var size = ObjectSize()
      for file in files { try Platform.write(Array(file.text.utf8), to: "\(folder)/\(file.name)") }
      for file in files where file.name.hasSuffix(".c") {
        let compiler = machine.toolchain.compiler
        let arguments = machine.toolchain.flags + Harness.strictFlags + ["-c", file.name, "-o", "object.o"]
        let outcome = try Platform.run(compiler, arguments, in: folder)
        guard outcome.status == 0 else {
          throw Diagnostic(
            "size.compile", .externalProgram, "\(compiler) could not compile \(file.name)",
            notes: outcome.errors.split(separator: "\n").prefix(8).map(String.init))
        }
        try size.add(try Platform.read("\(folder)/object.o"), file: "object.o")
      }
      return size
    }
  }

  /// Adds the allocated sections of an ELF file (little endian, 32 or 64 bits).
  ///
  /// Source of the layout: System V ABI, "Object Files".
  private mutating func add(_ bytes: [UInt8], file: String) throws(Diagnostic) {
    let reader = ByteReader(bytes, file: file, format: "elf")
    guard bytes.starts(with: [0x7F] + Array("ELF".utf8)) else { throw reader.failure("magic", at: 0, "is no ELF file") }
    let is64 = try reader.uint8(at: 4, "the class") == 2
    func word(_ offset: Int) throws(Diagnostic) -> Int {
      is64
        ? Int(truncatingIfNeeded: try reader.uint64(at: offset, "a field"))
        : Int(try reader.uint32(at: offset, "a field"))
    }
    let table = try word(is64 ? 0x28 : 0x20)
    let entrySize = Int(try reader.uint16(at: is64 ? 0x3A : 0x2E, "the size of a section header"))
    let count = Int(try reader.uint16(at: is64 ? 0x3C : 0x30, "the number of sections"))
    for index in 0..<count {
      let header = table + index * entrySize
      let type = try reader.uint32(at: header + 4, "the type of a section")
      let flags = try word(header + 8)
      let size = try word(header + (is64 ? 0x20 : 0x14))
      let (isWritable, isAllocated, hasNoBits) = (flags & 1 != 0, flags & 2 != 0, type == 8)
      guard isAllocated else { continue }
      if !hasNoBits { flash += size }
      if isWritable { ram += size }
    }
  }
}
