package import IR
package import Support

/// What CONV_2D and DEPTHWISE_CONV_2D have in common: how the filter moves, and what happens to its sums.
package struct ConvolutionOptions: Equatable, Sendable {
  package let stride: Extent
  package let dilation: Extent
  package let padding: Padding
  package var activation: Activation
  /// How sums become output values.
  package var arithmetic: Requantization.Arithmetic

  package init(
    stride: Extent, dilation: Extent, padding: Padding, activation: Activation,
    arithmetic: Requantization.Arithmetic = .fixedPoint
  ) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.activation = activation
    self.arithmetic = arithmetic
  }

  init(_ attributes: Attributes) throws(Diagnostic) {
    stride = try attributes.extent("stride")
    dilation = try attributes.extent("dilation")
    padding = try attributes.padding()
    activation = try attributes.activation()
    arithmetic = try attributes.arithmetic()
  }

  var attributes: Attributes {
    Attributes(
      [
        ("stride", .ints(stride.list)), ("dilation", .ints(dilation.list)), ("padding", padding.value),
        ("activation", .string(activation.rawValue)),
      ] + arithmetic.attributes)
  }
}

/// A convolution of an int8 or int16 NHWC image with constant int8 weights whose axes 1 and 2 are height and width. An int32
/// output is the sums of an int8 image.
///
/// Inputs: image, weights, and optionally an int32 bias.
package protocol Convolution: QuantizedOperator, ActivatedOperator, RequantizingOperator {
  /// The axis of the weights that counts the output channels.
  static var channelAxis: Int { get }
  var options: ConvolutionOptions { get }
  init(_ options: ConvolutionOptions)

  /// Fails when the channels of image and weights do not fit together.
  func checkChannels(image: Shape, weights: Shape) throws(Diagnostic)
  /// The operator in integer normal form.
  func integerOperator(_ geometry: ConvolutionGeometry) -> any Operator
  /// The same with 16-bit activations.
  func wideOperator(_ geometry: ConvolutionGeometry, accumulatorBits: Int) -> any Operator
  /// What the bias may be when activations have 16 bits.
  static var wideBiases: [ElementType] { get }
  /// The output channel to which a weight belongs.
  func channel(of weight: Int, in weights: Shape) -> Int
}

extension Convolution {
  package var quantizationRule: QuantizationRule { .weighted(channelAxis: Self.channelAxis) }

  package init(stride: Extent, dilation: Extent, padding: Padding, activation: Activation) {
    self.init(ConvolutionOptions(stride: stride, dilation: dilation, padding: padding, activation: activation))
  }

  package init(_ attributes: Attributes) throws(Diagnostic) { self.init(try ConvolutionOptions(attributes)) }

  package var attributes: Attributes { options.attributes }

  package var arithmetic: Requantization.Arithmetic { options.arithmetic }

  package func requantizing(by arithmetic: Requantization.Arithmetic) -> any SourceOperator {
    var options = options
    options.arithmetic = arithmetic
    return Self(options)
  }

  /// Size of the output and padding above and to the left.
  func positions(_ image: Shape, _ weights: Shape) throws(Diagnostic) -> (output: Extent, before: Extent) {
    let filter = Extent(weights[1], weights[2])
    let window = try Window(filter: filter, stride: options.stride, dilation: options.dilation)
    return try window.positions(options.padding, over: Extent(image[1], image[2]))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...3)
    try requireImage(inputs[0].type, "input")
    try requireImage(inputs[1].type, "weights")
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    try checkChannels(image: image, weights: weights)
    let channels = weights[Self.channelAxis]
    guard inputs.count < 3 || inputs[2].type.shape.elementCount == channels else {
      throw failure("bias", "the bias has \(inputs[2].type.shape.elementCount) values for \(channels) channels")
    }
    let output = try positions(image, weights).output
    return [try Shape([image[0], output.height, output.width, channels])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if outputs[0].element == .int16 {
      try requireFixedPoint()
      return try checkWide(inputs, outputs)
    }
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int32 { return try checkSums(inputs, outputs) }
    try checkWeightedTypes(inputs, outputs)
    _ = try scales(inputs.map(\.type), outputs[0])
    _ = try geometry(inputs.map(\.type), outputs[0])
  }

