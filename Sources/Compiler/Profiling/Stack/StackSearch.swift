/// Looks for the deepest way through the calls of a program.
struct StackSearch {
  private let graph: StackGraph
  /// The deepest way from a function, its own frame last.
  private var known: [Int: [StackBound.Frame]] = [:]
  /// The functions on the way that is looked at, from the outermost.
  private var way: [(address: Int, name: String)] = []

  init(_ graph: StackGraph) { self.graph = graph }

  /// The frames on the deepest way from the function at `address`, from the innermost.
  mutating func deepest(from address: Int) throws(Unbounded) -> [StackBound.Frame] {
    if let frames = known[address] { return frames }
    if let start = way.firstIndex(where: { $0.address == address }) {
      let names = way[start...].map { "`\($0.name)`" }.joined(separator: ", ")
      throw Unbounded("the calls are recursive: \(names)")
    }
    let function = try graph.function(at: address)
    way.append((address, function.name))
    var (frames, total) = ([StackBound.Frame(function: function.name, bytes: function.bytes)], function.bytes)
    for exit in function.exits {
      let inner = try deepest(from: exit.target)
      let sum = inner.reduce(exit.bytes) { $0 + $1.bytes }
      if sum > total {
        (frames, total) = (inner + [StackBound.Frame(function: function.name, bytes: exit.bytes)], sum)
      }
    }
    way.removeLast()
    known[address] = frames
    return frames
  }
}
