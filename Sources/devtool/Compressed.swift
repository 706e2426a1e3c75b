import Calibration
import Compiler
import Support

/// What compressed weights buy: the same network with weights of 8 bits, pruned, and of few bits.
enum Compressed {
  static func run(core: String) throws(Diagnostic) {
    let pipeline = try Speed.pipeline(core)
    var first: UInt64?
    for weights in CompressedNetworks.weights {
      let graph = try Pipeline.lower(try CompressedNetworks.network(weights))
      let profile = try pipeline.profile(graph, input: Profile.defaultInput(graph))
      guard profile.isIdentical else {
        throw Diagnostic("devtool.compressed", .negative, "\(weights.name): the answer differs from the reference")
      }
      let total = profile.measurement.total
      let ratio = Double(first ?? total) / Double(total)
      first = first ?? total
      var kernels: [String] = []
      for layer in profile.layers where !kernels.contains(layer.kernel) { kernels.append(layer.kernel) }
      Platform.print(
        "\(weights.name): \(grouped(Int(total))) cycles, \((ratio * 100).rounded() / 100) times fewer; "
          + "\(grouped(profile.memory.flash)) bytes of flash; \(kernels.joined(separator: ", "))\n")
    }
  }
}
