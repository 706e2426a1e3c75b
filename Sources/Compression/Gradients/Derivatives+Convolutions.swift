import IR
import Operators
import Support

// Layers with weights. With g the gradient of the sums, ∂/∂weight = Σ g · input, ∂/∂input = Σ g · weight, ∂/∂bias = Σ g.

/// Gradients of the data, weights and bias of a layer while they are summed.
struct LayerGradients {
  var data: [Float]?
  var weights: [Float]?
  var bias: [Float]?

  /// - Parameter sums: the gradients of the sums, with the channels as the last axis; they make those of the bias.
  init(_ step: BackwardStep, sums: [Float]) {
    func zeros(_ input: Int) -> [Float]? {
      guard input < step.wanted.count, step.wanted[input] else { return nil }
      return [Float](repeating: 0, count: step.shape(input).elementCount)
    }
    (data, weights, bias) = (zeros(0), zeros(1), zeros(2))
    guard var totals = bias, !totals.isEmpty else { return }
    for (place, value) in sums.enumerated() { totals[place % totals.count] += value }
    bias = totals
  }

  var results: [[Float]?] { [data, weights, bias] }

  /// Calls `body` with the buffers; those of gradients that are not wanted are empty.
  mutating func withBuffers(
    _ body: (_ data: UnsafeMutableBufferPointer<Float>, _ weights: UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    var (ownData, ownWeights) = (data ?? [], weights ?? [])
    let has = (data: data != nil, weights: weights != nil)
    (data, weights) = (nil, nil)
    ownData.withUnsafeMutableBufferPointer { data in
      ownWeights.withUnsafeMutableBufferPointer { weights in body(data, weights) }
    }
    if has.data { data = ownData }
    if has.weights { weights = ownWeights }
  }
}

/// The taps of a filter that lie inside of an image along one axis.
struct FilterTaps {
  let stride: Int
  let dilation: Int
  let before: Int
  let filter: Int
  let size: Int

  /// The first pixel of the window at `position` of the output; it may lie outside.
  func start(_ position: Int) -> Int { position * stride - before }

