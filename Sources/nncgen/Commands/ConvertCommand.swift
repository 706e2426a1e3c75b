import Frontends
import Support

/// `nncgen convert`: any model file becomes a model.bin.
enum ConvertCommand {
  static let command = Command(
    "convert", operands: ["MODEL"],
    "Writes a model as model.bin, losslessly: the same C is emitted from both.",
    options: [
      Option("--output", short: "-o", value: "OUT.bin", "The file to write."),
      Option("--pack", "Store constants in their shortest encodings: few bits, tables, zeros left out, Huffman codes."),
    ] + SharedOption.calibration,
    run: run)

  private static func run(_ arguments: Arguments) throws(Diagnostic) {
    guard let output = arguments.value("--output") else { throw arguments.command.usage("-o OUT.bin is missing") }
    let model = try ModelFile(arguments)
    let bytes = try ModelBinaryWriter.write(model.graph, arguments.has("--pack") ? .coded : .dense)
    try Platform.write(bytes, to: output)
    Platform.print("\(output)  \(grouped(bytes.count)) bytes\n")
  }
}
