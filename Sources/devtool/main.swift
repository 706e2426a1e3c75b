// devtool: measurements and tables of the project itself. Not part of what is released.
//
//   devtool speed MODEL            instructions a second of the simulator
//   devtool calibrate CORE [FILE [KERNEL...]]  the cost table of a core, measured anew, for all kernels or only some; prints it,
//                                  or writes FILE
//   devtool sizes CORE [FILE]      the same table with the sizes of the code measured anew, without simulated runs
//   devtool check CORE MODEL...    modelled cycles of models beside simulated ones
//   devtool cases LIST             many small models by the reference arithmetic, quantized, and as C
//   devtool try CORE MODEL DIR [KERNEL]  cycles of the C in DIR, edited by hand; writes it first when there is none
import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

let words = Array(CommandLine.arguments.dropFirst())
do throws(Diagnostic) {
  switch (words.first, words.count) {
  case ("speed", 2): try Speed.run(model: words[1])
  case ("calibrate", 2...):
    try Calibrate.run(core: words[1], file: words.count > 2 ? words[2] : nil, kernels: Array(words.dropFirst(3)))
  case ("sizes", 2), ("sizes", 3): try Calibrate.sizes(core: words[1], file: words.count > 2 ? words[2] : nil)
  case ("check", 3...): try Check.run(core: words[1], models: Array(words.dropFirst(2)))
  case ("compressed", 2): try Compressed.run(core: words[1])
  case ("cases", 2): try ModelCases.run(list: words[1])
  case ("try", 4), ("try", 5):
    try Trial.run(core: words[1], model: words[2], folder: words[3], kernel: words.count > 4 ? words[4] : nil)
  default:
    Platform.print(
      "usage: devtool speed MODEL\n       devtool calibrate CORE [FILE [KERNEL...]]\n       devtool sizes CORE [FILE]\n"
        + "       devtool check CORE MODEL...\n"
        + "       devtool compressed CORE\n"
        + "       devtool cases LIST\n"
        + "       devtool try CORE MODEL DIR [KERNEL]\n", to: 2)
    exit(2)
  }
} catch {
  Platform.print("\(error)\n", to: 2)
  exit(error.category.rawValue)
}
