#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#endif

extension Platform {
  /// What a program that has ended left behind.
  package struct Outcome: Sendable {
    /// Exit status, or 128 + N after signal N, as a shell says it.
    package let status: Int32
    package let output: String
    /// What it wrote to the standard error.
    package let errors: String
  }

  /// Runs `program` (found in `PATH` when it has no slash) with `arguments` in `folder` and waits.
  ///
  /// The arguments reach the program as they are; a shell only changes the folder.
  ///
  /// - Parameter seconds: after this time the program is ended, and an error is thrown.
  package static func run(
    _ program: String, _ arguments: [String], in folder: String, seconds: Double = 3600
  ) throws(Diagnostic) -> Outcome {
    func failure(_ message: String) -> Diagnostic {
      Diagnostic("program.run", .externalProgram, "\(program): \(message)")
    }
    let log = "\(folder)/.nncgen-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    defer {
      unlink(log + ".out")
      unlink(log + ".err")
    }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, log + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // The child starts with no signal blocked, whatever the calling thread blocks: some programs wait for SIGCHLD.
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
    #else
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let command = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder, program] + arguments
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let error = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
    guard error == 0 else { throw failure("can't be started: \(String(cString: strerror(error)))") }
    var status: Int32 = 0
    let deadline = now() + seconds
    var pause: UInt32 = 200
    while true {
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child { break }
      if ended < 0 && errno != EINTR { throw failure("can't be waited for") }
      if now() > deadline {
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        throw failure("still running after \(Int(seconds)) seconds, ended")
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
    func text(_ path: String) -> String { String(decoding: (try? read(path)) ?? [], as: UTF8.self) }
    let signal = status & 0x7F
    if signal == 0 && status >> 8 & 0xFF == 127 { throw failure("not found in PATH") }
    return Outcome(
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: text(log + ".out"), errors: text(log + ".err"))
  }
}
