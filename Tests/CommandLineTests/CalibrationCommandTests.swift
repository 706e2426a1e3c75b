import Support
import TestSupport
import Testing

/// Float models on the command line.
@Suite struct CalibrationCommandTests {
  private static let model = "Samples/gesture/model_float.tflite"
  private static let calibrate = ["--calibrate", "Samples/gesture/calibration.npy"]

  @Test(arguments: [
    ["emit", "--target", "host"], ["verify"], ["profile", "--target", "cortex-m0"], ["fit", "--core", "cortex-m0"],
    ["inspect", "--memory", "--target", "cortex-m0"],
  ])
  func withoutVectorsTheCommandIsNamed(_ words: [String]) throws {
    let result = try Tool.run(words + [Self.model])
    #expect(result.status == 3 && result.output.isEmpty)
    let command = ([words[0], "--calibrate VECTORS.npy"] + words.dropFirst() + [Self.model]).joined(separator: " ")
    #expect(result.errors.contains("nncgen \(command)\n"), "\(result.errors)")
  }

  @Test func everyCommandTakesVectors() throws {
    let folder = "\(Platform.environment("TMPDIR") ?? "/tmp")/nncgen-float-\(UInt64.random(in: 0...UInt64.max))"
    defer { Platform.remove(folder) }
    let commands = [
      ["emit", "--target", "host", "-o", folder], ["verify"], ["profile", "--target", "cortex-m0"], ["inspect"],
      ["eval", "--input", "Samples/gesture/samples.npy", "--labels", "Samples/gesture/labels.npy"],
      ["convert", "-o", "\(folder)/model.bin"],
    ]
    for ranges in ["mse", "percentile", "minmax", "auto"] {
      for words in ranges == "mse" ? commands : Array(commands.suffix(2)) {
        let result = try Tool.run(words + Self.calibrate + ["--ranges", ranges, Self.model])
        #expect(result.status == 0, "\(words): \(result.errors)")
        let line = result.errors.split(separator: "\n")
        #expect(line.count == 1 && result.errors.hasPrefix("quantized: output `"), "\(result.errors)")
        let chosen = ranges == "auto" ? "" : "\(ranges)\n"
        #expect(result.errors.contains(" dB over 40 vectors, ranges by \(chosen)"), "\(result.errors)")
        if words[0] == "verify" {
          #expect(result.output.hasPrefix("identical: "))
          #expect(result.output.contains("\nbeside the float model: output `"))
        }
        if words[0] == "eval" { #expect(result.output.hasPrefix("accuracy 9"), "\(result.output)") }
      }
    }
    // What convert wrote is an integer model.
    #expect(try Tool.run(["verify", "\(folder)/model.bin"]).status == 0)
  }

  @Test(
    arguments: [
      (["--ranges", "mse", model], 2, "--ranges needs --calibrate"),
      (calibrate + ["--ranges", "widest", model], 2, "must be one of auto, mse, percentile, minmax"),
      (calibrate + ["Samples/gesture/model.tflite"], 2, "is quantized"),
      (calibrate + calibrate + [model], 2, "the model has 1 inputs, but 2 files are given"),
      (["--calibrate", "Samples/digits/samples.npy", model], 3, "is not [number of vectors, 1, 64, 3]"),
      (["--calibrate", "Samples/gesture/samples.npy", model], 3, "holds int8, but the tensor is float32"),
      (["--calibrate", "no-such-file.npy", model], 3, "no-such-file.npy"),
    ] as [([String], Int32, String)])
  func mistakesAreNamed(_ words: [String], _ status: Int32, _ message: String) throws {
    let result = try Tool.run(["emit", "--target", "host"] + words)
    #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
  }

  /// Without vectors a float model can be looked at, run and stored.
  @Test func floatModelsCanBeEvaluated() throws {
    let result = try Tool.run(["inspect", Self.model])
    #expect(result.status == 0 && result.output.contains("float32 [1,1,64,16]"))
    let answer = try Tool.run(["eval", Self.model, "--input", "Samples/gesture/calibration.npy"])
    #expect(answer.status == 0 && answer.output == "40 vectors evaluated\n")
  }
}
