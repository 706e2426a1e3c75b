import IR
import Operators
import Support

/// Attention between sequences of fixed lengths, and what marks positions in them.
extension ONNXCall {
  static let attention: [String: Builder] = [
    "Attention": { (call) throws(Diagnostic) in try call.attention() },
    "RotaryEmbedding": { (call) throws(Diagnostic) in [.tensor(try call.rotated(), .float32)] },
    "TensorScatter": { (call) throws(Diagnostic) in [try call.updatedCache()] },
  ]

  /// [batch, length, heads × size] as [batch, heads, length, size].
  private mutating func headed(_ input: Int, _ attribute: String) throws(Diagnostic) -> TensorID {
    let x = try float(input)
    let shape = graph[x].type.shape
    if shape.rank == 4 { return x }
    let heads = try int(attribute, default: 0)
    guard shape.rank == 3, heads > 0, heads <= shape[2], shape[2] % heads == 0 else {
      throw failure("heads", "\(heads) heads do not suit an input of the shape \(shape)")
    }
    return try transposed(try reshaped(x, [shape[0], shape[1], heads, shape[2] / heads]), [0, 2, 1, 3])
  }

  /// softmax(Q·Kᵀ·scale + mask)·V. Source: the description and the function of the operator Attention in the ONNX standard.
  private mutating func attention() throws(Diagnostic) -> [ONNXValue] {
    let isFlat = try shape(0).rank == 3
    let query = try headed(0, "q_num_heads")
    var (key, value) = (try headed(1, "kv_num_heads"), try headed(2, "kv_num_heads"))
    let cacheRank = has(4) ? try shape(4).rank : 4
    guard cacheRank == 4, has(4) == has(5) else {
      throw failure("inputs", "the keys and values of before must be given for each head")
    }
    if has(4), try shape(4).elementCount > 0 {
      key = try emit(Concatenation(axis: 2), [try float(4), key], .float32)
      value = try emit(Concatenation(axis: 2), [try float(5), value], .float32)
    }
    let present = [key, value]
    let (own, other) = (graph[query].type.shape, graph[key].type.shape)
    guard own.rank == 4, other.rank == 4, graph[value].type.shape.rank == 4, other[1] > 0, own[1] % other[1] == 0 else {
      throw failure("heads", "the shapes \(own) and \(other) do not suit each other")
    }
    key = try repeatedHeads(key, own[1] / other[1])
    value = try repeatedHeads(value, own[1] / other[1])
    let factor = try float("scale", default: 1 / Float(own[3]).squareRoot())
    let turned = try transposed(key, [0, 1, 3, 2])
    let scores = try scaled(try matrixProduct(of: query, turned), by: factor)
    let biased = try masked(scores, past: has(4) ? try shape(4)[2] : 0)
    var capped = biased
    let cap = try float("softcap", default: 0)
    if cap > 0 { capped = try scaled(try emit(Tanh(), [try scaled(biased, by: 1 / cap)], .float32), by: cap) }
    let shares = try emit(Softmax(beta: 1), [capped], .float32)
    var result = try matrixProduct(of: shares, value)
    if isFlat {
      let shape = graph[result].type.shape
      result = try reshaped(try transposed(result, [0, 2, 1, 3]), [shape[0], shape[2], shape[1] * shape[3]])
    }
    let mode = try int("qk_matmul_output_mode", default: 0)
    guard (0...3).contains(mode) else { throw failure("attribute", "`qk_matmul_output_mode` of \(mode) is unknown") }
    return ([result] + present + [[scores, biased, capped, shares][mode]]).map { .tensor($0, .float32) }
  }

  /// Each head as often as several queries share it.
  private mutating func repeatedHeads(_ x: TensorID, _ count: Int) throws(Diagnostic) -> TensorID {
    if count == 1 { return x }
    let heads = graph[x].type.shape[1]
    return try move(Take(places: [[], (0..<heads * count).map { $0 / count }, [], []]), x)
  }

