/// Numbers of the container `model.bin`; `FORMAT.md` describes it.
enum ModelBinaryFormat {
  static let magic = Array("NNCG".utf8)
  static let version: UInt32 = 1
  /// Magic, version, size and checksum of the graph header.
  static let prefixSize = 16
  /// Payload blocks start at multiples of this.
  static let alignment = 16
  static let maximumHeaderSize = 64 << 20
  static let maximumTensors = 1 << 20

  static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}
