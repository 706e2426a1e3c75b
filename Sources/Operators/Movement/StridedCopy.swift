import IR

/// A copy of a box of elements between two tensors.
///
/// All operators that only move or repeat elements are such copies.
package struct StridedCopy: Equatable, Sendable {
  package let sourceStart: Int
  package let targetStart: Int
  /// Steps of the source and of the target.
  package let nest: LoopNest

  /// A copy of a box with the dimensions `dims`.
  package init(
    _ dims: [Int], sourceStart: Int = 0, sourceStrides: [Int], targetStart: Int = 0, targetStrides: [Int]
  ) {
    self.sourceStart = sourceStart
    self.targetStart = targetStart
    nest = LoopNest(
      dims.indices.map { LoopNest.Axis(size: dims[$0], steps: [sourceStrides[$0], targetStrides[$0]]) })
  }

  /// A copy along axes on which elements may stand anywhere, outermost first.
  package init(_ axes: [CopyAxis], sourceStart: Int = 0, targetStart: Int = 0) {
    let loops = axes.map(\.loops)
    nest = LoopNest(loops.flatMap { $0 })
    var starts = [sourceStart, targetStart]
    for (axis, own) in zip(axes, loops) {
      // Tables hold offsets from the beginning.
      for tensor in starts.indices where own.allSatisfy({ $0.tables[tensor] == nil }) {
        starts[tensor] += axis.start(tensor)
      }
    }
    (self.sourceStart, self.targetStart) = (starts[0], starts[1])
  }

  /// Copies within Swift.
  package func apply<T>(_ source: [T], _ target: inout [T]) {
    apply(source, &target, level: 0, from: sourceStart, to: targetStart)
  }

  private func apply<T>(_ source: [T], _ target: inout [T], level: Int, from: Int, to: Int) {
    guard level < nest.axes.count else {
      target[to] = source[from]
      return
    }
    let axis = nest.axes[level]
    for i in 0..<axis.size {
      apply(source, &target, level: level + 1, from: from + axis.offset(0, i), to: to + axis.offset(1, i))
    }
  }
}

/// One axis of a copy: where its elements stand in the source and in the target, whatever the position on other axes.
package struct CopyAxis: Equatable, Sendable {
  private enum Offsets: Equatable, Sendable {
    case step(Int)
    case list([Int])
  }

  private let size: Int
  /// Of the source and of the target.
  private let offsets: [Offsets]

  /// Elements at the same distance.
  package init(_ size: Int, source: Int, target: Int) {
    self.size = size
    offsets = [.step(source), .step(target)]
  }

  /// Elements anywhere in the source, one for each element of the list, at the same distance in the target.
  package init(source: [Int], target: Int) {
    size = source.count
    offsets = [.list(source), .step(target)]
  }

  /// Elements anywhere in both; the lists are equally long.
  package init(source: [Int], target: [Int]) {
    size = source.count
    offsets = [.list(source), .list(target)]
  }

  private func offset(_ tensor: Int, _ index: Int) -> Int {
    switch offsets[tensor] {
    case .step(let step): index * step
    case .list(let list): list[index]
    }
  }

  fileprivate func start(_ tensor: Int) -> Int { size == 0 ? 0 : offset(tensor, 0) }

  /// The axis as one loop, or two around each other, with steps if they suit it, otherwise with tables.
  ///
  /// Two loops repeat elements (0, 0, 1, 1, 2, 2), rows (0, 1, 2, 0, 1, 2), or go through blocks.
  fileprivate var loops: [LoopNest.Axis] {
    guard size > 1 else { return [LoopNest.Axis(size: size, steps: [0, 0])] }
    func step(_ tensor: Int, by distance: Int) -> Int { offset(tensor, distance) - start(tensor) }
    func isLine(_ tensor: Int) -> Bool {
      guard case .list = offsets[tensor] else { return true }
      return (0..<size).allSatisfy { offset(tensor, $0) == start(tensor) + $0 * step(tensor, by: 1) }
    }
    let lines = [isLine(0), isLine(1)]
    if lines == [true, true] { return [LoopNest.Axis(size: size, steps: [step(0, by: 1), step(1, by: 1)])] }
    // Only the lists may need blocks.
    for inner in 2..<max(2, size) where size.isMultiple(of: inner) {
      let isBlocked = [0, 1].allSatisfy { tensor in
        lines[tensor]
          || (0..<size).allSatisfy {
            offset(tensor, $0) == start(tensor) + $0 / inner * step(tensor, by: inner)
              + $0 % inner * step(tensor, by: 1)
          }
      }
      guard isBlocked else { continue }
      return [
        LoopNest.Axis(size: size / inner, steps: [step(0, by: inner), step(1, by: inner)]),
        LoopNest.Axis(size: inner, steps: [step(0, by: 1), step(1, by: 1)]),
      ]
    }
    var tables: [Int: [Int]] = [:]
    for tensor in [0, 1] where !lines[tensor] {
      tables[tensor] = (0..<size).map { offset(tensor, $0) }
    }
    return [
      LoopNest.Axis(size: size, steps: [0, 1].map { lines[$0] ? step($0, by: 1) : 0 }, tables: tables)
    ]
  }
}
