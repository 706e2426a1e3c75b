import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// What operators say of the values of their channels holds.
@Suite struct ChannelRangeTests {
  private static func layers(_ graph: Graph) throws -> [Layer] {
    var layers: [Layer] = []
    for node in graph.nodes {
      layers.append(Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node)))
    }
    return layers
  }

  /// Smallest and largest value of each channel.
  private static func ranges(_ tensor: Tensor) throws -> [ClosedRange<Int32>] {
    let (count, values) = (tensor.type.channelCount, try tensor.ints("a tensor"))
    return (0..<count).map { channel in
      let own = stride(from: channel, to: values.count, by: count).map { values[$0] }
      return (own.min() ?? 0)...(own.max() ?? 0)
    }
  }

  /// For random ranges of the inputs no output leaves the ranges that the operator gives. Where every input channel has
  /// one value, the ranges of weighted operators are exact.
  @Test(arguments: RandomModels.operators, UInt64(1)...10)
  func outputsStayInTheirRanges(_ mnemonic: String, _ seed: UInt64) throws {
    var models = RandomModels(seed: seed &* 1_000_003 &+ UInt64(Checksum.crc32(mnemonic.utf8)))
    var random = SplitMix64(seed: seed)
    let graph = try Pipeline.lower(try models.make(mnemonic))
    for layer in try Self.layers(graph) {
      guard let op = layer.op as? any ChannelOperator, op.channelLinks(layer) != nil else { continue }
      for trial in 0..<6 {
        let data = layer.inputs.filter { $0.constant == nil }.map(\.type)
        // Operators with constant data are left to the networks.
        guard data.count == (type(of: op).dataInputs ?? layer.inputs.count) else { continue }
        let given = data.map { type in
          (0..<type.channelCount).map { _ -> ClosedRange<Int32> in
            let (a, b) = (
              Int32.random(in: type.valueRange, using: &random), Int32.random(in: type.valueRange, using: &random)
            )
            return trial == 0 ? type.valueRange : trial < 4 ? a...a : min(a, b)...max(a, b)
          }
        }
        let inputs = zip(data, given).map { type, ranges in
          Tensor(
            type,
            ints: (0..<type.shape.elementCount).map { index in
              let range = ranges[index % ranges.count]
              // The ends are the likeliest to break a bound.
              switch Int.random(in: 0...2, using: &random) {
              case 0: return range.lowerBound
              case 1: return range.upperBound
              default: return Int32.random(in: range, using: &random)
              }
            })
        }
        let said = try op.channelRanges(layer, given)
        let outputs = try op.evaluate(inputs + layer.inputs.compactMap(\.constant), as: layer.outputs)
        for (output, ranges) in zip(outputs, said) {
          let actual = try Self.ranges(output)
          #expect(zip(ranges, actual).allSatisfy { $0.lowerBound <= $1.lowerBound && $1.upperBound <= $0.upperBound })
          // Sums that may leave 32 bits are not looked at: any value of the clamp is possible then.
          if (1..<4).contains(trial), layer.inputs.count == 5, let clamp = (op as? any ClampingOperator)?.clamp {
            #expect(zip(ranges, actual).allSatisfy { $0 == $1 || $0 == clamp })
          }
        }
      }
    }
  }
}
