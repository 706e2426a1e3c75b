/// Flash and RAM of a simulated chip.
struct MemoryMap {
  let flash: UnsafeMutablePointer<UInt8>
  let flashOrigin: UInt32
  let flashSize: UInt32
  let ram: UnsafeMutablePointer<UInt8>
  let ramOrigin: UInt32
  let ramSize: UInt32

  /// Memories full of zeros.
  ///
  /// Sizes are multiples of 4, so that an aligned word that begins inside also ends inside.
  init(flash: MemoryRange, ram: MemoryRange) {
    func zeros(_ size: UInt32) -> UnsafeMutablePointer<UInt8> {
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(size))
      bytes.initialize(repeating: 0, count: Int(size))
      return bytes
    }
    (flashOrigin, flashSize) = (flash.origin & ~3, flash.size & ~3)
    (ramOrigin, ramSize) = (ram.origin & ~3, ram.size & ~3)
    self.flash = zeros(flashSize)
    self.ram = zeros(ramSize)
  }

  func free() {
    flash.deallocate()
    ram.deallocate()
  }

  /// Where `size` bytes at `address` are; nil when not all of them are in one memory.
  func pointer(_ address: UInt32, size: Int) -> UnsafeMutablePointer<UInt8>? {
    func offset(_ origin: UInt32, _ limit: UInt32) -> Int? {
      let offset = address &- origin
      return offset <= limit && size >= 0 && size <= Int(limit) - Int(offset) ? Int(offset) : nil
    }
    if let offset = offset(ramOrigin, ramSize) { return ram + offset }
    return offset(flashOrigin, flashSize).map { flash + $0 }
  }
}

/// A range of addresses.
package struct MemoryRange: Equatable, Sendable {
  package let origin: UInt32
  package let size: UInt32

  package init(origin: UInt32, size: UInt32) {
    self.origin = origin
    self.size = size
  }

  package var end: UInt32 { origin &+ size }
}
