/// The order in which a kernel reads an input and writes its output, as far as it decides whether they may share memory.
package enum AccessOrder: Equatable, Sendable {
  /// Element by element, each after the same element of the input was read.
  case elements
  /// `count` pixels of the output at a time, in raster order. With `gathers`, all that they read is read before the first of
  /// them is written.
  case pixels(count: Int, gathers: Bool)
  /// `count` tiles of `size` × `size` pixels at a time, in raster order of the tiles; what they read is read before the first
  /// of them is written.
  case tiles(count: Int, size: Int)
  /// Channel by channel, each `rows` rows of the output at a time. What they read, and all rows above it, is read before the
  /// first of them is written. There are as many channels in the output as in the input.
  case planes(rows: Int)
}

/// Where an output may begin in the memory of an input that nobody needs afterwards.
package struct Overlap: Equatable, Sendable {
  /// The output must begin at least so many bytes before the input; negative for behind its beginning.
  package let lead: Int
  /// The distance between their beginnings must be a multiple of it.
  package let step: Int

  package init(lead: Int, step: Int = 1) {
    self.lead = lead
    self.step = step
  }

  /// Whether they may begin at these offsets.
  package func allows(input: Int, output: Int) -> Bool {
    input - output >= lead && (input - output).isMultiple(of: step)
  }

  /// The least distance from the beginning of the output to that of the input.
  package var distance: Int {
    let (quotient, remainder) = lead.quotientAndRemainder(dividingBy: step)
    return (quotient + (remainder > 0 ? 1 : 0)) * step
  }

  /// What allows both.
  package func and(_ other: Overlap) -> Overlap? {
    guard step.isMultiple(of: other.step) || other.step.isMultiple(of: step) else { return nil }
    return Overlap(lead: max(lead, other.lead), step: max(step, other.step))
  }
}

extension SpatialAccess {
  /// Where the output may begin when it is written in the order `order`.
  ///
  /// After each piece of work, what was written must end before what is still to be read begins.
  package func overlap(_ order: AccessOrder) -> Overlap? {
    switch order {
    case .elements: image == output ? Overlap(lead: 0) : nil
    case .pixels(let count, let gathers): pixels(count, gathers)
    case .tiles(let count, let size): tiles(count, size)
    case .planes(let batch): planes(batch)
    }
  }

  private func pixels(_ count: Int, _ gathers: Bool) -> Overlap {
    let pixels = output[0] * output[1]
    // The first byte of the input that pixel p or a later one reads.
    var firstRead = [Int](repeating: .max, count: pixels + 1)
    for pixel in stride(from: pixels - 1, through: 0, by: -1) {
      let (row, column) = (pixel / output[1], pixel % output[1])
      let position = rows.first(row) * imageRow + columns.first(column) * image[2]
      firstRead[pixel] = min(firstRead[pixel + 1], position)
    }
    var lead = -(output[0] * outputRow)
    for begin in stride(from: 0, to: pixels, by: count) {
      let end = min(pixels, begin + count)
      let read = firstRead[gathers ? end : begin]
      if read < .max { lead = max(lead, end * output[2] - read) }
    }
    return Overlap(lead: lead)
  }

  private func tiles(_ count: Int, _ size: Int) -> Overlap {
    let across = (output[1] + size - 1) / size
    let tiles = (output[0] + size - 1) / size * across
    var lead = -(output[0] * outputRow)
    for next in stride(from: count, to: tiles, by: count) {
      let written = min(output[0], ((next - 1) / across + 1) * size) * outputRow
      lead = max(lead, written - rows.first(next / across * size) * imageRow)
    }
    return Overlap(lead: lead)
  }

  private func planes(_ batch: Int) -> Overlap? {
    guard image[2] == output[2] else { return nil }
    var lead = -(output[0] * outputRow)
    for end in stride(from: batch, to: output[0], by: batch) {
      let read = rows.needed(end)
      if read < image[0] { lead = max(lead, end * outputRow - read * imageRow) }
    }
    return Overlap(lead: lead, step: image[2])
  }
}

extension Kernel {
  package func order(_ layer: Layer) -> AccessOrder? { nil }

  package func takesRows(_ layer: Layer) -> Bool { false }

  /// Where the output may begin in the memory of the data input at the position `input`; nil for nowhere.
  package func overlap(_ layer: Layer, input: Int) -> Overlap? {
    guard let order = order(layer) else { return nil }
    return layer.access(input: input)?.overlap(order)
  }
}
