package import IR

/// How the C of a model is written.
package struct EmitOptions: Sendable {
  package enum Arena: String, CaseIterable, Sendable {
    /// A static array inside of the C file.
    case `static`
    /// The caller hands over the memory with every call.
    case caller
  }

  /// Prefix of all symbols and stem of the files.
  package var name: String
  package var arena: Arena
  /// Puts the constants into a file of their own.
  package var splitWeights: Bool
  /// One vector with its outputs that becomes a built-in test.
  package var selftest: (inputs: [Tensor], outputs: [Tensor])?
  /// Lines of the comment at the top of each file, after the title.
  package var headerLines: [String]

  package init(
    name: String, arena: Arena = .static, splitWeights: Bool = false,
    selftest: (inputs: [Tensor], outputs: [Tensor])? = nil, headerLines: [String] = []
  ) {
    self.name = name
    self.arena = arena
    self.splitWeights = splitWeights
    self.selftest = selftest
    self.headerLines = headerLines
  }
}

/// A file of the emitted C.
package struct EmittedFile: Equatable, Sendable {
  package let name: String
  package let text: String

  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}
