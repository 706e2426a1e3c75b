import Compiler
import Machine
import Support
import TestSupport
import Testing

/// What `emit` writes compiles everywhere under the strict flags, and needs nothing beside it.
@Suite struct EmittedProjectTests {
  private func withEmitted(
    _ sample: Repository.ModelFolder, _ options: [String] = [], target: String = "cortex-m0",
    _ body: (String) throws -> Void
  ) throws {
    let folder = "\(Platform.environment("TMPDIR") ?? "/tmp")/nncgen-emitted-\(UInt64.random(in: 0...UInt64.max))"
    defer { Platform.remove(folder) }
    let result = try Tool.run(
      ["emit", "--target", target, "\(sample.path)/model.bin", "-o", folder, "--name", "net"] + options)
    #expect(result.status == 0, "\(result.errors)")
    try body(folder)
  }

  @Test(arguments: Repository.samples, [[], ["--arena", "caller"], ["--split-weights"], ["--selftest"]])
  func compilesWithoutWarnings(_ sample: Repository.ModelFolder, _ options: [String]) throws {
    try withEmitted(sample, options) { folder in
      let units = try Platform.list(folder).filter { $0.hasSuffix(".c") }
      for unit in units {
        for compiler in ["gcc", "clang"] {
          for level in ["-O0", "-O2", "-Os"] {
            try Tool.shell(compiler, Harness.strictFlags + [level, "-c", unit, "-o", "x.o"], in: folder)
          }
        }
        // 32-bit and 16-bit `int`.
        for (compiler, core) in [("arm-none-eabi-gcc", "-mcpu=cortex-m0"), ("avr-gcc", "-mmcu=atmega2560")] {
          try Tool.shell(compiler, Harness.strictFlags + [core, "-O2", "-c", unit, "-o", "x.o"], in: folder)
        }
        let asCxx = ["-x", "c++", "-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
        try Tool.shell("g++", asCxx + ["-c", unit, "-o", "x.o"], in: folder)
      }
    }
  }

  /// The linked object needs integer helpers of the compiler at most: no float, no library, no 64-bit division.
  @Test(arguments: Repository.samples)
  func needsNoSoftFloatAndNoLibrary(_ sample: Repository.ModelFolder) throws {
    let allowed: Set<String> = [
      "__aeabi_lmul", "__aeabi_llsl", "__aeabi_llsr", "__aeabi_lasr", "__aeabi_idiv", "__aeabi_uidiv",
      "__aeabi_idivmod",
      "__aeabi_uidivmod",
    ]
    for target in ["cortex-m0", "cortex-m0plus", "cortex-m3"] {
      try withEmitted(sample, target: target) { folder in
        let machine = try Pipelines.machine(target)
        try Tool.shell(
          machine.toolchain.compiler, machine.toolchain.flags + Harness.strictFlags + ["-c", "net.c", "-o", "net.o"],
          in: folder)
        let symbols = try Tool.shell("arm-none-eabi-nm", ["-u", "net.o"], in: folder).split(separator: "\n")
          .map { $0.split(separator: " ").last.map(String.init) ?? "" }
        #expect(symbols.allSatisfy { allowed.contains($0) }, "\(symbols)")
        let defined = try Tool.shell("nm", ["--defined-only", "--extern-only", "-P", "net.o"], in: folder)
        #expect(defined.split(separator: "\n").allSatisfy { $0.hasPrefix("net_run ") })
      }
    }
  }

  @Test(arguments: Repository.samples)
  func selftestsPass(_ sample: Repository.ModelFolder) throws {
    for (options, call) in [([], "net_selftest()"), (["--arena", "caller"], "net_selftest(memory)")] {
      try withEmitted(sample, ["--selftest", "--split-weights"] + options) { folder in
        let main = """
          #include "net.h"
          int main(void) { static int32_t memory[NET_ARENA_BYTES / 4 + 1]; (void)memory; return \(call); }
          """
        try Platform.write(Array(main.utf8), to: "\(folder)/main.c")
        try Tool.shell("gcc", Pipelines.sanitizers + ["net.c", "net_weights.c", "main.c", "-o", "test"], in: folder)
        try Tool.shell("./test", [], in: folder)
        // A test that can't fail proves nothing: with another bias it must (in rows of scales it begins 12 bits up).
        let weights = String(decoding: try Platform.read("\(folder)/net_weights.c"), as: UTF8.self)
        let table = weights.firstRange(of: "net_layer0_bias") ?? weights.firstRange(of: "net_layer0_scale")
        let line = try #require(table).upperBound
        let brace = try #require(weights[line...].firstRange(of: "{\n    ")).upperBound
        let broken = weights[..<brace] + "67108864 + " + weights[brace...]
        try Platform.write(Array(String(broken).utf8), to: "\(folder)/net_weights.c")
        try Tool.shell("gcc", ["net.c", "net_weights.c", "main.c", "-o", "test"], in: folder)
        #expect(try Platform.run("./test", [], in: folder).status == 1)
      }
    }
  }

  @Test(arguments: ["make", "cmake", "arduino", "platformio", "zephyr"])
  func scaffoldsAreWritten(_ kind: String) throws {
    try withEmitted(Repository.samples[0], ["--scaffold", kind], target: "host") { folder in
      let files = try Platform.list(folder)
      #expect(files.count > 2)
      switch kind {
      case "make":
        try Tool.shell("make", [], in: folder)
        #expect(Platform.exists("\(folder)/libnet.a"))
      case "cmake":
        try Tool.shell("cmake", ["-S", ".", "-B", "build"], in: folder)
        try Tool.shell("cmake", ["--build", "build"], in: folder)
      case "platformio":
        _ = try JSONParser.parse(try Platform.read("\(folder)/library.json"), file: "library.json")
      case "arduino":
        // A sketch is C++ with the declarations of the Arduino core.
        let sketch = "\(folder)/examples/net/net.ino"
        let core = """
          struct Printer {
            void begin(long) {} void println() {} operator bool() const { return true; }
            template <class T> void print(T) {} template <class T> void print(T, int) {}
            template <class T> void println(T) {} template <class T> void println(T, int) {}
          };
          static Printer Serial;
          static inline void delay(unsigned long) {}
          static inline unsigned long micros() { return 0; }
          static inline unsigned long millis() { return 0; }
          """
        try Platform.write(Array(core.utf8), to: "\(folder)/Arduino.h")
        try Tool.shell(
          "g++",
          ["-x", "c++", "-std=c++11", "-Wall", "-Werror", "-fsyntax-only", "-include", "Arduino.h", "-I", ".", sketch],
          in: folder)
      default: #expect(Platform.exists("\(folder)/zephyr/module.yml"))
      }
    }
  }
}
