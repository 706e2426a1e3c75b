import IR
import Operators
import Support

/// Spectra of signals, as products with constant matrices, and constants that belong to them.
extension ONNXCall {
  static let signals: [String: Builder] = [
    "DFT": { (call) throws(Diagnostic) in [.tensor(try call.fourierTransform(), .float32)] },
    "STFT": { (call) throws(Diagnostic) in [.tensor(try call.shortFourierTransform(), .float32)] },
    "HannWindow": window(0.5, 0.5, 0), "HammingWindow": window(25.0 / 46, 21.0 / 46, 0),
    "BlackmanWindow": window(0.42, 0.5, 0.08),
    "MelWeightMatrix": { (call) throws(Diagnostic) in [.constant(try call.melWeights())] },
  ]

  /// a − b·cos(2πn/N) + c·cos(4πn/N)
  private static func window(_ a: Double, _ b: Double, _ c: Double) -> Builder {
    { (call) throws(Diagnostic) in
      guard let size = try call.constantInts(0, "the size").first, (1...Shape.maximumElements).contains(size) else {
        throw call.failure("extent", "the size must be positive")
      }
      try call.spend(size)
      let period = Double(try call.int("periodic", default: 1) != 0 ? size : max(1, size - 1))
      let values = (0..<size).map { (index: Int) -> Float in
        let angle = 2 * Double.pi * Double(index) / period
        return Float(a - b * RealFunctions.cosine(angle) + c * RealFunctions.cosine(2 * angle))
      }
      let element = ONNXElement(rawValue: Int64(try call.int("output_datatype", default: 1))) ?? .float32
      return [.constant(try ONNXConstant(.float32, try Shape([size]), .floats(values)).cast(to: element))]
    }
  }

  /// The matrix that makes of `size` numbers, each with a real and maybe an imaginary part, `count` frequencies with both
  /// parts, of a transform of `length` numbers.
  private mutating func fourierMatrix(
    size: Int, parts: Int, length: Int, count: Int, isInverse: Bool, window: [Float]? = nil
  ) throws(Diagnostic) -> [Float] {
    try spend(4 * size * count)
    var weights: [Float] = []
    weights.reserveCapacity(2 * count * size * parts)
    let factor = isInverse ? 1 / Double(length) : 1
    // Angles are reduced as whole numbers, so that none is large.
    func angle(_ frequency: Int, _ step: Int) -> Double {
      2 * Double.pi * Double(frequency * step % length) / Double(length) * (isInverse ? 1 : -1)
    }
    for frequency in 0..<count {
      for isImaginary in [false, true] {
        for step in 0..<size {
          // What is longer than the transform is cut off.
          let share = step < length ? factor * Double(window?[step] ?? 1) : 0
          let (cosine, sine) = (
            RealFunctions.cosine(angle(frequency, step)), RealFunctions.sine(angle(frequency, step))
          )
          weights.append(Float(share * (isImaginary ? sine : cosine)))
          if parts == 2 { weights.append(Float(share * (isImaginary ? cosine : -sine))) }
        }
      }
    }
    return weights
  }

  /// Signals [batch…, size, parts] along their last but one axis → [batch…, frequencies, 2].
  private mutating func transformed(
    _ x: TensorID, length: Int, count: Int, isInverse: Bool, window: [Float]? = nil
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    let (size, parts) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let batch = Array(shape.dims.dropLast(2))
    let weights = try fourierMatrix(
      size: size, parts: parts, length: length, count: count, isInverse: isInverse, window: window)
    let rows = try reshaped(x, [batch.reduce(1, *), size * parts])
    return try reshaped(try mapped(rows, axis: 1, rows: 2 * count, weights), batch + [count, 2])
  }

