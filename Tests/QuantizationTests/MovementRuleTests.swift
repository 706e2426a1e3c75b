import IR
import Operators
import Testing

/// Operators that copy elements as they are need one scale on both sides.
@Suite struct MovementRuleTests {
  private static let operators: [any SourceOperator] = [
    BatchToSpace(block: [2], before: [0], after: [0]), Concatenation(axis: 0), DepthToSpace(block: 2),
    DynamicUpdateSlice(), Gather(axis: 0), GatherND(), MirrorPad(before: [1], after: [1], isReflecting: true),
    Pack(axis: 0), Pad(before: [1], after: [1], value: 0), Reshape(shape: [1]),
    ResizeNearest(size: [2, 2], alignCorners: false, halfPixelCenters: false), Select(),
    SpaceToBatch(block: [2], before: [0], after: [0]), SpaceToDepth(block: 2), Split(axis: 0, count: 2),
    SplitSizes(axis: 0, sizes: [1, 1]), StridedSlice(begin: [0], sizes: [1], strides: [1]), Take(places: [[0]]),
    Tile(multiples: [2]), Transpose(permutation: [0]), Unpack(axis: 0, count: 2),
  ]

  @Test(arguments: operators.indices)
  func movedElementsKeepTheirScale(_ index: Int) {
    #expect(Self.operators[index].quantizationRule == .shared, "\(Self.operators[index].mnemonic)")
  }
}
