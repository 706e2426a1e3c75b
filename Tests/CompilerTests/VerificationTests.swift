import Codegen
import Compiler
import Frontends
import IR
import Planning
import Support
import TargetCatalog
import TemplateCatalog
import TestSupport
import Testing

/// The verification finds wrong C, and names the layer.
@Suite struct VerificationTests {
  /// A verification of the sample `digits` whose template `name` has `text` replaced by `wrong`.
  private func verification(breaking name: String, _ text: String, _ wrong: String) throws -> Verification {
    var isFound = false
    let files = TemplateCatalog.files.map { file -> (path: String, text: String) in
      guard file.path == name else { return file }
      isFound = file.text.contains(text)
      return (file.path, file.text.replacing(text, with: wrong))
    }
    #expect(isFound)
    let templates = TemplateLibrary(files)
    let pipeline = Pipeline(machine: try Pipelines.machine("host"), objective: .balanced, templates: templates)
    let graph = try Frontend.read(try Repository.samples[0].bytes("model.bin"), file: "digits")
    return try Verification(
      pipeline: pipeline, harness: Harness(machine: pipeline.machine, templates: templates), imported: graph)
  }

  @Test(arguments: [
    ("functions/add_affine.c", "multiplier1 +", "multiplier1 -", "ADD"),
    (
      "functions/matrix_product.c", "READ_I32(bias, unit * bias_step)", "READ_I32(bias, 0 * bias_step)",
      "FULLY_CONNECTED"
    ),
    ("functions/softmax.c", "- 35;", "- 34;", "SOFTMAX"),
    ("functions/lane_patch.c", "(int8_t)pad_value", "(int8_t)(pad_value + 9)", "CONV_2D"),
  ])
  func wrongCIsFoundAndLocated(_ template: String, _ text: String, _ wrong: String, _ operatorName: String) throws {
    let verification = try verification(breaking: template, text, wrong)
    let vectors = verification.generatedVectors()
    let reference = try verification.reference(vectors)
    let difference = try #require(try verification.compareEmitted(vectors, reference))
    let layer = try #require(try verification.firstDifferingLayer([vectors[difference.vector]]))
    #expect(layer.node.origin.operatorName == operatorName)
    #expect(layer.difference.count > 0 && layer.difference.expected != layer.difference.actual)
  }

  @Test func rightCHasNoDifferingLayer() throws {
    let verification = try verification(breaking: "functions/add_affine.c", "/* Sum", "/* sum")
    #expect(try verification.firstDifferingLayer([verification.generatedVectors()[7]]) == nil)
  }

  @Test func cThatDoesNotCompileIsReported() throws {
    let verification = try verification(
      breaking: "functions/scale.c", "const int32_t left", "const int32_t unused = 0, left")
    let vectors = verification.generatedVectors()
    let error = #expect(throws: Diagnostic.self) { try verification.compareEmitted(vectors, []) }
    #expect(error?.category == .externalProgram && error?.notes.isEmpty == false)
  }

  @Test(arguments: Repository.samples)
  func samplesAnswerAsRecorded(_ sample: Repository.ModelFolder) throws {
    // A target is only listed when its C is compiled and run here.
    #expect(TargetCatalog.coreNames.count >= 13)
    for target in TargetCatalog.coreNames {
      let pipeline = try Pipelines.pipeline(target)
      let verification = try Verification(
        pipeline: pipeline, harness: Harness(machine: pipeline.machine, templates: Pipelines.templates),
        imported: try Frontend.read(try sample.bytes("model.bin"), file: "model.bin"))
      let vectors = try verification.vectors(from: try sample.vectorPaths("input"))
      let reference = try verification.reference(vectors)
      #expect(try verification.compare(reference, withFiles: try sample.vectorPaths("output")) == nil)
      #expect(try verification.compareEmitted(vectors, reference) == nil, "\(target)")
    }
  }
}
