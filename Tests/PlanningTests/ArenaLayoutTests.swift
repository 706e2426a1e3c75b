import Compiler
import Planning
import Support
import Testing

@Suite struct ArenaLayoutTests {
  @Test(arguments: UInt64(1)...200)
  func buffersThatLiveTogetherDoNotOverlap(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let buffers = (0..<Int.random(in: 1...30, using: &random)).map { _ -> ArenaLayout.Buffer in
      let first = Int.random(in: 0...20, using: &random)
      return ArenaLayout.Buffer(
        size: Int.random(in: 1...1000, using: &random), alignment: [1, 1, 4].randomElement(using: &random) ?? 1,
        first: first, last: first + Int.random(in: 0...6, using: &random))
    }
    let layout = ArenaLayout(buffers)
    for (i, a) in buffers.enumerated() {
      #expect(layout.offsets[i] % a.alignment == 0)
      #expect(layout.offsets[i] + a.size <= layout.size)
      for (j, b) in buffers.enumerated().dropFirst(i + 1) where a.first <= b.last && b.first <= a.last {
        #expect(layout.offsets[i] + a.size <= layout.offsets[j] || layout.offsets[j] + b.size <= layout.offsets[i])
      }
    }
    #expect(layout.size >= layout.lowerBound)
    #expect(layout.size <= buffers.reduce(0) { $0 + $1.size + 3 })
  }

  @Test func memoryIsReused() {
    // A chain of five buffers, each needed for two steps: two of them live at a time.
    let chain = (0..<5).map { ArenaLayout.Buffer(size: 100, alignment: 1, first: $0, last: $0 + 1) }
    let layout = ArenaLayout(chain)
    #expect(layout.size == 200 && layout.lowerBound == 200)
    #expect(ArenaLayout([]).size == 0)
  }
}
