import IR
import LinearAlgebra
import Operators
import Support

/// Second moments of what the output channels of a layer read, over calibration vectors, in the network as it was and in the
/// compressed one.
///
/// Channels of one group read the same values: all of a dense layer or a plain convolution, each channel of a depthwise one.
struct LayerMoments {
  private let columns: Int
  private let groups: Int
  private let hasBias: Bool
  private var count = 0.0
  /// For each group: E[x̂ x̂ᵀ], E[x x̂ᵀ], and the means.
  private var own: [[Double]]
  private var crossed: [[Double]]
  private var ownMeans: [[Double]]
  private var means: [[Double]]

  /// - Parameters:
  ///   - columns: weights of a channel.
  ///   - hasBias: whether a bias can make up for a changed mean.
  init(columns: Int, groups: Int, hasBias: Bool) {
    self.columns = columns
    self.groups = groups
    self.hasBias = hasBias
    own = [[Double]](repeating: [Double](repeating: 0, count: columns * columns), count: groups)
    crossed = own
    means = [[Double]](repeating: [Double](repeating: 0, count: columns), count: groups)
    ownMeans = means
  }

  /// Takes in what the layer reads: for each position of the output, for each group, the values of all columns.
  mutating func add(original: [Float], compressed: [Float]) {
    let width = columns * groups
    let positions = compressed.count / max(1, width)
    count += Double(positions)
    for group in 0..<groups {
      original.withUnsafeBufferPointer { x in
        compressed.withUnsafeBufferPointer { y in
          own[group].withUnsafeMutableBufferPointer { own in
            crossed[group].withUnsafeMutableBufferPointer { crossed in
              for position in 0..<positions {
                let start = position * width + group * columns
                for i in 0..<columns {
                  let a = Double(y[start + i])
                  ownMeans[group][i] += a
                  if a != 0 { for j in 0...i { own[i * columns + j] += a * Double(y[start + j]) } }
                  let b = Double(x[start + i])
                  means[group][i] += b
                  if b != 0 { for j in 0..<columns { crossed[i * columns + j] += b * Double(y[start + j]) } }
                }
              }
            }
          }
        }
      }
    }
  }

  /// What channels of a group lose with other weights, and how their best weights follow from the ones that they had.
  func problem(_ group: Int) -> (
    loss: QuadraticLoss, target: ([Double]) -> [Double], means: (original: [Double], compressed: [Double])
  ) {
    let n = columns
    let scale = 1 / max(1, count)
    let (m, o) = (means[group].map { $0 * scale }, ownMeans[group].map { $0 * scale })
    var hessian = own[group].map { $0 * scale }
    var crossed = crossed[group].map { $0 * scale }
    for i in 0..<n {
      for j in 0..<i { hessian[j * n + i] = hessian[i * n + j] }
    }
    if hasBias {
      for i in 0..<n {
        for j in 0..<n {
          hessian[i * n + j] -= o[i] * o[j]
          crossed[i * n + j] -= m[i] * o[j]
        }
      }
    }
    let loss = QuadraticLoss(moments: hessian, size: n)
    let factor = n <= 2048 ? Cholesky(loss.hessian, size: n) : nil
    func target(_ weights: [Double]) -> [Double] {
      guard let factor else { return weights }
      // What damping adds to the diagonal pulls to the weights as they are.
      var right = (0..<n).map { (loss.hessian[$0 * n + $0] - hessian[$0 * n + $0]) * weights[$0] }
      for i in 0..<n where weights[i] != 0 {
        for j in 0..<n { right[j] += weights[i] * crossed[i * n + j] }
      }
      return factor.solve(right)
    }
    return (loss, target, (m, o))
  }
}

/// What the channels of a layer read, for one input.
struct PatchReader {
  private let op: any Operator
  private let identity: Tensor
  private let output: TensorType
  let columns: Int
  let groups: Int

  /// Moments of more columns would take more time and memory than they are worth.
  private static let mostColumns = 2304

  /// - Returns: nil for layers whose patches can't be told, or are too large.
  init?(_ layer: WeightedLayer, _ node: Node, input: TensorType, output: TensorType) throws(Diagnostic) {
    guard layer.axis != nil, layer.position == 1, layer.columns > 0, let op = node.op.withoutActivation else {
      return nil
    }
    let shape = layer.type.shape
    columns = layer.columns
    let isDepthwise = node.op is DepthwiseConv2D
    let depth = isDepthwise ? 1 : shape.dims.last ?? 1
    let channels = input.shape.dims.last ?? 1
    groups = isDepthwise ? channels : node.op is FullyConnected ? 1 : channels / max(1, depth)
    let positions = output.shape.elementCount / max(1, layer.channels)
    guard groups > 0, columns <= Self.mostColumns,
      columns * groups * max(columns, positions) <= Shape.maximumElements
    else { return nil }
    // Filters that pass on one of their inputs: the operator itself then gives all that a filter reads.
    let filters = columns * groups
    var dims = shape.dims
    dims[layer.axis ?? 0] = filters
    let identityShape = try Shape(dims)
    var ones = [Float](repeating: 0, count: identityShape.elementCount)
    for filter in 0..<filters {
      let tap = filter % columns
      ones[isDepthwise ? tap * filters + filter : filter * columns + tap] = 1
    }
    identity = Tensor(TensorType(.float32, identityShape), floats: ones)
    var outputDims = output.shape.dims
    guard !outputDims.isEmpty else { return nil }
    outputDims[outputDims.count - 1] = filters
    self.output = TensorType(.float32, try Shape(outputDims))
    self.op = (op as? FullyConnected).map { FullyConnected(activation: $0.activation, shape: outputDims) } ?? op
  }

  /// Position after position, for each group, the values of all columns.
  func patches(_ input: Tensor) throws(Diagnostic) -> [Float] {
    let real = try input.realFloats()
    return try op.evaluate([real, identity], as: [output])[0].floats("the patches")
  }
}

extension Operator {
  /// The operator as the sums that it computes; nil for operators without weights.
  fileprivate var withoutActivation: (any Operator)? {
    if let op = self as? any ActivatedOperator { return op.activated(.none) }
    guard let op = self as? TransposeConv else { return nil }
    return TransposeConv(stride: op.stride, padding: op.padding, activation: .none, output: op.output)
  }
}

extension Tensor {
  /// The real values as floats.
  func realFloats() throws(Diagnostic) -> Tensor {
    if case .floats = elements { return retyped(TensorType(.float32, type.shape)) }
    return try Dequantize.real(self)
  }
}
