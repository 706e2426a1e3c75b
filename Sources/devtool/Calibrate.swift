import Calibration
import Compiler
import IR
import Machine
import Operators
import Support
import TargetCatalog

/// Measures the cost table of a core anew.
enum Calibrate {
  /// Prints the table, or writes it to `file`; says on stderr how far it is off.
  ///
  /// - Parameter kernels: only these are measured, on the networks that have layers for them, and what is known of others stays;
  ///   empty for all.
  static func run(core: String, file: String?, kernels: [String] = []) throws(Diagnostic) {
    let pipeline = try pipeline(core)
    guard pipeline.machine.countedUnit == "cycles" else {
      throw Diagnostic("calibrate.core", .usage, "the cycles of \(core) are not known")
    }
    var calibration = Calibration(pipeline)
    for network in try CalibrationNetworks.all() where try has(network, kernels) {
      Platform.print("\(network.file)\n", to: 2)
      try calibration.measure(network, kernels: kernels)
    }
    var table = calibration.table()
    if !kernels.isEmpty { table = pipeline.machine.costs.with(kernels, from: table) }
    for sample in calibration.samples {
      let error = Calibration.error(table, sample) ?? .infinity
      let percent = (error * 1000).rounded() / 10
      let mark = abs(error) > 0.1 ? "  <" : ""
      Platform.print(
        "\(sample.network) \(sample.layer) \(sample.kernel) \(sample.cycles): \(percent) %\(mark)\n", to: 2)
    }
    try write(table, pipeline, to: file)
  }

  /// Whether one of the kernels can compute a layer of the network; true for no kernels.
  private static func has(_ network: Graph, _ kernels: [String]) throws(Diagnostic) -> Bool {
    if kernels.isEmpty { return true }
    return try Pipeline.lower(network).nodes.contains { node in
      (node.op as? any EmittableOperator).map { type(of: $0).kernels.contains { kernels.contains($0.name) } } ?? false
    }
  }

  /// Measures only the sizes of the code anew, which needs no simulated runs; cycles stay as they are.
  static func sizes(core: String, file: String?) throws(Diagnostic) {
    let pipeline = try pipeline(core)
    var calibration = Calibration(pipeline)
    for network in try CalibrationNetworks.all() {
      Platform.print("\(network.file)\n", to: 2)
      try calibration.measure(network, cycles: false)
    }
    try write(calibration.table(cycles: pipeline.machine.costs.cycles), pipeline, to: file)
  }

  private static func pipeline(_ core: String) throws(Diagnostic) -> Pipeline {
    // The ATmega328P has too little RAM for the networks; the ATmega1284P has the same instructions.
    try Speed.pipeline(core == "avr" ? "atmega1284p" : core)
  }

  private static func write(_ table: CostTable, _ pipeline: Pipeline, to file: String?) throws(Diagnostic) {
    let version = try Platform.run(pipeline.machine.toolchain.compiler, ["-dumpversion"], in: ".").output
    let compiler = "\(pipeline.machine.toolchain.compiler) \(version.split(separator: "\n").first ?? "")"
    let text = Calibration.text(table, compiler: compiler)
    if let file { try Platform.write(Array(text.utf8), to: file) } else { Platform.print(text) }
  }
}

extension CostTable {
  /// This table with the costs of `kernels` as `other` has them, and with the functions that it did not know.
  fileprivate func with(_ kernels: [String], from other: CostTable) -> CostTable {
    func merged<Value>(_ own: [String: Value], _ new: [String: Value]) -> [String: Value] {
      own.merging(new.filter { kernels.contains($0.key) }) { $1 }
    }
    return CostTable(
      core: core, cycles: merged(cycles, other.cycles),
      functionBytes: functionBytes.merging(other.functionBytes) { own, _ in own },
      layerBytes: merged(layerBytes, other.layerBytes))
  }
}
