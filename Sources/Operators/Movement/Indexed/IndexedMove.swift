package import IR
package import Support

/// Runs of elements whose place depends on indices that are known at run time only.
///
/// Mnemonic `integer.move_indexed`. Every row of loops reads some indices and copies a run: from where they point to, or to it.
package struct IndexedMove: EmittableOperator {
  package static let mnemonic = "integer.move_indexed"
  package static let kernels: [any Kernel] = [IndexedMoveKernel()]

  /// One index of a row.
  struct Index: Equatable, Sendable {
    /// Its place behind the row's first index.
    let position: Int
    /// Elements from one value to the next one.
    let stride: Int
    /// The largest value that it can have.
    let last: Int
  }

  /// What happens where indices point outside of the tensor.
  enum Outside: Equatable, Sendable {
    /// The index closest to it is taken.
    case nearest
    /// The place as a whole, not each index, must be in `0...last`; otherwise it is the first one.
    case first(last: Int)
  }

  /// What is copied before anything else, from input 0; nil for nothing.
  let whole: StridedCopy?
  /// The input whose elements the rows copy.
  let data: Int
  let shape: Shape
  /// Steps of the indices, of the data and of the output.
  let rows: LoopNest
  let indices: [Index]
  let outside: Outside
  /// The indices tell the place in the output, not in the data.
  let pointsToOutput: Bool
  /// Steps of the data and of the output.
  let run: LoopNest
  /// Whether negative indices count from the end: −1 is the last place.
  var countsFromEnd = false

  /// The input with the indices.
  var indexInput: Int { data + 1 }

  package var attributes: Attributes {
    Attributes([
      ("rows", .int(rows.count)), ("run", .int(run.count)), ("strides", .ints(indices.map(\.stride))),
      ("lasts", .ints(indices.map(\.last))),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] { [shape] }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs, count: (data + 2)...(data + 2))
    try requireOneElement(outputs + inputs[...data].map(\.type))
    try require(inputs[indexInput].type, "list of indices", is: [.int8, .uint8, .int16, .int32])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try copied(try copies(try inputs[indexInput].ints("the indices")), inputs, outputs, over: nil)
  }

  /// The index of a row that begins at `first`.
  private func value(_ index: Index, _ values: [Int32], _ first: Int) -> Int {
    let value = Int(values[first + index.position])
    return countsFromEnd && value < 0 ? value + index.last + 1 : value
  }

  /// Where the indices of a row point to, which begin at `first`; nil outside of the tensor.
  private func place(_ values: [Int32], _ first: Int) -> Int? {
    switch outside {
    case .nearest:
      var place = 0
      for index in indices {
        let value = value(index, values, first)
        guard (0...index.last).contains(value) else { return nil }
        place += value * index.stride
      }
      return place
    case .first(let last):
      let place = indices.reduce(UInt32(0)) {
        $0 &+ UInt32(bitPattern: values[first + $1.position]) &* UInt32(truncatingIfNeeded: $1.stride)
      }
      return place > last ? nil : Int(place)
    }
  }

  /// The first place inside of the tensor for a row whose indices point outside.
  private func replacement(_ values: [Int32], _ first: Int) -> Int {
    guard outside == .nearest else { return 0 }
    return indices.reduce(0) { $0 + min(max(value($1, values, first), 0), $1.last) * $1.stride }
  }

  /// The copies for indices that are known.
  func copies(_ values: [Int32]) throws(Diagnostic) -> Copies {
    // Loops over the indices become one axis, others stay.
    let (pointing, fixed) = (rows.axes.filter { $0.steps[0] != 0 }, rows.axes.filter { $0.steps[0] == 0 })
    var (source, target): ([Int], [Int]) = ([], [])
    LoopNest(pointing).forEach(tensors: 3) { offsets in
      let place = place(values, offsets[0]) ?? replacement(values, offsets[0])
      source.append(offsets[1] + (pointsToOutput ? 0 : place))
      target.append(offsets[2] + (pointsToOutput ? place : 0))
    }
    let axes =
      [CopyAxis(source: source, target: target)]
      + fixed.map { CopyAxis($0.size, source: $0.steps[1], target: $0.steps[2]) }
      + run.axes.map { CopyAxis($0.size, source: $0.steps[0], target: $0.steps[1]) }
    return (whole.map { [(0, 0, $0)] } ?? []) + [(data, 0, StridedCopy(axes))]
  }

  /// Fails when one of the indices, which are known, points outside of the tensor.
  func check(_ values: [Int32], _ name: String) throws(Diagnostic) {
    var outside: [Int32]?
    rows.forEach(tensors: 3) { offsets in
      if outside == nil, place(values, offsets[0]) == nil {
        outside = indices.map { values[offsets[0] + $0.position] }
      }
    }
    if let outside {
      let text = outside.count == 1 ? "index \(outside[0])" : "indices \(outside)"
      throw Diagnostic("operator.index", "\(name): the \(text) is outside of the tensor")
    }
  }

  /// The same, without reading indices at run time when they are known or can't change anything.
  func folded(_ inputs: [Operand]) throws(Diagnostic) -> FoldedOperator {
    if whole != nil, run.count == shape.elementCount {
      return FoldedOperator(Reshape(shape: shape.dims), [.input(data)])
    }
    let list = inputs[indexInput]
    var values = try list.constant?.ints("the indices")
    if outside == .nearest, indices.allSatisfy({ $0.last == 0 }) {
      values = [Int32](repeating: 0, count: list.type.shape.elementCount)
    }
    guard let values else {
      if let read = IndexedRead(self, inputs) { return FoldedOperator(read, [.input(indexInput), .input(data)]) }
      return FoldedOperator(self, inputs.indices.map { .input($0) })
    }
    return FoldedOperator(Move(try copies(values), [shape], fill: nil), (0...data).map { .input($0) })
  }
}
