import IR
import Operators
import Support

/// Operators on two tensors that broadcast.
extension RandomModels {
  static let elementwise: [String: Generator] = [
    "add": { try $0.binary("add") },
    "sub": { try $0.binary("sub") },
    "mul": { try $0.binary("mul") },
  ]

  mutating func binary(_ mnemonic: String) throws -> Model {
    let operators: [String: any SourceOperator] = [
      "add": Add(activation: activation()), "sub": Sub(activation: activation()), "mul": Mul(activation: activation()),
    ]
    guard let op = operators[mnemonic] else {
      throw Diagnostic("test.operator", .usage, "no generator for \(mnemonic)")
    }
    if int(0...2) == 0 { return try pointwise(op, coin() ? .int16 : .int32) }
    let dims = shape(ranks: 1...5, sizes: 1...4)
    // Each side repeats along some axes, and may lack leading ones.
    func side() -> [Int] {
      let own = dims.map { coin() && coin() ? 1 : $0 }
      return Array(own.dropFirst(coin() ? 0 : int(0...dims.count - 1)))
    }
    let (a, b) = (try type(side()), try type(side()))
    let result = try Broadcast(a.shape, b.shape).shape
    var operands = [input(a)]
    if coin() && coin() {
      let values = (0..<b.shape.elementCount).map { _ in Int32(int(-128...127)) }
      operands.append(graph.add(constant: Tensor(b, ints: values), name: "constant"))
    } else {
      operands.append(input(b))
    }
    if coin() { operands.reverse() }
    return (op, operands, [try type(result.dims)])
  }
}