  /// The taps of the window at `position` of the output.
  func inside(_ position: Int) -> Range<Int> {
    let start = start(position)
    let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
    let end = start >= size ? 0 : min(filter, (size - 1 - start) / dilation + 1)
    return first..<max(first, end)
  }
}

/// `target[i] += factor · source[i]` for `count` elements.
@inline(__always)
private func accumulate(
  _ factor: Float, _ source: UnsafeBufferPointer<Float>, _ sourceStart: Int,
  _ target: UnsafeMutableBufferPointer<Float>, _ targetStart: Int, _ count: Int
) {
  guard let from = source.baseAddress, let to = target.baseAddress else { return }
  let (a, b) = (from + sourceStart, to + targetStart)
  for i in 0..<count { b[i] += factor * a[i] }
}

extension Convolution {
  /// How the filter moves over rows and columns.
  fileprivate func taps(_ image: Shape, _ weights: Shape) throws(Diagnostic) -> (rows: FilterTaps, columns: FilterTaps)
  {
    let filter = Extent(weights[1], weights[2])
    let before = try Window(filter: filter, stride: options.stride, dilation: options.dilation)
      .positions(options.padding, over: Extent(image[1], image[2])).before
    return (
      FilterTaps(
        stride: options.stride.height, dilation: options.dilation.height, before: before.height,
        filter: filter.height, size: image[1]),
      FilterTaps(
        stride: options.stride.width, dilation: options.dilation.width, before: before.width, filter: filter.width,
        size: image[2])
    )
  }
}

extension Conv2D: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let sums = try step.gradient(before: activation)
    let (image, weights, out) = (step.shape(0), step.shape(1), step.outputs[0].type.shape)
    let (rows, columns) = try taps(image, weights)
    let (filters, height, width, depth) = (weights[0], weights[1], weights[2], weights[3])
    let (imageHeight, imageWidth, channels) = (image[1], image[2], image[3])
    let (outHeight, outWidth) = (out[1], out[2])
    let groupSize = max(1, filters / max(1, channels / max(1, depth)))
    // Taps of a row lie side by side in the image, as they do in the filter.
    let isDense = columns.dilation == 1 && depth == channels
    var gradients = LayerGradients(step, sums: sums)
    let (wantsData, wantsWeights) = (step.wanted[0], step.wanted[1])
    let (x, w) = (try step.input(0), try step.input(1))
    gradients.withBuffers { data, own in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          var place = 0
          for n in 0..<out[0] {
            for oy in 0..<outHeight {
              let rowTaps = rows.inside(oy)
              for ox in 0..<outWidth {
                let columnTaps = columns.inside(ox)
                for oc in 0..<filters {
                  let gradient = sums[place]
                  place += 1
                  guard gradient != 0 else { continue }
                  for ky in rowTaps {
                    let line = (n * imageHeight + rows.start(oy) + ky * rows.dilation) * imageWidth
                    let filter = (oc * height + ky) * width
                    for kx in isDense ? columnTaps.prefix(1) : columnTaps {
                      let count = isDense ? columnTaps.count * depth : depth
                      let pixel = (line + columns.start(ox) + kx * columns.dilation) * channels + oc / groupSize * depth
                      let tap = (filter + kx) * depth
                      if wantsWeights { accumulate(gradient, x, pixel, own, tap, count) }
                      if wantsData { accumulate(gradient, w, tap, data, pixel, count) }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return gradients.results
  }
}

extension DepthwiseConv2D: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let sums = try step.gradient(before: activation)
    let (image, weights, out) = (step.shape(0), step.shape(1), step.outputs[0].type.shape)
    let (rows, columns) = try taps(image, weights)
    let channels = out[3]
    let multiplier = max(1, channels / max(1, image[3]))
    var gradients = LayerGradients(step, sums: sums)
    let (wantsData, wantsWeights) = (step.wanted[0], step.wanted[1])
    let (x, w) = (try step.input(0), try step.input(1))
    gradients.withBuffers { data, own in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          sums.withUnsafeBufferPointer { sums in
            for position in 0..<out[0] * out[1] * out[2] {
              let (n, oy, ox) = (position / (out[1] * out[2]), position / out[2] % out[1], position % out[2])
              for ky in rows.inside(oy) {
                let line = (n * image[1] + rows.start(oy) + ky * rows.dilation) * image[2]
                for kx in columns.inside(ox) {
                  let pixel = (line + columns.start(ox) + kx * columns.dilation) * image[3]
                  let tap = (ky * weights[2] + kx) * channels
                  let gradient = position * channels
                  if wantsWeights {
                    for oc in 0..<channels { own[tap + oc] += sums[gradient + oc] * x[pixel + oc / multiplier] }
                  }
                  if wantsData {
                    for oc in 0..<channels { data[pixel + oc / multiplier] += sums[gradient + oc] * w[tap + oc] }
                  }
                }
              }
            }
          }
        }
      }
    }
    return gradients.results
  }
}

extension TransposeConv: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let sums = try step.gradient(before: activation)
    let (image, weights) = (step.shape(0), step.shape(1))
    let filter = Extent(weights[1], weights[2])
    // Pixels of the input are to the output what those of a convolution's output are to its input.
    let before = try Window(filter: filter, stride: stride, dilation: Extent(1, 1))
      .positions(padding, over: output).before
    let rows = FilterTaps(
      stride: stride.height, dilation: 1, before: before.height, filter: filter.height, size: output.height)
    let columns = FilterTaps(
      stride: stride.width, dilation: 1, before: before.width, filter: filter.width, size: output.width)
    let (depth, channels) = (image[3], weights[0])
    var gradients = LayerGradients(step, sums: sums)
    let (wantsData, wantsWeights) = (step.wanted[0], step.wanted[1])
    let (x, w) = (try step.input(0), try step.input(1))
    gradients.withBuffers { data, own in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          for position in 0..<image[0] * image[1] * image[2] {
            let (n, iy, ix) = (position / (image[1] * image[2]), position / image[2] % image[1], position % image[2])
            for ky in rows.inside(iy) {
              for kx in columns.inside(ix) {
                let pixel = (n * output.height + rows.start(iy) + ky) * output.width + columns.start(ix) + kx
                for oc in 0..<channels {
                  let gradient = sums[pixel * channels + oc]
                  guard gradient != 0 else { continue }
                  let tap = ((oc * weights[1] + ky) * weights[2] + kx) * depth
                  if wantsWeights { accumulate(gradient, x, position * depth, own, tap, depth) }
                  if wantsData { accumulate(gradient, w, tap, data, position * depth, depth) }
                }
              }
            }
          }
        }
      }
    }
    return gradients.results
  }
}

extension FullyConnected: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let sums = try step.gradient(before: activation)
    let (units, depth) = (step.shape(1)[0], step.shape(1)[1])
    var gradients = LayerGradients(step, sums: sums)
    let (wantsData, wantsWeights) = (step.wanted[0], step.wanted[1])
    let (x, w) = (try step.input(0), try step.input(1))
    gradients.withBuffers { data, own in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          for (place, gradient) in sums.enumerated() where gradient != 0 {
            let (row, unit) = (place / units, place % units)
            if wantsWeights { accumulate(gradient, x, row * depth, own, unit * depth, depth) }
            if wantsData { accumulate(gradient, w, unit * depth, data, row * depth, depth) }
          }
        }
      }
    }
    return gradients.results
  }
}
