import IR
import Operators
import Support

/// Products of matrices both of which may be computed.
extension ONNXCall {
  static let matrices: [String: Builder] = [
    "MatMul": { (call) throws(Diagnostic) in
      [.tensor(try call.matrixProduct(0, 1), .float32)]
    },
    "com.microsoft.FusedMatMul": fusedMatMul, "com.microsoft.TransposeMatMul": fusedMatMul,
    "Einsum": { (call) throws(Diagnostic) in [.tensor(try call.einsum(), .float32)] },
    "Det": { (call) throws(Diagnostic) in [.tensor(try call.determinant(), .float32)] },
  ]

  private static let fusedMatMul: Builder = { (call) throws(Diagnostic) in
    guard try call.int("transBatchA", default: 0) == 0, try call.int("transBatchB", default: 0) == 0 else {
      throw call.failure("attribute", "`transBatchA` and `transBatchB` are not supported")
    }
    let product = try call.matrixProduct(
      0, 1, transposesFirst: try call.int("transA", default: 0) != 0,
      transposesSecond: try call.int("transB", default: 0) != 0)
    return [.tensor(try call.scaled(product, by: try call.float("alpha", default: 1)), .float32)]
  }

  /// The product of the matrices in two inputs; a constant one becomes the weights of a dense layer.
  mutating func matrixProduct(
    _ a: Int, _ b: Int, transposesFirst: Bool = false, transposesSecond: Bool = false
  ) throws(Diagnostic) -> TensorID {
    let (left, right) = (try shape(a), try shape(b))
    if let weights = try known(b), right.rank == 2, left.rank >= 1, !(transposesFirst && left.rank == 1) {
      var x = try float(a)
      if transposesFirst { x = try transposed(x, Self.swappingLast(left.rank)) }
      return try dense(x, transposesSecond ? weights : try weights.transposed([1, 0]), nil)
    }
    // (A·B)ᵀ = Bᵀ·Aᵀ
    if let weights = try known(a), left.rank == 2, right.rank == 2 {
      let turned = transposesSecond ? try float(b) : try transposed(try float(b), [1, 0])
      let own = transposesFirst ? try weights.transposed([1, 0]) : weights
      return try transposed(try dense(turned, own, nil), [1, 0])
    }
    return try matrixProduct(
      of: try float(a), try float(b), transposesFirst: transposesFirst, transposesSecond: transposesSecond)
  }

  private static func swappingLast(_ rank: Int) -> [Int] {
    Array(0..<max(0, rank - 2)) + (rank > 1 ? [rank - 1, rank - 2] : [0])
  }

  /// The products of the matrices in the last two axes of two tensors; the axes before them broadcast, and a list is a row on
  /// the left and a column on the right.
  mutating func matrixProduct(
    of a: TensorID, _ b: TensorID, transposesFirst: Bool = false, transposesSecond: Bool = false,
    _ element: ElementType = .float32, _ quantization: Quantization? = nil
  ) throws(Diagnostic) -> TensorID {
    var (x, y) = (a, b)
    let (left, right) = (graph[a].type.shape, graph[b].type.shape)
    guard left.rank > 0, right.rank > 0 else { throw failure("rank", "a single number is no matrix") }
    if left.rank == 1 { x = try reshaped(x, [1, left[0]]) }
    if right.rank == 1 { y = try reshaped(y, [right[0], 1]) }
    var batch = try Broadcast(
      Shape(Array(graph[x].type.shape.dims.dropLast(2))), Shape(Array(graph[y].type.shape.dims.dropLast(2)))
    ).shape.dims
    let limit = 5
    if batch.count + 2 > limit {
      // More axes than the operator takes are one, when none of them repeats.
      guard [x, y].allSatisfy({ graph[$0].type.shape.dims.dropLast(2) == batch[...] }) else {
        throw failure(
          "rank", "products of the shapes \(left) and \(right), some of whose axes repeat, are not supported")
      }
      for id in [x, y] {
        let flat = try reshaped(id, [batch.reduce(1, *)] + graph[id].type.shape.dims.suffix(2))
        if id == x { x = flat } else { y = flat }
      }
    }
    var result = try emit(
      BatchMatMul(
        adjointX: transposesFirst && left.rank > 1, adjointY: transposesSecond && right.rank > 1,
        arithmetic: element == .int8 ? .singlePrecision : .fixedPoint), [x, y], element, quantization)
    let matrix = graph[result].type.shape.dims.suffix(2)
    batch +=
      (left.rank == 1 ? [] : [matrix[matrix.startIndex]]) + (right.rank == 1 ? [] : [matrix[matrix.startIndex + 1]])
    result = try reshaped(result, batch)
    return result
  }

