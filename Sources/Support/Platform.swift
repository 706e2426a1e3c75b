#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#endif

/// Every call into the operating system: files, folders, processes and the terminal.
package enum Platform {
  /// The largest file that is read; a model for a microcontroller is far below it.
  package static let maximumFileSize = 512 << 20

  private static var reason: String { String(cString: strerror(errno)) }

  /// The bytes of the file at `path`.
  package static func read(_ path: String) throws(Diagnostic) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw Diagnostic("file.open", at: .file(path), "can't be opened: \(reason)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Diagnostic("file.read", at: .file(path), "can't be read: \(reason)")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw Diagnostic("file.open", at: .file(path), "is a folder") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { buffer in
        #if canImport(Darwin)
          Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
          Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
          Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Diagnostic("file.read", at: .file(path), "can't be read: \(reason)") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= maximumFileSize else {
        throw Diagnostic("file.size", at: .file(path), "is larger than \(maximumFileSize >> 20) MiB")
      }
    }
  }

  /// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part: the bytes go to a
  /// temporary file beside it, which is synced and renamed.
  package static func write(_ bytes: [UInt8], to path: String) throws(Diagnostic) {
    let temporary = "\(path).nncgen-\(getpid())"
    func failure() -> Diagnostic { Diagnostic("file.write", .usage, at: .file(path), "can't be written: \(reason)") }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw failure() }
    do throws(Diagnostic) {
      try write(bytes, to: descriptor, orThrow: failure)
      guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure() }
      guard close(descriptor) == 0 else { throw failure() }
      guard rename(temporary, path) == 0 else { throw failure() }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, orThrow failure: () -> Diagnostic
  ) throws(Diagnostic) {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { buffer in
        #if canImport(Darwin)
          Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
          Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
          Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      start += count
    }
  }

  /// Writes `text` to the standard output (1) or the standard error (2). A closed pipe is not an error.
  package static func print(_ text: String, to descriptor: Int32 = 1) {
    try? write(Array(text.utf8), to: descriptor) { Diagnostic("file.write", .usage, "can't be written: \(reason)") }
  }

  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Makes the folder at `path` and the folders above it that are missing.
  package static func makeFolder(_ path: String) throws(Diagnostic) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(part) : "/" + part
      guard mkdir(prefix, 0o755) == 0 || errno == EEXIST else {
        throw Diagnostic("file.folder", .usage, at: .file(prefix), "the folder can't be made: \(reason)")
      }
    }
    guard isFolder(path) else { throw Diagnostic("file.folder", .usage, at: .file(path), "is not a folder") }
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in the folder at `path`, sorted, without `.` and `..`.
  package static func list(_ path: String) throws(Diagnostic) -> [String] {
    guard let folder = opendir(path) else { throw Diagnostic("file.open", at: .file(path), "can't be read: \(reason)") }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A new empty folder for the time that `body` runs.
  package static func withTemporaryFolder<T>(_ body: (String) throws(Diagnostic) -> T) throws(Diagnostic) -> T {
    let base = environment("TMPDIR") ?? "/tmp"
    var template = Array("\(base)/nncgen-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Diagnostic("file.folder", .externalProgram, at: .file(base), "no temporary folder can be made: \(reason)")
    }
    let path = String(cString: made)
    defer { remove(path) }
    return try body(path)
  }

  /// Removes the file or the whole folder at `path`; of a symbolic link only the link.
  package static func remove(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? list(path)) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  /// Seconds of a clock that only runs forward.
  package static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
