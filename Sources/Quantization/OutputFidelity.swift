package import IR
import Operators
package import Support

/// How close an output of the quantized network comes to the float network's.
package struct OutputFidelity: Equatable, Sendable {
  /// Name of the output in the float network.
  package let name: String
  /// Energy of the float values over the energy of the differences, in decibels; infinite when there are none.
  package let decibels: Double
  /// For an output of integers that stand for themselves, such as the number of a class: in how many vectors it is the same.
  package let sameVectors: Int?
  /// The share that is lost: of the energy, or of the vectors of such an output.
  let loss: Double

  /// The quantized network on vectors, one after the other, beside what the float network answers; integer outputs are
  /// compared as numbers.
  package static func measure(
    float: Graph, answers wanted: [[Tensor]], _ quantized: Graph, _ vectors: [[Tensor]]
  ) throws(Diagnostic) -> [OutputFidelity] {
    let network = try Interpreter(quantized)
    var sums = float.outputs.map { _ in (signal: 0.0, noise: 0.0, same: 0) }
    var converted: [[Tensor]] = []
    for vector in vectors {
      var inputs: [Tensor] = []
      for (tensor, id) in zip(vector, quantized.inputs) {
        let type = quantized[id].type
        inputs.append(
          tensor.type.element == .float32 && type.element != .float32
            ? try Quantize().evaluate([tensor], as: [type])[0] : tensor)
      }
      converted.append(inputs)
    }
    for (expected, actual) in zip(wanted, try network.outputs(inSequence: converted)) {
      for (index, (a, b)) in zip(expected, actual).enumerated() {
        if a.elements == b.elements { sums[index].same += 1 }
        for (x, y) in zip(try a.realValues, try b.realValues) {
          sums[index].signal += x * x
          sums[index].noise += (x - y) * (x - y)
        }
      }
    }
    return zip(float.outputs, sums).map { id, sums in
      let ratio = sums.noise == 0 ? Double.infinity : sums.signal / sums.noise
      let isFloat = float[id].type.element == .float32
      return OutputFidelity(
        name: float[id].name,
        decibels: Self.decibels(signal: sums.signal, noise: sums.noise),
        sameVectors: isFloat ? nil : sums.same,
        loss: isFloat ? 1 / ratio : 1 - Double(sums.same) / Double(max(1, vectors.count)))
    }
  }
}

extension OutputFidelity {
  /// A ratio of energies in decibels; infinite without noise.
  package static func decibels(signal: Double, noise: Double) -> Double {
    guard noise > 0 else { return .infinity }
    guard signal > 0 else { return -.infinity }
    return RealFunctions.log(signal / noise) * 10 / RealFunctions.log(10)
  }

  /// The ratio of energies that decibels stand for.
  package static func ratio(decibels: Double) -> Double { RealFunctions.exp(decibels * RealFunctions.log(10) / 10) }
}

extension Tensor {
  /// What the values stand for; integers without a scale stand for themselves.
  package var realValues: [Double] {
    get throws(Diagnostic) {
      switch elements {
      case .floats(let values): return values.map { Double($0) }
      case .wide(let values): return values.map { Double($0) }
      case .ints(let values):
        guard type.quantization != nil else { return values.map { Double($0) } }
        return try Dequantize.real(self).floats("output").map { Double($0) }
      }
    }
  }
}