  // MARK: Einsum

  /// Sums of products over the axes that are not in the result, as products of matrices.
  private mutating func einsum() throws(Diagnostic) -> TensorID {
    let equation = try string("equation", default: "").filter { $0 != " " }
    let parts = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    var terms = parts[0].split(separator: ",", omittingEmptySubsequences: false).map { Array($0) }
    guard terms.count == inputs.count, !terms.isEmpty else {
      throw failure("equation", "`\(equation)` does not suit \(inputs.count) inputs")
    }
    var result = parts.count == 2 && parts[1].first == ">" ? Array(parts[1].dropFirst()) : nil
    // An ellipsis stands for the axes that the other letters leave; digits name them from the last one on.
    for index in terms.indices {
      terms[index] = try Self.expanded(terms[index], rank: try shape(index).rank)
    }
    let hidden = Set(terms.joined().filter(\.isNumber)).sorted(by: >)
    if result == nil {
      let letters = terms.joined().filter { !$0.isNumber }
      result = hidden + Set(letters.filter { letter in letters.count { $0 == letter } == 1 }).sorted()
    } else if let own = result, let dots = own.firstIndex(of: ".") {
      result = own[..<dots] + hidden + own[dots...].drop { $0 == "." }
    }
    guard let result, Set(result).count == result.count, terms.joined().allSatisfy({ $0.isLetter || $0.isNumber }),
      result.allSatisfy({ terms.joined().contains($0) })
    else { throw failure("equation", "`\(equation)` is not supported") }
    var (value, labels) = try diagonal(try float(0), terms[0])
    for index in terms.indices.dropFirst() {
      let later = terms[(index + 1)...].joined() + result
      let (other, own) = try diagonal(try float(index), terms[index])
      (value, labels) = try contracted(value, labels, other, own, keeping: Set(later))
    }
    (value, labels) = try summed(value, labels, keeping: Set(result))
    return try transposed(value, result.compactMap { labels.firstIndex(of: $0) })
  }

  /// The letters of a term with digits in place of an ellipsis.
  private static func expanded(_ term: [Character], rank: Int) throws(Diagnostic) -> [Character] {
    guard let dots = term.firstIndex(of: ".") else { return term }
    let rest = term[dots...].drop { $0 == "." }
    let count = rank - dots - rest.count
    guard (0...9).contains(count) else {
      throw Diagnostic("onnx.equation", "the term `\(String(term))` does not suit \(rank) dimensions")
    }
    return term[..<dots] + (0..<count).reversed().map { Character("\($0)") } + rest
  }

  /// A tensor with each letter once: of axes with the same letter the diagonal.
  private mutating func diagonal(
    _ x: TensorID, _ letters: [Character]
  ) throws(Diagnostic) -> (TensorID, [Character]) {
    let shape = graph[x].type.shape
    guard shape.rank == letters.count else {
      throw failure("equation", "the term `\(String(letters))` does not suit the shape \(shape)")
    }
    let kept = letters.indices.filter { letters.firstIndex(of: letters[$0]) == $0 }
    if kept.count == letters.count { return (x, letters) }
    var strides = [Int](repeating: 0, count: kept.count)
    for (axis, letter) in letters.enumerated() {
      guard let place = kept.firstIndex(where: { letters[$0] == letter }), shape[axis] == shape[kept[place]] else {
        throw failure("equation", "the axes `\(letter)` of the shape \(shape) differ in size")
      }
      strides[place] += shape.strides[axis]
    }
    let target = try Shape(kept.map { shape[$0] })
    var places: [Int] = []
    for index in 0..<target.elementCount {
      places.append((0..<kept.count).reduce(0) { $0 + index / target.strides[$1] % target[$1] * strides[$1] })
    }
    return (try picked(x, places, target.dims), kept.map { letters[$0] })
  }

