import Support
import TestSupport
import Testing

@Suite struct CommandTests {
  private let digits = "Samples/digits/model.bin"

  @Test(arguments: ["", "emit", "verify", "inspect", "convert", "compress", "eval", "profile", "fit", "targets"])
  func helpIsAsRecorded(_ command: String) throws {
    let result = try Tool.run(command.isEmpty ? ["--help"] : [command, "--help"])
    #expect(result.status == 0 && result.errors.isEmpty)
    try Golden.check(result.output, "help\(command.isEmpty ? "" : "-\(command)").txt")
  }

  @Test(
    arguments: [
      ([], 2), (["--version"], 0), (["frobnicate"], 2), (["emit"], 2), (["emit", "x"], 2),
      (["emit", "--target", "z80", "Samples/digits/model.bin"], 2),
      (["emit", "--target", "host", "--arena", "heap", "Samples/digits/model.bin"], 2),
      (["emit", "--target", "host", "--nonsense", "Samples/digits/model.bin"], 2),
      (["emit", "--target", "host", "--name", "1x", "Samples/digits/model.bin"], 2),
      (["emit", "--target", "host", "--dump-after", "nothing", "Samples/digits/model.bin"], 2),
      (["emit", "--target", "host", "--max-ram", "few", "Samples/digits/model.bin"], 2),
      (["inspect", "no-such-file"], 3), (["inspect", "Samples"], 3), (["inspect", "README.md"], 3),
      (["convert", "Samples/digits/model.bin"], 2), (["eval", "Samples/digits/model.bin"], 2),
      (["verify", "Samples/digits/model.bin", "--expect", "x.npy"], 2),
      (["verify", "Samples/digits/model.bin", "--input", "Samples/gesture/input.npy"], 3),
      (["verify", "Samples/digits/model.bin", "--cc", "no-such-compiler"], 4),
      (
        [
          "verify", "Samples/digits/model.bin", "--input", "Samples/digits/output.npy,Samples/digits/output.npy",
        ], 2
      ), (["targets", "z80"], 2), (["targets", "host"], 0), (["targets"], 0),
    ] as [([String], Int32)])
  func exitStatusesAreAsDocumented(_ arguments: [String], _ status: Int32) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == status, "\(result.errors)")
    // Success says nothing on the standard error; failure says it there, in one error.
    #expect(result.errors.isEmpty == (status == 0))
    if status > 2 { #expect(result.errors.hasPrefix("error: ") && result.output.isEmpty) }
  }

  @Test func inspectShowsTheLayers() throws {
    for sample in Repository.samples {
      let result = try Tool.run(["inspect", "\(sample.path)/model.bin"])
      try Golden.check(result.output, "inspect-\(sample).txt")
      let json = try JSONParser.parse(
        try Tool.run(["inspect", "--json", "\(sample.path)/model.bin"]).output.utf8, file: "inspect")
      let cursor = JSONCursor(json, file: "inspect")
      #expect(try cursor.member("macs").int() > 0)
      #expect(try cursor.member("layers").items().count > 3)
    }
  }

  @Test func evalPrintsTheAccuracy() throws {
    for (sample, floor) in [("digits", 0.97), ("gesture", 0.93)] {
      let result = try Tool.run([
        "eval", "Samples/\(sample)/model.bin", "--input", "Samples/\(sample)/samples.npy", "--labels",
        "Samples/\(sample)/labels.npy", "--json",
      ])
      let json = JSONCursor(try JSONParser.parse(result.output.utf8, file: "eval"), file: "eval")
      #expect(try json.member("accuracy").double() >= floor)
    }
  }

  @Test func evalWritesOutputsAndTensors() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      _ = try Tool.run([
        "eval", digits, "--input", "Samples/digits/input.npy", "-o", "\(folder)/y.npy", "--tensors", "\(folder)/all",
      ])
      #expect(try Platform.read("\(folder)/y.npy") == Platform.read("\(Repository.root)/Samples/digits/output.npy"))
      #expect(try Platform.list("\(folder)/all").count > 10)
    }
  }

  @Test func theWrongAnswerIsANo() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      var bytes = try Platform.read("\(Repository.root)/Samples/digits/output.npy")
      bytes[bytes.count - 3] ^= 1
      try Platform.write(bytes, to: "\(folder)/wrong.npy")
      let result = try Tool.run([
        "verify", digits, "--input", "Samples/digits/input.npy", "--expect", "\(folder)/wrong.npy",
      ])
      #expect(result.status == 1)
      #expect(result.errors.contains("vector 15, output 0, element 7"))
    }
  }

  @Test func targetsCanBeFilesOfOnesOwn() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let description = try Tool.run(["targets", "cortex-m0"]).output
      func emit(_ json: String) throws(Diagnostic) -> Platform.Outcome {
        try Platform.write(Array(json.utf8), to: "\(folder)/board.json")
        return try Tool.run(["emit", "--target", "\(folder)/board.json", digits, "-o", "\(folder)/out"])
      }
      #expect(try emit(description).status == 0)
      // Errors name the line and column of bad JSON, and the path of a bad value.
      let syntax = try emit(description.replacing("\"name\":", with: "\"name\""))
      #expect(syntax.status == 3 && syntax.errors.contains("board.json:2:10: "), "\(syntax.errors)")
      let value = try emit(description.replacing("\"int_bits\": 32", with: "\"int_bits\": 8"))
      #expect(value.status == 3 && value.errors.contains("int_bits: must be from 16"), "\(value.errors)")
      let costs = try emit(description.replacing("\"costs\": \"cortex-m0\"", with: "\"costs\": \"z80\""))
      #expect(costs.status == 3 && costs.errors.contains("costs: must be one of "), "\(costs.errors)")
      let unknown = try emit(description.replacing("\"summary\":", with: "\"sumary\":"))
      #expect(unknown.status == 3 && unknown.errors.contains("unknown member `sumary`"))
    }
  }

  @Test func failedRunsLeaveOldFilesAlone() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try Platform.write([1, 2, 3], to: "\(folder)/old.bin")
      let result = try Tool.run(["convert", "README.md", "-o", "\(folder)/old.bin"])
      #expect(result.status == 3)
      #expect(try Platform.read("\(folder)/old.bin") == [1, 2, 3])
      let unwritable = try Tool.run(["convert", digits, "-o", "\(folder)/missing/new.bin"])
      #expect(unwritable.status == 2 && unwritable.errors.contains("missing/new.bin: can't be written"))
      #expect(try Platform.list(folder) == ["old.bin"])
    }
  }

  @Test func budgetsAreChecked() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      func emit(_ budget: [String]) -> Platform.Outcome? {
        try? Tool.run(["emit", "--target", "cortex-m0", digits, "-o", "\(folder)/out"] + budget)
      }
      let ram = emit(["--max-ram", "100"])
      #expect(ram?.status == 1 && ram?.errors.contains("bytes of RAM with the stack") == true)
      let flash = emit(["--max-flash", "4K"])
      #expect(flash?.status == 1 && flash?.errors.contains("bytes of flash") == true)
      // A broken budget leaves no file.
      #expect(!Platform.exists("\(folder)/out"))
      let cycles = emit(["--max-cycles", "1M", "--max-flash", "4K"])
      #expect(cycles?.status == 1 && cycles?.errors.contains("cycles an inference, ") == true)
      #expect(emit(["--max-ram", "64K", "--max-flash", "256K", "--max-cycles", "20M"])?.status == 0)
      #expect(try Platform.list("\(folder)/out") == ["model.c", "model.h"])
    }
  }
}
