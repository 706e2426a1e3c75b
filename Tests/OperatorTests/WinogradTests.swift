import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// The numbers behind `conv_2d_winograd`, and its C on many shapes with weights and pixels at their extremes.
@Suite struct WinogradTests {
  private static func random(_ count: Int, _ kind: Int, _ random: inout SplitMix64) -> [Int32] {
    (0..<count).map { index in
      switch kind {
      case 0: -128
      case 1: 127
      case 2: index % 2 == 0 ? -128 : 127
      case 3: Bool.random(using: &random) ? -128 : 127
      default: Int32.random(in: -128...127, using: &random)
      }
    }
  }

  /// left · matrix · leftᵀ, in more bits than the C has.
  private static func transform(_ left: [[Int32]], _ matrix: [[Int64]]) -> [[Int64]] {
    func product(_ matrix: [[Int64]]) -> [[Int64]] {
      left.map { row in
        matrix[0].indices.map { column in row.indices.reduce(0) { $0 + Int64(row[$1]) * matrix[$1][column] } }
      }
    }
    func transposed(_ matrix: [[Int64]]) -> [[Int64]] { matrix[0].indices.map { at in matrix.map { $0[at] } } }
    return transposed(product(transposed(product(matrix))))
  }

  private static func matrix(_ values: [Int32], _ width: Int) -> [[Int64]] {
    stride(from: 0, to: values.count, by: width).map { start in values[start..<start + width].map { Int64($0) } }
  }

  @Test func transformsGiveTheConvolution() {
    var random = SplitMix64(seed: 1)
    for round in 0..<200 {
      let pixels = Self.matrix(Self.random(36, round % 5, &random), 6)
      let weights = Self.matrix(Self.random(9, round / 5 % 5, &random), 3)
      let (v, u) = (
        Self.transform(WinogradTransform.pixel, pixels), Self.transform(WinogradTransform.weight, weights)
      )
      let products = zip(v, u).map { zip($0, $1).map { $0 * $1 } }
      let result = Self.transform(WinogradTransform.output, products)
      for y in 0..<4 {
        for x in 0..<4 {
          var sum: Int64 = 0
          for ky in 0..<3 { for kx in 0..<3 { sum += pixels[y + ky][x + kx] * weights[ky][kx] } }
          #expect(result[y][x] == sum * Int64(WinogradTransform.scale))
        }
      }
    }
  }

  /// What the halves of a word rest on: the bounds over all int8 pixels and weights.
  @Test func transformedValuesFitIntoHalves() {
    func bound(_ matrix: [[Int32]]) -> Int32 {
      let largest = matrix.map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 0
      return largest * largest * 128
    }
    #expect(bound(WinogradTransform.pixel) == 12_800)
    #expect(bound(WinogradTransform.weight) == 6272)
    #expect(16_384 - 12_800 >= 0 && 16_384 + 12_800 < 1 << 16)
  }

