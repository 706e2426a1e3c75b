package import Compiler
package import IR
import Operators
import Support

/// Random networks of one operator each, with shapes and values that reach the corners.
package struct RandomModels {
  package var random: SplitMix64
  private var graph = Graph(file: "random")

  /// Which weights convolutions and dense layers get.
  package enum Weights: Sendable {
    /// Random, or all at one extreme, or mostly zero.
    case any
    /// This share of them is not zero, and every fourth output channel has none.
    case density(Double)
    /// Signed numbers of so many bits.
    case bits(Int)
    /// -1, 0 and 1, and nothing else; this share is not 0.
    case ternary(Double)
    case all(Int32)
  }

  package var weights = Weights.any
  /// Images with hundreds of channels, and dense layers with hundreds of inputs.
  package var isDeep = false

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The mnemonics of all operators that can be made; a test compares them with the registry.
  package static let operators = [
    "add", "arg_max", "average_pool_2d", "concatenation", "conv_2d", "depthwise_conv_2d", "dequantize",
    "fully_connected", "hard_swish", "leaky_relu", "logistic", "max_pool_2d", "mean", "mul", "pad", "quantize", "relu",
    "relu6", "reshape", "softmax", "split", "strided_slice", "sub", "tanh", "transpose",
  ]

  // MARK: parts

  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  private mutating func pick<T>(_ values: [T]) -> T { values[int(0...values.count - 1)] }
  private mutating func coin() -> Bool { int(0...1) == 1 }

  private mutating func scale() -> Float {
    pick([0.001, 0.0117, 0.05, 0.0784, 0.3, 1.7]) * Float(int(100...199)) / 150
  }
  private mutating func zeroPoint() -> Int32 { Int32(pick([-128, -128, 0, 127, int(-100...100)])) }

  private mutating func type(_ dims: [Int], scale: Float? = nil, zero: Int32? = nil) throws -> TensorType {
    TensorType(
      .int8, try Shape(dims), try .perTensor(scale: scale ?? self.scale(), zeroPoint: zero ?? zeroPoint()))
  }

  private mutating func input(_ type: TensorType) -> TensorID {
    let id = graph.add(TensorInfo(name: "input\(graph.inputs.count)", type: type))
    graph.inputs.append(id)
    return id
  }

  private mutating func output(_ type: TensorType) -> TensorID {
    let id = graph.add(TensorInfo(name: "output\(graph.outputs.count)", type: type))
    graph.outputs.append(id)
    return id
  }

  private mutating func weights(_ dims: [Int], channelAxis: Int) throws -> TensorID {
    let shape = try Shape(dims)
    let kind = int(0...5)
    let values = (0..<shape.elementCount).map { index -> Int32 in
      switch (weights, kind) {
      case (.all(let value), _): value
      case (.ternary(let density), _):
        Double.random(in: 0..<1, using: &random) >= density ? 0 : Int32(2 * int(0...1) - 1)
      case (.bits(let bits), _): Int32(int(-(1 << (bits - 1))...(1 << (bits - 1)) - 1))
      case (.density(let density), _):
        index / shape.strides[channelAxis] % 4 == 3 || Double.random(in: 0..<1, using: &random) >= density
          ? 0 : Int32(int(-128...127))
      case (.any, 0): -128
      case (.any, 1): 127
      case (.any, 2): int(0...4) == 0 ? Int32(int(-128...127)) : 0
      case (.any, _): Int32(int(-127...127))
      }
    }
    let perChannel = coin()
    let count = perChannel ? dims[channelAxis] : 1
    let quantization = try Quantization(
      scales: (0..<count).map { _ in scale() }, zeroPoints: [Int32](repeating: 0, count: count),
      axis: perChannel ? channelAxis : nil)
    return graph.add(constant: Tensor(TensorType(.int8, shape, quantization), ints: values), name: "weights")
  }

  private mutating func bias(_ channels: Int) throws -> TensorID {
    let bound = pick([100, 20_000, 1 << 30])
    let values = (0..<channels).map { _ in Int32(int(-bound...bound)) }
    return graph.add(constant: Tensor(TensorType(.int32, try Shape([channels])), ints: values), name: "bias")
  }

  private mutating func activation() -> Activation { pick([.none, .none, .relu, .relu6, .reluN1To1]) }
  private mutating func padding() -> Padding { coin() ? .same : .valid }
  private mutating func shape(ranks: ClosedRange<Int>, sizes: ClosedRange<Int> = 1...5) -> [Int] {
    (0..<int(ranks)).map { _ in int(sizes) }
  }

  // MARK: models

  /// A network of the operator `mnemonic`.
  package mutating func make(_ mnemonic: String) throws -> Graph {
    graph = Graph(file: "random \(mnemonic)")
    let (op, inputs, types) = try operation(mnemonic)
    let outputs = types.map { output($0) }
    graph.nodes = [Node(op, inputs: inputs, outputs: outputs, origin: Origin(index: 0, operatorName: mnemonic))]
    try graph.verify()
    return graph
  }

  private mutating func operation(_ mnemonic: String) throws -> (any SourceOperator, [TensorID], [TensorType]) {
    switch mnemonic {
    case "conv_2d", "depthwise_conv_2d": return try convolution(depthwise: mnemonic != "conv_2d")
    case "average_pool_2d", "max_pool_2d": return try pool(average: mnemonic == "average_pool_2d")
    case "fully_connected":
      let (rows, depth, units) = (int(1...3), isDeep ? int(250...700) : int(1...40), int(1...(isDeep ? 19 : 9)))
      let data = input(try type([rows, depth]))
      let operands = [data, try weights([units, depth], channelAxis: 0)] + (coin() ? [try bias(units)] : [])
      return (FullyConnected(activation: activation(), shape: [rows, units]), operands, [try type([rows, units])])
    case "add", "sub", "mul": return try binary(mnemonic)
    case "concatenation":
      var dims = shape(ranks: 1...4)
      let axis = int(0...dims.count - 1)
      let common = try type(dims)
      var total = 0
      var operands: [TensorID] = []
      for _ in 0..<int(1...4) {
        dims[axis] = int(1...4)
        total += dims[axis]
        operands.append(input(TensorType(.int8, try Shape(dims), common.quantization)))
      }
      dims[axis] = total
      return (Concatenation(axis: axis), operands, [TensorType(.int8, try Shape(dims), common.quantization)])
    case "split":
      let parts = int(1...4)
      var dims = shape(ranks: 1...4)
      let axis = int(0...dims.count - 1)
      dims[axis] = parts * int(1...3)
      let whole = try type(dims)
      dims[axis] /= parts
      let part = TensorType(.int8, try Shape(dims), whole.quantization)
      return (Split(axis: axis, count: parts), [input(whole)], [TensorType](repeating: part, count: parts))
    case "pad":
      let dims = shape(ranks: 1...4)
      let data = try type(dims)
      let before = dims.map { _ in int(0...3) }
      let after = dims.map { _ in int(0...3) }
      let op = Pad(before: before, after: after, value: int(-128...127))
      let padded = dims.indices.map { before[$0] + dims[$0] + after[$0] }
      return (op, [input(data)], [TensorType(.int8, try Shape(padded), data.quantization)])
    case "reshape":
      let dims = shape(ranks: 1...4)
      let data = try type(dims)
      let flat = [dims.reduce(1, *)]
      return (Reshape(shape: flat), [input(data)], [TensorType(.int8, try Shape(flat), data.quantization)])
    case "transpose":
      let dims = shape(ranks: 1...5)
      let permutation = Array(dims.indices).shuffled(using: &random)
      let data = try type(dims)
      return (
        Transpose(permutation: permutation), [input(data)],
        [TensorType(.int8, try Shape(permutation.map { dims[$0] }), data.quantization)]
      )
    case "strided_slice": return try stridedSlice()
    case "mean":
      let dims = shape(ranks: 1...4, sizes: 1...7)
      let axes = dims.indices.filter { _ in coin() }
      let op = Mean(axes: axes.isEmpty ? [dims.count - 1] : axes, keepDimensions: coin())
      let data = try type(dims)
      let result = try op.outputShapes([Operand(data)])[0]
      return (op, [input(data)], [try type(result.dims)])
    case "arg_max":
      let dims = shape(ranks: 1...4)
      let op = ArgMax(axis: int(0...dims.count - 1))
      let data = try type(dims)
      return (op, [input(data)], [TensorType(.int32, try op.outputShapes([Operand(data)])[0])])
    case "softmax":
      let data = try type(shape(ranks: 1...3, sizes: 1...14), scale: pick([0.0005, 0.02, 0.11, 0.9, 6]))
      let result = try type(data.shape.dims, scale: 1 / 256, zero: -128)
      return (Softmax(beta: pick([1, 0.5, 2.5])), [input(data)], [result])
    default: return try unary(mnemonic)
    }
  }

  private mutating func convolution(depthwise: Bool) throws -> (any SourceOperator, [TensorID], [TensorType]) {
    let same = padding()
    // What kernels of their own compute.
    let isPlain = !depthwise && int(0...2) == 0
    let isColumn = depthwise && int(0...5) == 0
    var filter = isPlain ? Extent(3, 3) : Extent(int(1...4), int(1...4))
    if depthwise, !isDeep, int(0...2) != 0 { filter = Extent(int(1...8), int(1...8)) }
    if isColumn { filter = Extent(filter.height, 1) }
    let stride = isPlain ? Extent(1, 1) : Extent(int(1...3), int(1...3))
    let dilation = isPlain ? Extent(1, 1) : Extent(pick([1, 1, 2, 3]), pick([1, 1, 2]))
    let reach = Extent((filter.height - 1) * dilation.height + 1, (filter.width - 1) * dilation.width + 1)
    // VALID needs an image at least as large as the filter; SAME takes any.
    let low = same == .valid ? reach : Extent(1, 1)
    let groups = depthwise || isPlain ? 1 : pick([1, 1, 2])
    let depth = isDeep ? int(90...300) : int(1...6)
    let width = isColumn ? 1 : int(low.width...low.width + 6)
    let image = [int(1...2), int(low.height...low.height + 6), width, depth * groups]
    let channels = depthwise ? depth * int(1...3) : groups * int(1...4)
    let data = input(try type(image))
    let dims = depthwise ? [1, filter.height, filter.width, channels] : [channels, filter.height, filter.width, depth]
    let kernel = try weights(dims, channelAxis: depthwise ? 3 : 0)
    let operands = [data, kernel] + (coin() ? [try bias(channels)] : [])
    let op: any SourceOperator =
      depthwise
      ? DepthwiseConv2D(stride: stride, dilation: dilation, padding: same, activation: activation())
      : Conv2D(stride: stride, dilation: dilation, padding: same, activation: activation())
    var known: [Operand] = []
    for id in operands { known.append(try graph.operand(id)) }
    return (op, operands, [try type(try op.outputShapes(known)[0].dims)])
  }

  private mutating func pool(average: Bool) throws -> (any SourceOperator, [TensorID], [TensorType]) {
    let same = padding()
    let filter = Extent(int(1...4), int(1...4))
    let stride = Extent(int(1...3), int(1...3))
    let low = same == .valid ? filter : Extent(1, 1)
    let data = try type([int(1...2), int(low.height...low.height + 5), int(low.width...low.width + 5), int(1...5)])
    let op: any SourceOperator =
      average
      ? AveragePool2D(filter: filter, stride: stride, padding: same, activation: activation())
      : MaxPool2D(filter: filter, stride: stride, padding: same, activation: activation())
    let result = try op.outputShapes([Operand(data)])[0]
    return (op, [input(data)], [TensorType(.int8, result, data.quantization)])
  }

  private mutating func binary(_ mnemonic: String) throws -> (any SourceOperator, [TensorID], [TensorType]) {
    let dims = shape(ranks: 1...5, sizes: 1...4)
    // Each side repeats along some axes, and may lack leading ones.
    func side() -> [Int] {
      let own = dims.map { coin() && coin() ? 1 : $0 }
      return Array(own.dropFirst(coin() ? 0 : int(0...dims.count - 1)))
    }
    let (a, b) = (try type(side()), try type(side()))
    let result = try Broadcast(a.shape, b.shape).shape
    var operands = [input(a)]
    if coin() && coin() {
      let values = (0..<b.shape.elementCount).map { _ in Int32(int(-128...127)) }
      operands.append(graph.add(constant: Tensor(b, ints: values), name: "constant"))
    } else {
      operands.append(input(b))
    }
    if coin() { operands.reverse() }
    let operators: [String: any SourceOperator] = [
      "add": Add(activation: activation()), "sub": Sub(activation: activation()), "mul": Mul(activation: activation()),
    ]
    guard let op = operators[mnemonic] else {
      throw Diagnostic("test.operator", .usage, "no generator for \(mnemonic)")
    }
    return (op, operands, [try type(result.dims)])
  }

  private mutating func stridedSlice() throws -> (any SourceOperator, [TensorID], [TensorType]) {
    let dims = shape(ranks: 1...4, sizes: 1...6)
    let data = try type(dims)
    while true {
      let begin = dims.map { int(-$0...$0) }
      let end = dims.map { int(-$0 - 1...$0 + 1) }
      let strides = dims.map { _ in pick([1, 1, 2, -1, -2, 3]) }
      let op = try StridedSlice(
        of: data.shape, begin: begin, end: end, strides: strides, beginMask: int(0...15), endMask: int(0...15),
        shrinkMask: coin() ? 0 : int(0...1))
      // Empty slices are refused; another one is drawn.
      guard let result = try? op.outputShapes([Operand(data)])[0] else { continue }
      return (op, [input(data)], [TensorType(.int8, result, data.quantization)])
    }
  }

  private mutating func unary(_ mnemonic: String) throws -> (any SourceOperator, [TensorID], [TensorType]) {
    // Shapes with 256 elements and more let the ramp reach every value.
    let dims = [int(256...300)]
    let data = try type(dims)
    switch mnemonic {
    case "relu": return (Relu(), [input(data)], [try type(dims)])
    case "relu6": return (Relu6(), [input(data)], [try type(dims)])
    case "leaky_relu":
      return (LeakyRelu(alpha: pick([0, 0.1, 0.3, 1.5, -0.4])), [input(data)], [try type(dims)])
    case "hard_swish": return (HardSwish(), [input(data)], [try type(dims)])
    case "logistic": return (Logistic(), [input(data)], [try type(dims, scale: 1 / 256, zero: -128)])
    case "tanh": return (Tanh(), [input(data)], [try type(dims, scale: 1 / 128, zero: 0)])
    case "quantize":
      let unsigned = TensorType(.uint8, try Shape(dims), try .perTensor(scale: scale(), zeroPoint: 117))
      return coin() ? (Quantize(), [input(data)], [try type(dims)]) : (Quantize(), [input(unsigned)], [try type(dims)])
    case "dequantize":
      // Alone it leaves floats; the boundary pass turns the output back into the quantized input.
      return (Dequantize(), [input(data)], [TensorType(.float32, try Shape(dims))])
    default: throw Diagnostic("test.operator", .usage, "no generator for \(mnemonic)")
    }
  }
}
