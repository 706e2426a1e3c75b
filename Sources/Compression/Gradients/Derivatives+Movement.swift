import IR
import Operators
import Support

// Operators whose outputs are elements of their inputs.

/// An operator that moves elements, repeats them or drops them. The places of elements are moved by the operator itself, so
/// that gradients go back the way that the elements came.
protocol ElementMover: DifferentiableOperator {}

extension ElementMover {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let floats = step.inputs.indices.filter { step.inputs[$0].type.element == .float32 }
    let counts = floats.map { step.shape($0).elementCount }
    // All places must be exact as floats.
    guard counts.reduce(0, +) < 1 << 24 else {
      throw Diagnostic("gradient.size", "gradients can't pass through \(mnemonic) with 2^24 elements or more")
    }
    // Elements are numbered from 1 on, once as positive and once as negative numbers: only they change their sign, and what
    // fills the space between them does not.
    func moved(_ sign: Float) throws(Diagnostic) -> [Tensor] {
      var inputs = step.inputs
      var first: Float = 1
      for (position, count) in zip(floats, counts) {
        inputs[position] = Tensor(
          inputs[position].type, floats: (0..<count).map { sign * (first + Float($0)) })
        first += Float(count)
      }
      return try evaluate(inputs, as: step.outputs.map(\.type))
    }
    var sums = [Float](repeating: 0, count: counts.reduce(1, +))
    for (output, (up, down)) in zip(try moved(1), try moved(-1)).enumerated() {
      guard let gradient = step.gradients[output], case .floats(let places) = up.elements,
        case .floats(let mirrored) = down.elements
      else { continue }
      for (place, value) in gradient.enumerated() where places[place] == -mirrored[place] {
        guard let index = Int(exactly: places[place]), sums.indices.contains(index) else { continue }
        sums[index] += value
      }
    }
    var results = [[Float]?](repeating: nil, count: step.inputs.count)
    var first = 1
    for (position, count) in zip(floats, counts) {
      if step.wanted[position] { results[position] = Array(sums[first..<first + count]) }
      first += count
    }
    return results
  }
}

extension BatchToSpace: ElementMover {}
extension Concatenation: ElementMover {}
extension DepthToSpace: ElementMover {}
extension DynamicUpdateSlice: ElementMover {}
extension Gather: ElementMover {}
extension GatherElements: ElementMover {}
extension GatherND: ElementMover {}
extension MirrorPad: ElementMover {}
extension Pack: ElementMover {}
extension Pad: ElementMover {}
extension ResizeNearest: ElementMover {}
extension Select: ElementMover {}
extension SpaceToBatch: ElementMover {}
extension SpaceToDepth: ElementMover {}
extension Split: ElementMover {}
extension SplitSizes: ElementMover {}
extension StridedSlice: ElementMover {}
extension Take: ElementMover {}
extension Tile: ElementMover {}
extension Transpose: ElementMover {}
extension Unpack: ElementMover {}
extension ZerosLike: ElementMover {}

extension Reshape: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] { [step.gradient()] }
}

extension TopK: DifferentiableOperator {
  /// The second output says where along the axis the elements of the first one stood.
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    let shape = step.shape(0)
    let inner = shape.strides[axis]
    var result = [Float](repeating: 0, count: shape.elementCount)
    for (place, index) in try step.outputs[1].ints("the places").enumerated() {
      let outer = place / (inner * count)
      result[(outer * shape[axis] + Int(index)) * inner + place % inner] += step.gradients[0]?[place] ?? 0
    }
    return [result]
  }
}