  /// Sums from −2^25 to 2^25 − 1 come out of the arithmetic modulo 2^32 as they are; the next ones do not.
  @Test func scaleIsUndoneModulo32Bits() {
    func undone(_ sum: Int32) -> Int32 {
      let scaled = UInt32(bitPattern: sum) &* UInt32(WinogradTransform.scale)
      return Int32(bitPattern: scaled &* 0x38E3_8E39) >> 6
    }
    for sum in [0, 1, -1, 33_000_001, -33_000_001, 1 << 25 - 1, -(1 << 25)] as [Int32] { #expect(undone(sum) == sum) }
    #expect(undone(1 << 25) != 1 << 25 && undone(-(1 << 25) - 1) != -(1 << 25) - 1)
  }

  @Test func sumsThatAreTooLargeAreRefused() {
    func isExact(_ weight: Int32, _ channels: Int) -> Bool {
      WinogradTransform.isExact([Int32](repeating: weight, count: 9 * channels)[...])
    }
    #expect(isExact(127, 229) && !isExact(127, 230))
    #expect(isExact(-128, 227) && !isExact(-128, 228))
    #expect(isExact(1, 20_000) && !isExact(1, 40_000))
  }

  @Test func packedWeightsStandByChannel() {
    var random = SplitMix64(seed: 2)
    for channels in [1, 2, 3, 17, 64, 256] {
      for kind in 0..<5 {
        let weights = Self.random(9 * channels, kind, &random)
        let packed = WinogradTransform.packed(weights[...], channels: channels)
        #expect(packed.count == 9 * ((channels + 1) / 2 * 2))
        for tap in 0..<9 {
          #expect((0..<channels).allSatisfy { packed[9 * $0 + tap] == weights[tap * channels + $0] })
          if channels % 2 == 1 { #expect(packed[9 * channels + tap] == 0) }
        }
      }
    }
  }

  // MARK: the C

  /// A convolution with 3×3 filters; sometimes a padding before it that becomes part of it, different on all sides.
  private static func model(_ seed: UInt64) throws -> Graph {
    var random = SplitMix64(seed: seed)
    func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    var builder = GraphBuilder()
    let padding: Padding = int(0...2) > 0 ? .same : .valid
    let low = padding == .same ? 1 : 3
    let image = [int(1...2), int(low...low + 8), int(low...low + 8), int(1...7)]
    let zeroPoint = [-128, 127, Int32(int(-100...100))][int(0...2)]
    var data = try builder.input(image, zeroPoint: zeroPoint)
    var size = image
    if padding == .valid {
      let pads = (0..<4).map { _ in int(0...3) }
      size = [image[0], image[1] + pads[0] + pads[1], image[2] + pads[2] + pads[3], image[3]]
      data = builder.node(
        Pad(before: [0, pads[0], pads[2], 0], after: [0, pads[1], pads[3], 0], value: Int(zeroPoint)), [data],
        try builder.type(size, zeroPoint: zeroPoint), name: "PAD")
      size = [size[0], size[1] - 2, size[2] - 2, size[3]]
    }
    let filters = int(1...5)
    let weights = builder.constant(
      TensorType(
        .int8, try Shape([filters, 3, 3, image[3]]),
        try Quantization(
          scales: (0..<filters).map { _ in Float(int(1...400)) / 4000 }, zeroPoints: (0..<filters).map { _ in 0 },
          axis: 0)
      ), Self.random(filters * 9 * image[3], int(0...5), &random), name: "w")
    let reach = Int32([100, 20_000, 1 << 30][int(0...2)])
    let bias = builder.constant(
      TensorType(.int32, try Shape([filters])),
      (0..<filters).map { _ in Int32.random(in: -reach...reach, using: &random) }, name: "b")
    let op = Conv2D(
      stride: Extent(1, 1), dilation: Extent(1, 1), padding: padding, activation: int(0...1) == 0 ? .none : .relu)
    let output = builder.node(
      op, [data, weights, bias], try builder.type([size[0], size[1], size[2], filters], scale: 3, zeroPoint: -7),
      name: "CONV_2D")
    builder.graph.outputs = [output]
    try builder.graph.verify()
    return builder.graph
  }

  private func check(_ seeds: ClosedRange<UInt64>, target: String = "host", flags: [String] = []) throws {
    var suite = try ModelSuite(on: target, flags: flags)
    for seed in seeds { try add(seed, to: &suite) }
    try suite.run()
    #expect(suite.failures == [])
  }

  private func add(_ seed: UInt64, to suite: inout ModelSuite) throws {
    let lowered = try Pipeline.lower(try Self.model(seed))
    #expect(try Pipelines.kernelNames(lowered).contains("conv_2d_winograd"))
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 8, seed: seed)
    let reference = try Interpreter(lowered)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    try suite.add(
      lowered.text, lowered, SelectionRequest(forcing: "conv_2d_winograd"), vectors: vectors, expected: expected)
  }

  @Test func equalsTheReference() throws { try check(1...40, flags: Pipelines.sanitizers) }

  @Test(arguments: ["cortex-m0", "atmega1284p", "powerpc", "rv32ec"])
  func equalsTheReferenceOnOtherMachines(_ target: String) throws { try check(101...104, target: target) }

  @Test func othersAreLeftAlone() throws {
    func names(_ image: [Int], filter: Extent, stride: Int, dilation: Int, depth: Int) throws -> [String] {
      var builder = GraphBuilder()
      let data = try builder.input(image)
      let type = TensorType(
        .int8, try Shape([4, filter.height, filter.width, depth]), try .perTensor(scale: 0.25, zeroPoint: 0))
      let weights = builder.constant(type, [Int32](repeating: 3, count: type.shape.elementCount), name: "w")
      let op = Conv2D(
        stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: .same, activation: .none)
      let operands = [try builder.graph.operand(data), try builder.graph.operand(weights)]
      let output = builder.node(
        op, [data, weights], try builder.type(try op.outputShapes(operands)[0].dims), name: "CONV_2D")
      builder.graph.outputs = [output]
      return try Pipelines.kernelNames(try Pipeline.lower(builder.graph)).filter { $0.contains("winograd") }
    }
    let plain = Extent(3, 3)
    #expect(try names([1, 8, 8, 4], filter: plain, stride: 1, dilation: 1, depth: 4) == ["conv_2d_winograd"])
    #expect(try names([1, 8, 8, 4], filter: plain, stride: 2, dilation: 1, depth: 4).isEmpty)
    #expect(try names([1, 8, 8, 4], filter: plain, stride: 1, dilation: 2, depth: 4).isEmpty)
    #expect(try names([1, 8, 8, 4], filter: plain, stride: 1, dilation: 1, depth: 2).isEmpty)
    #expect(try names([1, 8, 8, 4], filter: Extent(3, 1), stride: 1, dilation: 1, depth: 4).isEmpty)
    // More scratch memory than is sensible.
    #expect(try names([1, 8, 8, 96], filter: plain, stride: 1, dilation: 1, depth: 96).isEmpty)
  }
}
