import Operators

/// Functions of single elements with parameters, and elements at chosen places.
extension RandomModels {
  static let functions: [String: Generator] = [
    "function": { draw in
      let dims = [draw.int(256...300)]
      let kind = draw.pick(PointwiseFunction.Kind.allCases)
      // Bounds in order; other functions take any parameters, but for a division by the first one.
      let a: Float = kind == .clip ? -1.5 : draw.pick([-0.5, 0.25, 2])
      let b: Float = kind == .clip ? draw.pick([2, .infinity]) : 0.75
      return (
        PointwiseFunction(kind, a, b), [draw.input(try draw.type(dims))], [try draw.type(dims)]
      )
    },
    "take": { draw in
      let dims = draw.shape(ranks: 1...4, sizes: 1...6)
      let places = dims.map { size in
        draw.coin() ? [] : (0..<draw.int(1...7)).map { _ in draw.int(0...size - 1) }
      }
      return try draw.moving(Take(places: places), dims)
    },
  ]
}
