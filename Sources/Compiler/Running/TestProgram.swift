import Codegen
import IR
import Support

/// A compiled test program: the executable `model` in a folder, and the files that it reads and writes.
struct TestProgram: Sendable {
  /// What the program counts while it runs, where the target can't be watched from outside.
  enum Counting: Sendable { case nothing, inferences, layers }

  let interface: ModelInterface
  let options: EmitOptions
  let counting: Counting
  let littleEndian: Bool
  let folder: String
  /// The place of the model in a program of several, which lies in the folder above.
  var number: UInt8?

  /// Path of the executable's folder.
  var home: String { number == nil ? "." : ".." }

  /// The bytes of the executable.
  func executable() throws(Diagnostic) -> [UInt8] { try Platform.read("\(folder)/model") }

  /// Writes the vectors that the program is to read.
  func write(_ inputs: [[Tensor]]) throws(Diagnostic) {
    let number = number.map { [$0] } ?? []
    try Platform.write(number + Self.bytes(inputs, littleEndian: littleEndian), to: "\(folder)/input.bin")
  }

  /// The outputs that the program has written for `count` vectors.
  func outputs(count: Int) throws(Diagnostic) -> [[Tensor]] {
    try decode(try Platform.read("\(folder)/output.bin"), count: count)
  }

  static func bytes(_ vectors: [[Tensor]], littleEndian: Bool) -> [UInt8] {
    vectors.flatMap { $0.flatMap { ordered($0.bytes, $0.type.element.size, littleEndian: littleEndian) } }
  }

  /// The values that the program wrote as `bytes`, for each vector and output.
  func decode(_ bytes: [UInt8], count: Int) throws(Diagnostic) -> [[Tensor]] {
    let types = interface.outputs.map(\.info.type)
    let size = types.reduce(0) { $0 + $1.byteCount }
    guard bytes.count == size * count else {
      throw Diagnostic(
        "harness.output", .externalProgram, "the compiled model wrote \(bytes.count) bytes instead of \(size * count)")
    }
    var results: [[Tensor]] = []
    var position = 0
    for _ in 0..<count {
      var outputs: [Tensor] = []
      for type in types {
        let part = Array(bytes[position..<position + type.byteCount])
        outputs.append(
          try Tensor(type, bytes: Self.ordered(part, type.element.size, littleEndian: littleEndian)))
        position += type.byteCount
      }
      results.append(outputs)
    }
    return results
  }

  /// Little-endian values of `size` bytes in the order of the target, or the other way round.
  private static func ordered(_ bytes: [UInt8], _ size: Int, littleEndian: Bool) -> [UInt8] {
    guard !littleEndian, size > 1 else { return bytes }
    return stride(from: 0, to: bytes.count, by: size).flatMap { bytes[$0..<min($0 + size, bytes.count)].reversed() }
  }
}
