import Compiler
import Compression
import IR
import Machine
import Support

/// `nncgen compress --explore`: many recipes, measured on the target.
enum CompressionExploration {
  private struct Result {
    let name: String
    let statistics: CompressionStatistics
    let figures: TargetFigures

    var point: Exploration.Point {
      Exploration.Point(
        quality: statistics.accuracy ?? statistics.outputDecibels ?? 0, flash: figures.flash, cycles: figures.cycles)
    }
  }

  static func run(
    _ arguments: Arguments, _ graph: Graph, name: String, _ context: CompressionContext, _ evaluation: LabelledVectors?
  ) throws(Diagnostic) {
    guard arguments.has("--target") else {
      throw arguments.command.usage("--explore measures on a target: --target is missing")
    }
    guard evaluation != nil || !context.calibration.isEmpty else {
      throw arguments.command.usage(
        "--explore compares accuracy or errors: it needs --eval with --labels, or --calibrate")
    }
    let progress = ProgressBar()
    var results: [Result] = []
    for place in Exploration.recipes.indices {
      let name = Exploration.recipes[place].name
      progress.show(name, place, of: Exploration.recipes.count)
      var compressor = try Compressor(graph, context, evaluation: evaluation)
      try compressor.run(try Exploration.recipe(place))
      guard let last = compressor.statistics.last else { continue }
      results.append(
        Result(name: name, statistics: last, figures: try TargetFigures(arguments, compressor.network.graph)))
    }
    progress.clear()
    Platform.print(table(results, name: name, hasAccuracy: evaluation != nil))
    if let report = arguments.value("--report") {
      let front = Set(Exploration.front(results.map(\.point)))
      let items = results.enumerated().map { index, result in
        JSON.object([
          ("recipe", .string(result.name)), ("front", .bool(front.contains(index))),
          ("statistics", result.statistics.json), ("measured", result.figures.json),
        ])
      }
      try Platform.write(Array((JSON.array(items).text(indent: 2) + "\n").utf8), to: report)
    }
  }

  private static func table(_ results: [Result], name: String, hasAccuracy: Bool) -> String {
    let front = Set(Exploration.front(results.map(\.point)))
    let unit = results.first?.figures.unit ?? "cycles"
    var table = Table(
      ["", "recipe", "rate", hasAccuracy ? "accuracy" : "output", "flash", "RAM", unit], rightAligned: [2, 3, 4, 5, 6])
    for (index, result) in results.enumerated() {
      let quality =
        hasAccuracy
        ? percent(result.statistics.accuracy ?? 0) : "\(tenths(result.statistics.outputDecibels ?? 0)) dB"
      table.add([
        front.contains(index) ? "*" : "", result.name, tenths(result.statistics.rate) + "x", quality,
        grouped(result.figures.flash), grouped(result.figures.ram), grouped(result.figures.cycles),
      ])
    }
    let target = results.first?.figures.target ?? ""
    return "\(name) on \(target); * = no other is at least as good in \(hasAccuracy ? "accuracy" : "error"), flash and "
      + "\(unit)\n\n" + table.text
  }
}
