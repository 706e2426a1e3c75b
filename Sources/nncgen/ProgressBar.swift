import Support

/// A line on the terminal that says how far a long step is; nothing when the output goes elsewhere.
struct ProgressBar: Sendable {
  private let isShown = Platform.isTerminal(2)
  private static let width = 30

  /// Shows that `done` of `all` parts are done.
  func show(_ what: String, _ done: Int, of all: Int) {
    guard isShown else { return }
    let filled = all > 0 ? min(Self.width, Self.width * done / all) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    Platform.print("\r\u{1B}[K[\(bar)] \(what)", to: 2)
  }

  func clear() {
    if isShown { Platform.print("\r\u{1B}[K", to: 2) }
  }
}
