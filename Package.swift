// swift-tools-version: 6.2
import PackageDescription

/// Settings that every target shares: Swift 6 language mode, no implicit existentials or imports, warnings are errors.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The modules in the order of the pipeline; a module may import only what its line lists.
let modules: [(name: String, imports: [Target.Dependency])] = [
  ("Support", []),
  ("LinearAlgebra", ["Support"]),
  ("IR", ["Support"]),
  ("Machine", ["Support"]),
  ("CCode", ["Support"]),
  ("Simulator", ["Support"]),
  ("Operators", ["Support", "IR", "Machine", "CCode"]),
  ("Frontends", ["Support", "IR", "Operators"]),
  ("Quantization", ["Support", "IR", "Operators"]),
  ("Passes", ["Support", "IR", "Operators"]),
  ("Compression", ["Support", "LinearAlgebra", "IR", "Operators", "Frontends", "Quantization", "Passes"]),
  ("Planning", ["Support", "IR", "Machine", "Operators"]),
  ("Codegen", ["Support", "IR", "Machine", "CCode", "Operators", "Planning"]),
  (
    "Compiler",
    [
      "Support", "IR", "Machine", "CCode", "Simulator", "Operators", "Frontends", "Quantization", "Passes",
      "Compression", "Planning", "Codegen",
    ]
  ),
  ("Calibration", ["Support", "IR", "Machine", "Operators", "Planning", "Codegen", "Compiler"]),
]

/// Test targets are `Tests/NAMETests`; those of the second list keep golden files beside the tests.
let testedModules = [
  "Support", "LinearAlgebra", "CCode", "Simulator", "IR", "Operator", "Frontend", "Quantization", "Pass", "Compression",
  "Planning", "Codegen",
  "Compiler",
  "CommandLine",
]
let goldenFolders = ["Pass", "Codegen", "CommandLine"]

let package = Package(
  name: "nncgen",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nncgen", targets: ["nncgen"]), .executable(name: "devtool", targets: ["devtool"]),
  ],
  targets: modules.map { module in
    .target(
      name: module.name, dependencies: module.imports,
      exclude: module.name == "Frontends" ? ["ModelBinary/FORMAT.md", "OPERATORS.md"] : [], swiftSettings: settings)
  } + [
    .target(
      name: "TargetCatalog", dependencies: ["Support", "Machine"], path: "Targets", sources: ["TargetCatalog.swift"],
      swiftSettings: settings,
      plugins: ["EmbedFiles"]),
    .target(
      name: "TemplateCatalog", path: "Templates", sources: ["TemplateCatalog.swift"], swiftSettings: settings,
      plugins: ["EmbedFiles"]),
    .executableTarget(
      name: "nncgen",
      dependencies: [
        "Support", "IR", "Machine", "CCode", "Simulator", "Operators", "Frontends", "Quantization", "Passes",
        "Compression", "Planning", "Codegen", "Compiler", "TargetCatalog", "TemplateCatalog",
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "devtool",
      dependencies: [
        "Support", "IR", "Machine", "CCode", "Simulator", "Operators", "Frontends", "Quantization", "Passes",
        "Planning", "Codegen",
        "Compiler", "Calibration", "TargetCatalog", "TemplateCatalog",
      ],
      swiftSettings: settings),
    .plugin(
      name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"], path: "Sources/EmbedFiles"),
    .executableTarget(name: "embed-files", swiftSettings: settings),
    .target(
      name: "TestSupport",
      dependencies: [
        "Support", "IR", "Machine", "CCode", "Simulator", "Operators", "Frontends", "Passes", "Planning", "Codegen",
        "Compiler", "TargetCatalog", "TemplateCatalog",
      ], path: "Tests/TestSupport", swiftSettings: settings),
  ]
    + testedModules.map { name in
      .testTarget(
        name: "\(name)Tests",
        dependencies: [
          "Support", "LinearAlgebra", "IR", "Machine", "CCode", "Simulator", "Operators", "Frontends", "Quantization",
          "Passes", "Compression", "Planning", "Codegen", "Compiler", "Calibration", "TargetCatalog",
          "TemplateCatalog", "TestSupport",
        ] + (name == "CommandLine" ? ["nncgen"] : []),
        exclude: goldenFolders.contains(name) ? ["Goldens"] : [], swiftSettings: settings)
    }
)
