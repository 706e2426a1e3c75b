import Support
import TestSupport
import Testing

/// What the commands say of models that can't be compiled.
@Suite struct ObstacleTests {
  private static func path(_ name: String) -> String {
    name == "nodes" ? "Tests/Fixtures/onnx/unsupported/model.onnx" : "Tests/Fixtures/unsupported/\(name).tflite"
  }

  @Test(arguments: ["operators", "types", "loops", "floats", "nodes"])
  func inspectShowsWhatCouldBeReadAndEverythingInTheWay(_ name: String) throws {
    let result = try Tool.run(["inspect", Self.path(name)])
    #expect(result.status == 3)
    try Golden.check(result.output + "\n" + result.errors, "obstacles-\(name).txt")
  }

  @Test func jsonCarriesThem() throws {
    let result = try Tool.run(["inspect", "--json", Self.path("operators")])
    #expect(result.status == 3)
    let json = JSONCursor(try JSONParser.parse(result.output.utf8, file: "inspect"), file: "inspect")
    var numbers: [[Int]] = []
    for layer in try json.member("layers").items() {
      numbers.append(try layer.member("obstacles").items().map { (item) throws(Diagnostic) in try item.int() })
    }
    #expect(numbers == [[], [1], [], [3], [2], [], [4], [5], []])
    let obstacles = try json.member("obstacles").items()
    #expect(obstacles.count == 5)
    #expect(try obstacles[2].member("place").string() == "operator 3 (CUSTOM `FlexErf`) `erf_8`")
    #expect(try obstacles[2].member("notes").items().count == 1)
  }

  /// The same list, whatever the command.
  @Test(arguments: [
    ["emit", "--target", "host"], ["verify"], ["profile", "--target", "cortex-m0"], ["fit"],
    ["convert", "-o", "/dev/null"],
  ])
  func everyCommandNamesThem(_ words: [String]) throws {
    let inspected = try Tool.run(["inspect", Self.path("loops")])
    let result = try Tool.run(words + [Self.path("loops")])
    #expect(result.status == 3 && result.output.isEmpty && result.errors == inspected.errors, "\(result.errors)")
  }

  /// What only quantization finds stands in the list too, and with vectors nothing asks for them.
  @Test func vectorsTakeFloatsOutOfTheWay() throws {
    let path = Self.path("floats")
    let emitted = try Tool.run(["emit", "--target", "host", path])
    #expect(emitted.status == 3 && emitted.errors.contains("operator 3 (EXP) `exp_7`: "), "\(emitted.errors)")
    let inspected = try Tool.run(["inspect", path])
    #expect(inspected.errors.contains("still needs `--calibrate") && !inspected.errors.contains("EXP"))
  }
}
