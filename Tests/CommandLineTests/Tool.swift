import Foundation
import Support
import TestSupport
import Testing

/// The program that was built, run as a user runs it.
enum Tool {
  static let path: String = {
    let test =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent("nncgen").path
  }()

  /// Runs the program with `arguments` in `folder`.
  ///
  /// Foundation's `Process` is not used: its way of waiting blocks when tests run side by side.
  static func run(
    _ arguments: [String], in folder: String = Repository.root
  ) throws(Diagnostic) -> Platform.Outcome {
    try Platform.run(path, arguments, in: folder, seconds: 300)
  }

  /// Runs another program in `folder`; fails unless it ends with status 0.
  @discardableResult
  static func shell(_ program: String, _ arguments: [String], in folder: String) throws -> String {
    let outcome = try Platform.run(program, arguments, in: folder, seconds: 300)
    #expect(outcome.status == 0, "\(program) \(arguments.joined(separator: " ")):\n\(outcome.output)\(outcome.errors)")
    return outcome.output
  }
}
