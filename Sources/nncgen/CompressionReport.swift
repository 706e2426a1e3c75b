import Compiler
import Compression
import IR
import Machine
import Support

/// What a compressed network takes on a target.
struct TargetFigures {
  let target: String
  let unit: String
  let cycles: Int
  let flash: Int
  let ram: Int
  let isIdentical: Bool

  /// Measures a compressed network on the target of `arguments`.
  init(_ arguments: Arguments, _ graph: Graph) throws(Diagnostic) {
    let pipeline = try arguments.pipeline()
    var graph = graph.compacted
    if arguments.has("--optimize") { graph.isCompressed = false }
    let lowered = try Pipeline.lower(graph)
    let profile = try pipeline.profile(lowered, input: Profile.defaultInput(lowered))
    target = pipeline.machine.name
    unit = profile.machine.countedUnit
    cycles = Int(clamping: profile.measurement.total)
    flash = profile.memory.flash
    ram = profile.ram
    isIdentical = profile.isIdentical
  }

  var text: String {
    "\(target): \(grouped(cycles)) \(unit) an inference, \(grouped(flash)) bytes of flash, \(grouped(ram)) of RAM, "
      + "answer \(isIdentical ? "identical to" : "DIFFERENT from") the reference\n"
  }

  var json: JSON {
    .object([
      ("target", .string(target)), (unit, .int(cycles)), ("flash", .int(flash)), ("ram", .int(ram)),
      ("identical", .bool(isIdentical)),
    ])
  }
}

/// What `nncgen compress` prints.
enum CompressionReport {
  static func table(_ compressor: Compressor, name: String) -> String {
    let all = compressor.statistics
    let (hasAnswers, hasAccuracy) = (all.contains { $0.outputDecibels != nil }, all.contains { $0.accuracy != nil })
    var header = ["step", "weight bytes", "bits/weight", "density", "rate", "MACs"]
    if hasAnswers { header.append("output") }
    if hasAccuracy { header.append("accuracy") }
    var table = Table(header, rightAligned: Set(1..<header.count))
    for step in all {
      var row = [
        step.step, grouped(step.bytes), hundredths(step.bitsPerWeight), percent(step.density), tenths(step.rate) + "x",
        grouped(step.multiplyAccumulates),
      ]
      if hasAnswers { row.append(step.outputDecibels.map { $0 == .infinity ? "exact" : "\(tenths($0)) dB" } ?? "") }
      if hasAccuracy { row.append(step.accuracy.map(percent) ?? "") }
      table.add(row)
    }
    let notes = all.flatMap { step in step.notes.map { "\(step.step): \($0)\n" } }
    return "\(name), \(grouped(all[0].originalWeights)) weights in \(all[0].layers.count) layers\n\n" + table.text
      + (notes.isEmpty ? "" : "\n" + notes.joined()) + "\n"
  }

  static func json(_ compressor: Compressor, file: Int, _ measured: TargetFigures?) -> JSON {
    .object(
      [("file_bytes", .int(file)), ("steps", .array(compressor.statistics.map(\.json)))]
        + (measured.map { [("measured", $0.json)] } ?? []))
  }

  /// The text of `--steps`.
  static var steps: String {
    var text = "A recipe is a JSON file such as\n\n"
    text +=
      #"  {"steps": [{"step": "prune", "ratio": 0.6}, {"step": "share", "values": 16}, {"step": "huffman"}]}"# + "\n\n"
    text += "Steps run in their order. A network that is still float after the last one becomes int8.\n\nsteps:\n"
    for step in Recipe.known {
      text += "\n  \(step.name)\(step.isLossless ? " (lossless)" : "")\n      \(step.summary)\n"
      for option in step.options {
        text += "    \"\(option.name)\": \(option.values)\n" + wrapped(option.meaning, indent: 8)
      }
    }
    text += "\nrecipes that come with the program:\n"
    for (_, recipe) in Recipe.shipped {
      text += "\n" + recipe.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
    return text
  }

  /// Lines of at most 120 characters with `indent` spaces before them.
  private static func wrapped(_ text: String, indent: Int) -> String {
    let space = String(repeating: " ", count: indent)
    var lines = [space]
    for word in text.split(separator: " ") {
      if lines[lines.count - 1].count + word.count >= 120 { lines.append(space) }
      lines[lines.count - 1] += (lines[lines.count - 1].count > indent ? " " : "") + word
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func hundredths(_ value: Double) -> String {
    let number = Int((value * 100).rounded())
    return "\(number / 100).\(number / 10 % 10)\(number % 10)"
  }
}