  /// Scores plus a mask; what is false or lies in the future becomes −∞.
  private mutating func masked(_ scores: TensorID, past: Int) throws(Diagnostic) -> TensorID {
    let shape = graph[scores].type.shape
    var result = scores
    let infinity = try add(scalar: -.infinity, "infinity")
    if has(3) {
      let own = try self.shape(3)
      let missing = shape[3] - (own.dims.last ?? 1)
      guard own.rank >= 1, missing >= 0 else {
        throw failure("mask", "a mask of the shape \(own) does not suit scores of the shape \(shape)")
      }
      var after = [Int](repeating: 0, count: own.rank)
      after[own.rank - 1] = missing
      let none = [Int](repeating: 0, count: own.rank)
      func padded(_ call: inout ONNXCall, _ id: TensorID, _ fill: Float?) throws(Diagnostic) -> TensorID {
        missing == 0 ? id : try call.move(Pad(before: none, after: after, value: 0, real: fill), id)
      }
      if try element(3) == .bool {
        let allowed = try padded(&self, try data(3), nil)
        result = try emit(Select(), [allowed, result, infinity], .float32)
      } else if missing == 0 {
        result = try biased(result, try float(3))
      } else {
        let mask = try padded(&self, try float(3), nil)
        let flags = (0..<shape[3]).map { Int32($0 < shape[3] - missing ? 1 : 0) }
        let inside = add(Tensor(TensorType(.bool, try Shape([shape[3]])), ints: flags), "inside")
        result = try emit(Select(), [inside, try biased(result, mask), infinity], .float32)
      }
    }
    if has(6) {
      // What lies behind the length of a batch does not count.
      let lengths = try reshaped(try bare(6), [shape[0], 1, 1, 1])
      let isInside = try emit(Comparison(.less), [try counting(shape[3], axis: 3, rank: 4), lengths], .bool)
      result = try emit(Select(), [isInside, result, infinity], .float32)
    }
    guard try int("is_causal", default: 0) != 0 else { return result }
    let flags = (0..<shape[2] * shape[3]).map { Int32($0 % shape[3] <= $0 / shape[3] + past ? 1 : 0) }
    let allowed = add(Tensor(TensorType(.bool, try Shape([shape[2], shape[3]])), ints: flags), "causal")
    return try emit(Select(), [allowed, result, infinity], .float32)
  }

  /// Pairs of elements turned by angles whose cosines and sines are inputs.
  private mutating func rotated() throws(Diagnostic) -> TensorID {
    let isFlat = try shape(0).rank == 3
    var x = try headed(0, "num_heads")
    let shape = graph[x].type.shape
    guard shape.rank == 4 else { throw failure("rank", "an input of the shape \(try self.shape(0)) is not supported") }
    let declared = try int("rotary_embedding_dim", default: 0)
    let size = declared == 0 ? shape[3] : declared
    guard size > 0, size % 2 == 0, size <= shape[3] else {
      throw failure("extent", "\(size) elements of rows of \(shape[3]) can't be turned")
    }
    let half = size / 2
    // [batch or 1, 1, length, half]
    var tables: [TensorID] = []
    for position in [1, 2] {
      var table = try float(position)
      if has(3) { table = try emit(Gather(axis: 0, countsFromEnd: true), [table, try bare(3)], .float32) }
      let own = graph[table].type.shape
      guard own.rank == 2 || own.rank == 3, own.dims.suffix(2) == [shape[2], half] else {
        throw failure("tables", "tables of the shape \(own) do not suit \(shape[2]) positions of \(half) pairs")
      }
      tables.append(try reshaped(table, [own.rank == 3 ? own[0] : 1, 1, shape[2], half]))
    }
    func columns(_ call: inout ONNXCall, _ places: [Int]) throws(Diagnostic) -> TensorID {
      try call.take([[], [], [], places], x)
    }
    let isInterleaved = try int("interleaved", default: 0) != 0
    let evens = (0..<half).map { isInterleaved ? 2 * $0 : $0 }
    let odds = (0..<half).map { isInterleaved ? 2 * $0 + 1 : half + $0 }
    let (a, b) = (try columns(&self, evens), try columns(&self, odds))
    let real = try difference(try product(tables[0], a), try product(tables[1], b))
    let imaginary = try sum(try product(tables[1], a), try product(tables[0], b))
    var parts = [real, imaginary]
    if size < shape[3] { parts.append(try columns(&self, Array(size..<shape[3]))) }
    x = try emit(Concatenation(axis: 3), parts, .float32)
    if isInterleaved {
      let order = (0..<size).map { $0 % 2 == 0 ? $0 / 2 : half + $0 / 2 } + Array(size..<shape[3])
      x = try move(Take(places: [[], [], [], order]), x)
    }
    guard isFlat else { return x }
    return try reshaped(try transposed(x, [0, 2, 1, 3]), [shape[0], shape[2], shape[1] * shape[3]])
  }

  /// A cache with the update written over it at known places.
  private mutating func updatedCache() throws(Diagnostic) -> ONNXValue {
    let (shape, update) = (try shape(0), try shape(1))
    let axis = try shape.normalized(axis: try int("axis", default: -2))
    let starts = has(2) ? try constantInts(2, "the places") : [Int](repeating: 0, count: shape[0])
    let isCircular = try string("mode", default: "linear") == "circular"
    guard axis > 0, update.rank == shape.rank, starts.count == shape[0],
      (0..<shape.rank).allSatisfy({ $0 == axis ? update[$0] <= shape[$0] : update[$0] == shape[$0] }),
      starts.allSatisfy({ $0 >= 0 && $0 <= (isCircular ? Shape.maximumElements : shape[axis] - update[axis]) })
    else { throw failure("cache", "an update of the shape \(update) does not suit a cache of the shape \(shape)") }
    let (own, strides) = (update.strides, shape.strides)
    let targets = (0..<update.elementCount).map { (index: Int) -> Int in
      var place = 0
      for other in 0..<shape.rank {
        var step = index / own[other] % update[other]
        if other == axis { step = (step + starts[index / own[0]]) % shape[axis] }
        place += step * strides[other]
      }
      return place
    }
    return try overwritten(targets, updates: 1)
  }
}
