import Support
import TestSupport
import Testing

/// `nncgen compress`, as a user runs it.
@Suite struct CompressCommandTests {
  private static let model = "Samples/gesture/model_float.tflite"
  private static let data = [
    "--calibrate", "Samples/gesture/calibration.npy", "--eval", "Samples/gesture/calibration.npy",
  ]

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = "\(Platform.environment("TMPDIR") ?? "/tmp")/nncgen-compress-\(UInt64.random(in: 0...UInt64.max))"
    try Platform.makeFolder(folder)
    defer { Platform.remove(folder) }
    try body(folder)
  }

  @Test func compressedModelsAreEmittedAndVerified() throws {
    try inFolder { folder in
      let out = "\(folder)/small.bin"
      let result = try Tool.run(
        ["compress", Self.model, "-o", out, "--rate", "8", "--report", "\(folder)/report.json"]
          + Self.data.prefix(2))
      #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
      for word in ["step", "original", "rate-distortion", "huffman", "quantize", "32.00", "1.0x", " dB", out] {
        #expect(result.output.contains(word), "\(word): \(result.output)")
      }
      let report = "\(folder)/report.json"
      let json = JSONCursor(try JSONParser.parse(try Platform.read(report), file: report), file: report)
      let steps = try json.member("steps").items()
      #expect(
        try steps.map { try $0.member("step").string() } == ["original", "rate-distortion", "huffman", "quantize"])
      #expect(try steps[3].member("compression_rate").double() > 7.5)
      #expect(try json.member("file_bytes").int() == Platform.read(out).count)
      for target in ["host", "cortex-m0"] {
        let verified = try Tool.run(["verify", "--target", target, out])
        #expect(verified.status == 0 && verified.output.hasPrefix("identical: "), "\(verified.errors)")
      }
      // The same again.
      let again = "\(folder)/again.bin"
      _ = try Tool.run(["compress", Self.model, "-o", again, "--rate", "8"] + Self.data.prefix(2))
      #expect(try Platform.read(again) == Platform.read(out))
    }
  }

  @Test func accuracyAndTargetAreShown() throws {
    try inFolder { folder in
      let result = try Tool.run(
        [
          "compress", "Samples/digits/model.tflite", "-o", "\(folder)/x.bin", "--recipe", "exact", "--eval",
          "Samples/digits/samples.npy", "--labels", "Samples/digits/labels.npy", "--target", "cortex-m0",
        ])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("accuracy") && result.output.contains(" % "))
      #expect(result.output.contains("exact"))
      #expect(result.output.contains("bytes of flash") && result.output.contains("identical to the reference"))
    }
  }

  @Test(
    arguments: [
      ([], 2, "MODEL is missing"), ([model], 2, "-o OUT.bin is missing"),
      ([model, "-o", "x.bin"], 2, "--recipe is missing"),
      ([model, "-o", "x.bin", "--recipe", "smallest"], 2, "there is no recipe `smallest`; there are exact, balanced"),
      ([model, "-o", "x.bin", "--recipe", "no/such.json"], 3, "no/such.json"),
      ([model, "-o", "x.bin", "--recipe", "tiny", "--prune", "0.5"], 2, "--prune can't be given with --recipe"),
      ([model, "-o", "x.bin", "--prune", "much"], 2, "--prune: must be a number"),
      ([model, "-o", "x.bin", "--weights", "4"], 2, "quantizing a float network takes typical inputs"),
      ([model, "-o", "x.bin", "--weights", "4", "--labels", "y.npy"], 2, "--eval and --labels belong together"),
      ([model, "--explore"], 2, "--target is missing"),
      (["README.md", "-o", "x.bin", "--recipe", "exact"], 3, "README.md"),
    ] as [([String], Int32, String)])
  func mistakesAreNamed(_ words: [String], _ status: Int32, _ message: String) throws {
    try inFolder { folder in
      let words = words.map { $0 == "x.bin" ? "\(folder)/x.bin" : $0 }
      let result = try Tool.run(["compress"] + words)
      #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
      #expect(result.output.isEmpty && !Platform.exists("\(folder)/x.bin"))
    }
  }

  @Test func stepsAreListed() throws {
    let result = try Tool.run(["compress", "--steps"])
    #expect(result.status == 0)
    try Golden.check(result.output, "compress-steps.txt")
  }
}
