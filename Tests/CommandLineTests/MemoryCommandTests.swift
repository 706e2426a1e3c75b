import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

/// `inspect --memory`, and what errors and profiles say of the arena, as a user sees them.
@Suite struct MemoryCommandTests {
  private let digits = "Samples/digits/model.bin"

  private func inspect(_ model: String, _ options: [String]) throws -> Platform.Outcome {
    try Tool.run(["inspect", "--memory", "--target", "cortex-m0", model] + options)
  }

  @Test func theArenaIsDrawn() throws {
    let whole = try inspect(digits, [])
    #expect(whole.status == 0, "\(whole.errors)")
    try Golden.check(whole.output, "memory-digits.txt")
    let chained = try inspect(digits, ["--optimize", "ram", "--reuse-input", "--reuse-output"])
    #expect(chained.status == 0, "\(chained.errors)")
    try Golden.check(chained.output, "memory-digits-ram.txt")
    for line in (whole.output + chained.output).split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test func unusualNetworksAreDrawn() throws {
    func lines(_ fixture: String, _ options: [String] = []) throws -> [Substring] {
      let result = try inspect("Tests/Fixtures/operators/\(fixture)/model.tflite", options)
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.output.split(separator: "\n")
      for line in lines { #expect(line.count <= 100, "\(line)") }
      return lines
    }
    let nothing = try lines("expand_dims_first")
    #expect(nothing.contains("arena    none is needed") && nothing.contains { $0.hasPrefix("caller   512 bytes more") })
    let split = try lines("chain_split_concatenation", ["--reuse-input", "--reuse-output"])
    #expect(split.contains("N.M      output M of layer N") && split.contains { $0.hasPrefix("0.1 ") })
    #expect(split.contains { $0.hasPrefix("in ") && $0.hasSuffix("input `input_0`") })
  }

  @Test func theSameIsThereAsData() throws {
    for options in [[], ["--optimize", "ram", "--reuse-input", "--reuse-output"]] {
      let result = try inspect(digits, ["--json"] + options)
      let json = JSONCursor(try JSONParser.parse(result.output.utf8, file: "map"), file: "map")
      let arena = try json.member("arena")
      let bytes = try arena.member("bytes").int()
      let buffers = try json.member("buffers").items()
      let ends = try buffers.map { try $0.member("offset").int() + $0.member("bytes").int() }
      #expect(ends.max() == bytes)
      #expect(try arena.member("peak").int() <= bytes && arena.member("lower_bound").int() <= bytes)
      let layers = try json.member("layers").items()
      for peak in try arena.member("peak_layers").items() {
        #expect(try layers[try peak.int()].member("bytes").int() == arena.member("peak").int())
      }
      let labels = try buffers.map { try $0.member("label").string() }
      for layer in layers {
        for label in try layer.member("buffers").items() { #expect(labels.contains(try label.string())) }
      }
      #expect(try json.member("chains").items().isEmpty == options.isEmpty)
      #expect(try json.member("caller").items().count == (options.isEmpty ? 2 : 0))
      // What `profile` measures is the arena that is drawn.
      let profile = try Tool.run(["profile", "--target", "cortex-m0", "--json", digits] + options)
      let ram = try JSONCursor(try JSONParser.parse(profile.output.utf8, file: "profile"), file: "profile").member(
        "ram")
      #expect(try ram.member("arena").int() == bytes)
      #expect(try ram.member("arena_lower_bound").int() == arena.member("lower_bound").int())
    }
  }

  /// Layers that do not stand side by side are drawn in blocks.
  @Test func longNetworksAreDrawnInBlocks() throws {
    var builder = GraphBuilder()
    var tensor = try builder.input([1, 6, 6, 1])
    for layer in 0..<50 {
      tensor = try builder.filtered(tensor, (0..<9).map { Int32(($0 * 7 + layer) % 11) - 5 }, bias: Int32(layer))
    }
    builder.graph.outputs = [tensor]
    let bytes = try ModelBinaryWriter.write(builder.graph)
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try Platform.write(bytes, to: "\(folder)/long.bin")
      let result = try Tool.run(["inspect", "--memory", "--target", "cortex-m0", "\(folder)/long.bin"])
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.output.split(separator: "\n")
      for line in lines { #expect(line.count <= 100, "\(line)") }
      let heads = lines.filter { $0.drop { $0 == " " }.hasPrefix("layer  ") }
      #expect(heads.count == 2)
      let drawn = heads.flatMap { $0.split(separator: " ").dropFirst().compactMap { Int($0) } }
      #expect(drawn == Array(0..<50))
    }
  }

  @Test func optionsOfTheMapNeedIt() throws {
    for options in [["--target", "cortex-m0"], ["--max-ram", "4K"], ["--reuse-input"], ["--optimize", "ram"]] {
      let result = try Tool.run(["inspect", digits] + options)
      #expect(result.status == 2 && result.errors.contains("\(options[0]) is for the map of the memory"))
    }
    let result = try Tool.run(["inspect", "--memory", digits])
    #expect(result.status == 2 && result.errors.contains("--target is missing"))
  }

  @Test func aBrokenBudgetOfRAMNamesTheLayersAtThePeak() throws {
    let ram = ["--target", "cortex-m0", "--optimize", "ram"]
    let profile = try Tool.run(["profile", "--json", digits] + ram)
    let used = try JSONCursor(try JSONParser.parse(profile.output.utf8, file: "profile"), file: "profile").member("ram")
    let bytes = try used.member("arena").int() + used.member("static").int() + used.member("stack").int()
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let enough = try Tool.run(["emit", digits, "-o", folder, "--max-ram", "\(bytes)"] + ram)
      #expect(enough.status == 0, "\(enough.errors)")
    }
    // A byte less is refused; the map is drawn for all that.
    let map = try inspect(digits, ["--optimize", "ram", "--max-ram", "\(bytes - 1)"])
    #expect(map.status == 1 && map.output.contains("\narena    "))
    let peak = try #require(map.output.split(separator: "\n").first { $0.hasPrefix("peak  ") })
    let layers = peak.split(separator: " ").compactMap { Int($0.filter { $0 != "," }) }.dropFirst()
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let result = try Tool.run(["emit", digits, "-o", "\(folder)/out", "--max-ram", "\(bytes - 1)"] + ram)
      #expect(result.status == 1 && !Platform.exists("\(folder)/out"))
      #expect(result.errors.contains(", 1 more than --max-ram "))
      #expect(result.errors.contains("note: the RAM is arena "))
      let notes = result.errors.split(separator: "\n").filter { $0.contains(" in layer ") }
      #expect(notes.count == min(3, layers.count) && notes.count > 0)
      #expect(notes.first?.contains("the arena is fullest in layer ") == true)
      #expect(notes.first?.contains(" bytes, of them `") == true)
      for (note, layer) in zip(notes, layers) { #expect(note.contains(" in layer \(layer), "), "\(note)") }
    }
  }
}