  private mutating func fourierTransform() throws(Diagnostic) -> TensorID {
    var x = try float(0)
    let shape = graph[x].type.shape
    guard shape.rank >= 2, let parts = shape.dims.last, parts == 1 || parts == 2 else {
      throw failure("rank", "an input of the shape \(shape) is no signal")
    }
    let attribute = try int("axis", default: 1)
    let number = version < 20 ? attribute : has(2) ? try constantInts(2, "the axis").first ?? -2 : -2
    let axis = try shape.normalized(axis: number)
    guard axis < shape.rank - 1 else { throw failure("axis", "the last axis holds real and imaginary parts") }
    let length = has(1) ? try constantInts(1, "the length").first ?? 0 : shape[axis]
    guard (1...65_535).contains(length) else { throw failure("extent", "a length of \(length) is not supported") }
    let count = try int("onesided", default: 0) != 0 ? length / 2 + 1 : length
    var order = Array(0..<shape.rank)
    order.swapAt(axis, shape.rank - 2)
    x = try transposed(x, order)
    let isInverse = try int("inverse", default: 0) != 0
    return try transposed(try transformed(x, length: length, count: count, isInverse: isInverse), order)
  }

  /// Spectra of frames of a signal [batch, length, 1].
  private mutating func shortFourierTransform() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    guard shape.rank == 3, shape[2] == 1 || shape[2] == 2, let step = try constantInts(1, "the step").first else {
      throw failure("rank", "an input of the shape \(shape) is no signal")
    }
    let window = has(2) ? try constant(2, "the window").floats("the window") : nil
    let declared = has(3) ? try constantInts(3, "the length of a frame").first : nil
    guard let size = declared ?? window?.count, (1...65_535).contains(size), step > 0, size <= shape[1],
      window == nil || window?.count == size
    else { throw failure("extent", "the frames do not suit a signal of the shape \(shape)") }
    let frames = (shape[1] - size) / step + 1
    try spend(frames * size)
    let places = (0..<frames).flatMap { frame in (0..<size).map { frame * step + $0 } }
    let taken = try take([[], places, []], x)
    let rows = try reshaped(taken, [shape[0], frames, size, shape[2]])
    let count = try int("onesided", default: 1) != 0 ? size / 2 + 1 : size
    return try transformed(rows, length: size, count: count, isInverse: false, window: window)
  }

  /// The shares of frequencies in bands that are equally wide for the ear, as triangles. Source: the description of the
  /// operator MelWeightMatrix in the ONNX standard.
  private mutating func melWeights() throws(Diagnostic) -> ONNXConstant {
    guard let bands = try constantInts(0, "the number of bands").first,
      let length = try constantInts(1, "the length").first, let rate = try constantInts(2, "the rate").first,
      let low = try constant(3, "the lower edge").numbers.first,
      let high = try constant(4, "the upper edge").numbers.first, (1...65_535).contains(bands),
      (1...65_535).contains(length), rate > 0, low >= 0, high > low, high.isFinite
    else { throw failure("extent", "the numbers do not describe bands") }
    func mel(_ frequency: Double) -> Double { 2595 * RealFunctions.log(1 + frequency / 700) / RealFunctions.log(10.0) }
    let step = (mel(high) - mel(low)) / Double(bands + 2)
    let bins = (0..<bands + 2).map { (index: Int) -> Int in
      let frequency = 700 * (RealFunctions.power(10, (Double(index) * step + mel(low)) / 2595) - 1)
      let bin = (Double(length + 1) * frequency / Double(rate)).rounded(.down)
      return bin < Double(length) ? Int(bin) : length
    }
    let rows = length / 2 + 1
    let shape = try Shape([rows, bands])
    try spend(shape.elementCount)
    guard bins.allSatisfy({ (0..<rows).contains($0) }) else {
      throw failure("extent", "a band reaches beyond the spectrum")
    }
    var weights = [Float](repeating: 0, count: shape.elementCount)
    for band in 0..<bands {
      let (left, center, right) = (bins[band], bins[band + 1], bins[band + 2])
      if center == left { weights[center * bands + band] = 1 }
      for bin in left..<center { weights[bin * bands + band] = Float(bin - left) / Float(center - left) }
      if center > left { weights[center * bands + band] = 1 }
      for bin in center..<right { weights[bin * bands + band] = Float(right - bin) / Float(right - center) }
    }
    let element = ONNXElement(rawValue: Int64(try int("output_datatype", default: 1))) ?? .float32
    return try ONNXConstant(.float32, shape, .floats(weights)).cast(to: element)
  }
}