  /// The sum over the axes whose letters are not in `keeping`.
  private mutating func summed(
    _ x: TensorID, _ letters: [Character], keeping: Set<Character>
  ) throws(Diagnostic) -> (TensorID, [Character]) {
    let axes = letters.indices.filter { !keeping.contains(letters[$0]) }
    if axes.isEmpty { return (x, letters) }
    let count = axes.reduce(1) { $0 * graph[x].type.shape[$1] }
    let mean = try emit(Mean(axes: axes, keepDimensions: false), [x], .float32)
    return (try scaled(mean, by: Float(count)), letters.filter(keeping.contains))
  }

  /// The product of two tensors, summed over the letters of both that nothing needs any more.
  private mutating func contracted(
    _ a: TensorID, _ first: [Character], _ b: TensorID, _ second: [Character], keeping: Set<Character>
  ) throws(Diagnostic) -> (TensorID, [Character]) {
    let (x, own) = try summed(a, first, keeping: keeping.union(second))
    let (y, other) = try summed(b, second, keeping: keeping.union(first))
    let batch = own.filter { other.contains($0) && keeping.contains($0) }
    let inner = own.filter { other.contains($0) && !keeping.contains($0) }
    let rows = own.filter { !other.contains($0) }
    let columns = other.filter { !own.contains($0) }
    func sizes(_ letters: [Character], _ id: TensorID, _ names: [Character]) -> [Int] {
      letters.compactMap { names.firstIndex(of: $0) }.map { graph[id].type.shape[$0] }
    }
    guard sizes(batch + inner, x, own) == sizes(batch + inner, y, other) else {
      throw failure("equation", "axes of one name have different sizes")
    }
    let (batchSizes, depth) = (sizes(batch, x, own), sizes(inner, x, own).reduce(1, *))
    let (rowSizes, columnSizes) = (sizes(rows, x, own), sizes(columns, y, other))
    let count = batchSizes.reduce(1, *)
    let left = try transposed(x, (batch + rows + inner).compactMap { own.firstIndex(of: $0) })
    let right = try transposed(y, (batch + inner + columns).compactMap { other.firstIndex(of: $0) })
    let product = try emit(
      BatchMatMul(adjointX: false, adjointY: false),
      [
        try reshaped(left, [count, rowSizes.reduce(1, *), depth]),
        try reshaped(right, [count, depth, columnSizes.reduce(1, *)]),
      ], .float32)
    return (try reshaped(product, batchSizes + rowSizes + columnSizes), batch + rows + columns)
  }

  // MARK: Determinants

  /// The determinant of small matrices, developed along their rows.
  private mutating func determinant() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    guard shape.rank >= 2, let size = shape.dims.last, shape[shape.rank - 2] == size, (1...3).contains(size) else {
      throw failure("extent", "matrices of the shape \(shape) are not supported, only those of up to 3 rows")
    }
    let batch = shape.elementCount / (size * size)
    let flat = try reshaped(x, [batch, size * size])
    var elements: [TensorID] = []
    for place in 0..<size * size { elements.append(try take([[], [place]], flat)) }
    func minor(_ call: inout ONNXCall, _ a: Int, _ b: Int, _ c: Int, _ d: Int) throws(Diagnostic) -> TensorID {
      try call.difference(
        try call.product(elements[a], elements[b]), try call.product(elements[c], elements[d]))
    }
    var result = elements[0]
    if size == 2 { result = try minor(&self, 0, 3, 1, 2) }
    if size == 3 {
      result = try product(elements[0], try minor(&self, 4, 8, 5, 7))
      result = try difference(result, try product(elements[1], try minor(&self, 3, 8, 5, 6)))
      result = try sum(result, try product(elements[2], try minor(&self, 3, 7, 4, 6)))
    }
    return try reshaped(result, Array(shape.dims.dropLast(2)))
  }
}
