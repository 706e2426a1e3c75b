import IR
import Operators
import Support

// Sums, means and extrema over axes and windows.

extension BackwardStep {
  /// For each element of the input the element of the output to which it is reduced over `axes`.
  fileprivate func reductionPlaces(_ axes: [Int]) throws(Diagnostic) -> [Int] {
    let kept = try Shape(shape(0).dims.enumerated().map { axes.contains($0) ? 1 : $1 })
    return kept.places(repeatedTo: shape(0)) ?? Array(0..<kept.elementCount)
  }
}

extension Sum: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let gradient = step.gradient()
    return [try step.reductionPlaces(axes).map { gradient[$0] }]
  }
}

extension Mean: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let count = Float(axes.reduce(1) { $0 * step.shape(0)[$1] })
    let gradient = step.gradient().map { $0 / count }
    return [try step.reductionPlaces(axes).map { gradient[$0] }]
  }
}

extension Reduce: DifferentiableOperator {
  /// Of floats there are extrema alone; the first of equal ones counts.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    var (gradient, x) = (step.gradient(), try step.input(0))
    let y = try step.output()
    for (place, target) in try step.reductionPlaces(axes).enumerated() {
      let isIt = x[place] == y[target]
      x[place] = isIt ? gradient[target] : 0
      if isIt { gradient[target] = 0 }
    }
    return [x]
  }
}

extension CumulativeSum: DifferentiableOperator {
  /// An element is in the sums of those behind it: gradients are summed from the other end.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let reverse = CumulativeSum(axis: axis, isExclusive: isExclusive, isReverse: !isReverse)
    let type = step.inputs[0].type
    return [try reverse.evaluate([Tensor(type, floats: step.gradient())], as: [type])[0].floats("the sums")]
  }
}

/// The windows of a pooling.
private struct PoolWindows {
  let image: Shape
  let output: Shape
  let rows: FilterTaps
  let columns: FilterTaps

  init(_ step: BackwardStep, filter: Extent, stride: Extent, padding: Padding) throws(Diagnostic) {
    image = step.shape(0)
    output = step.outputs[0].type.shape
    let before = try Window(filter: filter, stride: stride, dilation: Extent(1, 1))
      .positions(padding, over: Extent(image[1], image[2])).before
    rows = FilterTaps(stride: stride.height, dilation: 1, before: before.height, filter: filter.height, size: image[1])
    columns = FilterTaps(stride: stride.width, dilation: 1, before: before.width, filter: filter.width, size: image[2])
  }

  /// Calls `body` for each output pixel with its place, and with the input pixels of its window; a pixel's channels follow.
  func forEach(_ body: (_ target: Int, _ pixels: [Int]) -> Void) {
    let channels = image[3]
    for position in 0..<output[0] * output[1] * output[2] {
      let n = position / (output[1] * output[2])
      let (oy, ox) = (position / output[2] % output[1], position % output[2])
      var pixels: [Int] = []
      for ky in rows.inside(oy) {
        let line = (n * image[1] + rows.start(oy) + ky) * image[2] + columns.start(ox)
        for kx in columns.inside(ox) { pixels.append((line + kx) * channels) }
      }
      body(position * channels, pixels)
    }
  }
}

extension AveragePool2D: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let gradient = try step.gradient(before: activation)
    var result = [Float](repeating: 0, count: step.shape(0).elementCount)
    let channels = step.shape(0)[3]
    try PoolWindows(step, filter: filter, stride: stride, padding: padding).forEach { target, pixels in
      for pixel in pixels {
        for channel in 0..<channels { result[pixel + channel] += gradient[target + channel] / Float(pixels.count) }
      }
    }
    return [result]
  }
}

extension MaxPool2D: DifferentiableOperator {
  /// The first of equal elements counts.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let gradient = try step.gradient(before: activation)
    let x = try step.input(0)
    var result = [Float](repeating: 0, count: x.count)
    let channels = step.shape(0)[3]
    try PoolWindows(step, filter: filter, stride: stride, padding: padding).forEach { target, pixels in
      guard let first = pixels.first else { return }
      for channel in 0..<channels where gradient[target + channel] != 0 {
        var place = first + channel
        for pixel in pixels where x[pixel + channel] > x[place] { place = pixel + channel }
        result[place] += gradient[target + channel]
      }
    }
    return [result]
  }
}

extension L2Pool2D: DifferentiableOperator {
  /// ∂/∂x of √(Σ x² / n) is x / (n · y).
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let gradient = try step.gradient(before: activation)
    let (x, y) = (try step.input(0), try step.output())
    var result = [Float](repeating: 0, count: x.count)
    let channels = step.shape(0)[3]
    try PoolWindows(step, filter: filter, stride: stride, padding: padding).forEach { target, pixels in
      for channel in 0..<channels where gradient[target + channel] != 0 && y[target + channel] != 0 {
        let factor = gradient[target + channel] / (y[target + channel] * Float(pixels.count))
        for pixel in pixels { result[pixel + channel] += factor * x[pixel + channel] }
      }
    }
    return [result]
  }
}
