package import IR
import Support

/// Which rows (or columns) of an input a row of the output reads: `size` of them from `row × stride − before` on.
package struct Reach: Equatable, Sendable {
  package let stride: Int
  package let before: Int
  package let size: Int

  package static let same = Reach(stride: 1, before: 0, size: 1)

  /// - Parameter taps: how many rows the window reads, `dilation` apart.
  package init(stride: Int, before: Int, taps: Int, dilation: Int = 1) {
    self.init(stride: stride, before: before, size: (taps - 1) * dilation + 1)
  }

  private init(stride: Int, before: Int, size: Int) {
    self.stride = stride
    self.before = before
    self.size = size
  }

  /// The first row of the input that the row `row` of the output reads, which is at least 0.
  package func first(_ row: Int) -> Int { max(0, row * stride - before) }

  /// How many rows of the input the first `rows` rows of the output need, when the input has no end.
  package func needed(_ rows: Int) -> Int { rows > 0 ? max(0, (rows - 1) * stride - before + size) : 0 }
}

/// How the pixels of an output read an image of bytes: height, width and channels of both, and the window's steps.
package struct SpatialAccess: Equatable, Sendable {
  package let image: [Int]
  package let output: [Int]
  package let rows: Reach
  package let columns: Reach

  package init(image: [Int], output: [Int], rows: Reach, columns: Reach) {
    self.image = image
    self.output = output
    self.rows = rows
    self.columns = columns
  }

  /// How each element of the output reads the same element of an input; nil when they do not correspond.
  init?(elementwise layer: Layer, input: Int) {
    guard layer.inputs[input].type.shape.dims == layer.outputs[0].shape.dims,
      let image = layer.inputs[input].type.bytesOfAnything, let output = layer.outputs[0].bytesOfAnything
    else { return nil }
    self.init(image: image, output: output, rows: .same, columns: .same)
  }

  /// Bytes of a row.
  package var imageRow: Int { image[1] * image[2] }
  package var outputRow: Int { output[1] * output[2] }
}

/// Some rows of a layer's output: the layer of which they are the whole output.
package struct Stripe: Hashable, Sendable {
  /// Rows of the input, the first one being the first that is read.
  package let inputHeight: Int
  /// Rows above the input that the first window covers.
  package let padTop: Int
  /// Rows of the output.
  package let rows: Int

  package init(inputHeight: Int, padTop: Int, rows: Int) {
    self.inputHeight = inputHeight
    self.padTop = padTop
    self.rows = rows
  }
}

/// An operator whose output goes over its inputs row by row.
package protocol SpatialOperator: EmittableOperator {
  /// How the output reads the input at the position `input`; nil when it does not go over it row by row.
  func access(_ layer: Layer, input: Int) -> SpatialAccess?

  /// The operator that computes some rows of the output.
  func stripe(_ stripe: Stripe) -> Self
}

extension SpatialOperator {
  package func stripe(_ stripe: Stripe) -> Self { self }
}

extension TensorType {
  /// Height, width and channels of a single image of bytes.
  package var bytesOfImage: [Int]? {
    shape.rank == 4 && shape[0] == 1 && element.isByte ? Array(shape.dims.dropFirst()) : nil
  }

  /// The same, but for any bytes that are not an image one pixel for each.
  var bytesOfAnything: [Int]? { element.isByte ? bytesOfImage ?? [shape.elementCount, 1, 1] : nil }

  func withRows(_ rows: Int) -> TensorType? {
    guard shape.rank == 4, let shape = try? Shape([shape[0], rows, shape[2], shape[3]]) else { return nil }
    return TensorType(element, shape, quantization)
  }
}

extension Layer {
  /// The positions of the inputs that are no constants.
  package var dataInputs: [Int] { inputs.indices.filter { inputs[$0].constant == nil } }

  package func access(input: Int) -> SpatialAccess? {
    guard outputs.count == 1, inputs[input].constant == nil else { return nil }
    return (op as? any SpatialOperator)?.access(self, input: input)
  }

  /// The accesses of all data inputs, when the layer can be computed some rows at a time: its tensors are images then.
  package var rowAccesses: [SpatialAccess]? {
    guard outputs.count == 1, outputs[0].bytesOfImage != nil else { return nil }
    var accesses: [SpatialAccess] = []
    for input in dataInputs {
      guard inputs[input].type.bytesOfImage != nil, let access = access(input: input) else { return nil }
      accesses.append(access)
    }
    return accesses.isEmpty ? nil : accesses
  }

  /// The layer that computes some rows of the output.
  package func stripe(_ stripe: Stripe) -> Layer? {
    guard let op = (op as? any SpatialOperator)?.stripe(stripe), let output = outputs.first?.withRows(stripe.rows)
    else {
      return nil
    }
    var operands: [Operand] = []
    for input in inputs {
      guard input.constant == nil else {
        operands.append(input)
        continue
      }
      guard let type = input.type.withRows(stripe.inputHeight) else { return nil }
      operands.append(Operand(type))
    }
    return Layer(op, inputs: operands, outputs: [output])
  }
}
