import IR
import Machine
package import Support

/// Convolutions and matrix products filter by filter, over the weights that are not zero: they are kept as Huffman codes with
/// the gaps between them, and those of a filter are decoded once, for all pixels. Any dilation, any number of groups. Function
/// `conv_2d_coded`.
package struct Conv2DCodedKernel: Kernel {
  package let name = "conv_2d_coded"

  /// A layer that it can compute.
  private struct Coded {
    let shape: ConvolutionShape
    let weights: CodedWeights

    /// Nil as well for a single row of a matrix product: there is nothing to share.
    init?(_ layer: Layer) {
      guard let shape = ConvolutionShape(pointwise: layer) ?? ConvolutionShape(layer),
        let values = try? layer.inputs[1].constantInts("the weights"), !values.isEmpty,
        let weights = CodedWeights(values, taps: values.count / shape.weights[0]), weights.byteCount < values.count
      else { return nil }
      // A word has 24 bits for the way from the first tap's input value to another one's.
      let (filter, dilation) = (shape.weights, shape.geometry.dilation)
      let reach = (filter[1] - 1) * dilation.height * shape.image[2] + (filter[2] - 1) * dilation.width + 1
      guard reach * shape.image[3] < 1 << 24 else { return nil }
      if let product = MatrixProductKernel.product(layer), product.rows == 1 { return nil }
      self.shape = shape
      self.weights = weights
    }

    /// Weights with codes of each tap, those of all filters together.
    var perTap: [Int] {
      let depth = shape.weights[3]
      var counts = [Int](repeating: 0, count: shape.weights[1] * shape.weights[2])
      for place in weights.places { counts[place / depth % counts.count] += 1 }
      return counts
    }

    var scratch: Int {
      // The decoder's state, sums, two words for each tap and behind the last one, the words of a filter.
      4 * (CodedWeights.stateWords + 16 + 2 * (shape.weights[1] * shape.weights[2] + 1) + weights.longest)
    }

    /// How the pixels of a row are computed.
    private struct Columns {
      /// Four pixels at a time.
      var fours = 0
      /// Pixels of their own, and those of them that have all columns of taps.
      var singles = 0
      var complete = 0
      /// How many of these have each column of taps.
      var inside: [Int]

      init(_ shape: ConvolutionShape, allowsFours: Bool) {
        let geometry = shape.geometry
        let (width, taps, dilation) = (shape.image[2], shape.weights[2], geometry.dilation.width)
        inside = [Int](repeating: 0, count: taps)
        let reach = (taps - 1) * dilation + 3 * geometry.stride.width
        var x = 0
        while x < geometry.output.width {
          let left = x * geometry.stride.width - geometry.padBefore.width
          if allowsFours, left >= 0, left + reach < width, x + 4 <= geometry.output.width {
            fours += 1
            x += 4
            continue
          }
          let own = (0..<taps).filter { (0..<width).contains(left + $0 * dilation) }
          for tap in own { inside[tap] += 1 }
          singles += 1
          if own.count == taps { complete += 1 }
          x += 1
        }
      }
    }

    var work: [WorkItem] {
      let geometry = shape.geometry
      let taps = shape.weights[2]
      let perTap = perTap
      var (fours, quads, macs, pixels, runs) = (0, 0, 0, 0, 0)
      // Rows whose first row of taps lies above or below the image have no four pixels at a time.
      let some = Columns(shape, allowsFours: false)
      let most = Columns(shape, allowsFours: true)
      for y in 0..<geometry.output.height {
        let top = y * geometry.stride.height - geometry.padBefore.height
        let columns = (0..<shape.image[1]).contains(top) ? most : some
        let rows = (0..<shape.weights[1]).filter {
          (0..<shape.image[1]).contains(top + $0 * geometry.dilation.height)
        }
        for ky in rows {
          for kx in 0..<taps {
            fours += perTap[ky * taps + kx] * columns.fours
            macs += perTap[ky * taps + kx] * columns.inside[kx]
          }
        }
        quads += columns.fours
        pixels += columns.singles
        runs += columns.complete + (columns.singles - columns.complete) * rows.count
      }
      let (images, filters) = (shape.image[0], shape.weights[0])
      return [
        WorkItem("weight", images * weights.places.count), WorkItem("bit", images * weights.extraBits),
        WorkItem("tap", images * filters * perTap.count), WorkItem("four", images * fours),
        WorkItem("quad", images * filters * quads), WorkItem("mac", images * macs),
        WorkItem("pixel", images * filters * pixels), WorkItem("run", images * filters * runs),
        WorkItem("row", images * filters * geometry.output.height),
        WorkItem("output", images * filters * geometry.output.height * geometry.output.width),
      ]
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let coded = Coded(layer), let tables = try? NarrowTables(layer, coded.shape.geometry.stage) else {
      return nil
    }
    return Work(coded.work, flash: coded.weights.byteCount + tables.byteCount(), scratch: coded.scratch)
  }

  package func obstacle(_ layer: Layer) -> String {
    "a single row of inputs, or codes that with their tables are no smaller than the weights"
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let coded = Coded(layer) else { throw unsuitable(layer) }
    let codes = coded.weights.write(&code, shape: layer.inputs[1].type.shape)
    let arguments =
      [codes] + (try NarrowTables(layer, coded.shape.geometry.stage)).write(&code, function: "narrow_sums")
    writeConvolution(
      coded.shape, function: "conv_2d_coded", withGroups: true, memory: ", (uint32_t *)(void *)\(code.scratch)",
      arguments, &code)
  }
}
