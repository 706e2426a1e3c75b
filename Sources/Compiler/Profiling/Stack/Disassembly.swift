import Support

/// The instructions of a program, as `objdump -d -z --no-show-raw-insn` prints them.
package struct Disassembly: Sendable {
  package struct Instruction: Sendable {
    package let address: Int
    /// In the assembler's language, such as `bne.n`.
    package let mnemonic: Substring
    /// With the comment behind them.
    package let operands: Substring

    /// What stands between commas, without spaces around it, symbols and comments.
    package var list: [Substring] {
      let comment = operands.range(of: "# ")?.lowerBound ?? operands.endIndex
      return operands[..<comment].prefix { !";@<".contains($0) }.split(separator: ",").map { $0.trimmed }
    }

    /// The address that stands before the name of a symbol: where a jump or call leads.
    package var target: Int? {
      guard let end = operands.range(of: " <")?.lowerBound else { return nil }
      let word = operands[..<end].split { " \t,".contains($0) }.last ?? ""
      return Int(word.hasPrefix("0x") ? word.dropFirst(2) : word, radix: 16)
    }
  }

  /// In the order of the addresses.
  package let instructions: [Instruction]
  private let positions: [Int: Int]

  package init(_ text: String) {
    var instructions: [Instruction] = []
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      // `  ADDRESS:`, the mnemonic, the operands.
      let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 2)
      guard fields.count >= 2, let colon = fields[0].firstIndex(of: UInt8(ascii: ":")),
        let address = Int(Substring(fields[0][..<colon]).trimmed, radix: 16)
      else { continue }
      instructions.append(
        Instruction(
          address: address, mnemonic: Substring(fields[1]).trimmed,
          operands: fields.count > 2 ? Substring(fields[2]) : ""))
    }
    instructions.sort { $0.address < $1.address }
    self.instructions = instructions
    positions = Dictionary(
      instructions.enumerated().map { ($0.element.address, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of the instruction at `address` in ``instructions``.
  package func position(of address: Int) -> Int? { positions[address] }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
      return ""
    }
    return self[first...last]
  }

  fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