  func scales(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> AccumulatorScales {
    try AccumulatorScales(
      input: inputs[0], weights: inputs[1], output: output, channels: inputs[1].shape[Self.channelAxis],
      channelAxis: Self.channelAxis, options.arithmetic)
  }

  /// How the filter moves and what becomes of its sums, in integers.
  func geometry(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> ConvolutionGeometry {
    ConvolutionGeometry(
      stride: options.stride, dilation: options.dilation,
      padBefore: try positions(inputs[0].shape, inputs[1].shape).before,
      padValue: try inputs[0].affine("the input").zeroPoint,
      output: Extent(output.shape[1], output.shape[2]),
      stage: OutputStage(
        zeroPoint: try output.affine("the output").zeroPoint, clamp: try options.activation.clamp(output)))
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * (inputs[1].type.shape.elementCount / inputs[1].type.shape[Self.channelAxis])
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int16 { return try foldedWide(inputs, outputs) }
    if outputs[0].element == .int32 { return try foldedSums(inputs, outputs) }
    let geometry = try geometry(inputs.map(\.type), outputs[0])
    let weights = inputs[1].type.shape
    let symmetric = try SymmetricWeights(inputs[1], axis: Self.channelAxis) { channel(of: $0, in: weights) }
    let bias = try foldedBias(
      inputs.count > 2 ? try inputs[2].constantInts("the bias") : nil,
      weights: symmetric.values, channels: weights[Self.channelAxis], inputZeroPoint: geometry.padValue
    ) { channel(of: $0, in: weights) }
    let scales = try scales(inputs.map(\.type), outputs[0]).constants()
    return FoldedOperator(integerOperator(geometry), [.input(0), symmetric.input, bias] + scales)
  }
}

/// The parameters of a convolution in integer normal form.
package struct ConvolutionGeometry: Equatable, Sendable {
  package let stride: Extent
  package let dilation: Extent
  /// Rows above and columns to the left of the image that the first window covers.
  package var padBefore: Extent
  /// What taps outside of the image read.
  package let padValue: Int32
  /// Height and width of the output.
  package var output: Extent
  package var stage: OutputStage
}

/// A convolution in integer normal form: everything that the scales and zero points say is in the constants.
///
/// Inputs: int8 image [batch, height, width, channels]; constant int8 weights; constant int32 bias that holds the input
/// zero point's share of all taps; multipliers and shifts, one or one for each output channel. Sums wrap modulo 2^32.
protocol IntegerConvolution: ClampingOperator, PaddedOperator, SpatialOperator {
  /// The axis of the weights that counts the output channels.
  static var channelAxis: Int { get }
  var geometry: ConvolutionGeometry { get set }
}

extension IntegerConvolution {
  package static var dataInputs: Int? { 1 }

  package var clamp: ClosedRange<Int32> {
    get { geometry.stage.clamp }
    set { geometry.stage.clamp = newValue }
  }

  package var padBefore: Extent {
    get { geometry.padBefore }
    set { geometry.padBefore = newValue }
  }

  package var padValue: Int32 { geometry.padValue }

  package var attributes: Attributes {
    Attributes(
      [
        ("stride", .ints(geometry.stride.list)), ("dilation", .ints(geometry.dilation.list)),
        ("pad_before", .ints(geometry.padBefore.list)), ("pad_value", .int(Int(geometry.padValue))),
        ("output", .ints(geometry.output.list)),
      ] + geometry.stage.attributes)
  }

  package func access(_ layer: Layer, input: Int) -> SpatialAccess? {
    guard input == 0, let image = layer.inputs[0].type.bytesOfImage, let output = layer.outputs[0].bytesOfImage else {
      return nil
    }
    let filter = layer.inputs[1].type.shape
    return SpatialAccess(
      image: image, output: output,
      rows: Reach(
        stride: geometry.stride.height, before: padBefore.height, taps: filter[1], dilation: geometry.dilation.height),
      columns: Reach(
        stride: geometry.stride.width, before: padBefore.width, taps: filter[2], dilation: geometry.dilation.width))
  }

  package func stripe(_ stripe: Stripe) -> Self {
    var op = self
    op.geometry.padBefore.height = stripe.padTop
    op.geometry.output.height = stripe.rows
    return op
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    let channels = inputs[1].type.shape[Self.channelAxis]
    return [try Shape([inputs[0].type.shape[0], geometry.output.height, geometry.output.width, channels])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWeightedTypes(inputs, outputs)
    _ = try ScaleTables(multipliers: inputs[3].constant, shifts: inputs[4].constant)
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * (inputs[1].type.shape.elementCount / inputs[1].type.shape[Self.channelAxis])
  }

  /// The output values, where `sum` gives the accumulator of a channel at a position from image and top left corner.
  func outputs(
    _ inputs: [Tensor], _ type: TensorType, sum: (_ image: Int, _ top: Int, _ left: Int, _ channel: Int) -> Int32
  ) throws(Diagnostic) -> [Tensor] {
    let scales = try ScaleTables(multipliers: inputs[3], shifts: inputs[4])
    var result: [Int32] = []
    result.reserveCapacity(type.shape.elementCount)
    for n in 0..<type.shape[0] {
      for oy in 0..<geometry.output.height {
        let top = oy * geometry.stride.height - geometry.padBefore.height
        for ox in 0..<geometry.output.width {
          let left = ox * geometry.stride.width - geometry.padBefore.width
          for channel in 0..<type.shape[3] {
            result.append(geometry.stage.apply(sum(n, top, left, channel), scales[channel]))
          }
        }
      }
    }
    return [Tensor(type, ints: result)]
  }
}

/// A windowed operator in integer normal form that reads a fixed value outside of the image, so that a padding before it
/// can be absorbed.
package protocol PaddedOperator: EmittableOperator {
  var padBefore: Extent { get set }
  var padValue: Int32 { get }
}

extension Operator {
  /// Checks the element types of an operator with int8 data, constant int8 weights and an optional int32 bias.
  func checkWeightedTypes(
    _ inputs: [Operand], _ outputs: [TensorType], allowsDataWeights: Bool = false
  ) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "weights tensor", is: self is any SourceOperator ? [.int8] : [.int8, .int16])
    try require(outputs[0], "output", is: [.int8])
    guard allowsDataWeights || inputs[1].constant != nil else {
      throw failure("weights", "the weights must be constant")
    }
    if inputs.count > 2 {
      try require(inputs[2].type, "bias", is: [.int32])
      guard inputs[2].constant != nil else { throw failure("bias", "the bias must be constant") }
    }
  }
}
