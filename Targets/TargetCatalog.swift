package import Machine
package import Support

/// The target descriptions that ship inside the program: the `*.json` files of the folders `cores` and `chips`, and what
/// kernels cost on the cores (`costs`).
package enum TargetCatalog {
  /// In the order of the names.
  package static var coreNames: [String] { names(in: "cores") }
  package static var chipNames: [String] { names(in: "chips") }

  /// The text of the description of a core or chip; nil when there is none of that name.
  package static func description(_ name: String) -> String? { text("cores/\(name)") ?? text("chips/\(name)") }

  /// The core or chip called `name`, or described by the file at that path when it ends with `.json`.
  package static func machine(_ name: String) throws(Diagnostic) -> Machine {
    if name.hasSuffix(".json") { return try read(try Platform.read(name), file: name) }
    for folder in ["cores", "chips"] {
      if let text = text("\(folder)/\(name)") {
        return try read(Array(text.utf8), file: "Targets/\(folder)/\(name).json")
      }
    }
    throw Diagnostic(
      "target.unknown", .usage, "unknown target `\(name)`",
      notes: [
        "cores are \(coreNames.joined(separator: ", "))",
        "`nncgen targets` lists them and the chips; the path of a .json file is a target too",
      ])
  }

  private static func read(_ bytes: [UInt8], file: String) throws(Diagnostic) -> Machine {
    let json = JSONCursor(try JSONParser.parse(bytes, file: file), file: file)
    // A chip names its core; a core does not.
    if try json.optional("core") != nil {
      let chip = try Chip(json)
      guard coreNames.contains(chip.core) else {
        throw try json.member("core").failure("must be one of \(coreNames.joined(separator: ", "))")
      }
      return try machine(chip.core).inside(chip)
    }
    let table = try json.member("costs")
    let name = try table.string()
    guard let costs = text("costs/\(name)") else {
      throw table.failure("must be one of \(names(in: "costs").joined(separator: ", "))")
    }
    return try Machine(json, costs: try CostTable(json: Array(costs.utf8), file: "Targets/costs/\(name).json"))
  }

  private static func names(in folder: String) -> [String] {
    EmbeddedFiles.all.map(\.path).filter { $0.hasPrefix("\(folder)/") && $0.hasSuffix(".json") }
      .map { String($0.dropFirst(folder.count + 1).dropLast(5)) }
  }

  private static func text(_ path: String) -> String? {
    EmbeddedFiles.all.first { $0.path == "\(path).json" }?.text
  }
}
