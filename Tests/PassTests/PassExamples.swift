import IR
import Operators
import Support
import TestSupport

/// One small graph for each pass, and more where a pass has more than one case.
enum PassExamples {
  struct Example: Sendable, CustomStringConvertible {
    let pass: String
    /// Name of the golden file.
    let name: String
    let graph: @Sendable () throws -> Graph

    var description: String { name }

    init(_ pass: String, _ variant: String = "", _ graph: @escaping @Sendable () throws -> Graph) {
      self.pass = pass
      name = variant.isEmpty ? pass : "\(pass)-\(variant)"
      self.graph = graph
    }
  }

  static let all: [Example] = [
    Example("push-transposes") {
      var builder = GraphBuilder()
      // An image with its channels first, a convolution and a residual; then rows for a dense layer.
      let x = try builder.input([1, 1, 3, 2])
      let first = try builder.transpose(x, [0, 2, 3, 1])
      let filtered = try builder.transpose(try builder.pointwise(first, [[3], [-5]], bias: [4, 9]), [0, 3, 1, 2])
      let type = builder.graph[filtered].type
      let bias = builder.constant(try builder.type([2, 1, 1]), [7, -9], name: "b")
      let sum = builder.node(Add(activation: .none), [filtered, bias], type, name: "ADD")
      let back = try builder.transpose(try builder.unary(Relu(), sum, like: sum, name: "RELU"), [0, 2, 3, 1])
      let again = try builder.transpose(try builder.pointwise(back, [[1, 2], [3, 4]], bias: [0, 0]), [0, 3, 1, 2])
      let rows = builder.node(Reshape(shape: [1, 12]), [again], try builder.type([1, 12]), name: "RESHAPE")
      let weights = builder.constant(
        TensorType(.int8, try Shape([1, 12]), try .perTensor(scale: 0.5, zeroPoint: 0)), Array(0..<12), name: "w")
      builder.graph.outputs = [
        builder.node(
          FullyConnected(activation: .none, shape: [1, 1]), [rows, weights], try builder.type([1, 1]),
          name: "FULLY_CONNECTED")
      ]
      return builder.graph
    },
    Example("keep-states") {
      // A state that is added to, and one that keeps the input of the inference before.
      var builder = GraphBuilder()
      let x = try builder.input([1, 4])
      let type = builder.graph[x].type
      let sum = builder.graph.add(TensorInfo(name: "sum", type: type))
      let before = builder.graph.add(TensorInfo(name: "before", type: type))
      let total = builder.node(Add(activation: .none), [sum, x], type, name: "ADD")
      let difference = builder.node(Sub(activation: .none), [x, before], type, name: "SUB")
      builder.graph.states = [
        State(current: sum, next: total, initial: [0, 0, 0, 0]),
        State(current: before, next: x, initial: [1, 2, 3, 4]),
      ]
      builder.graph.outputs = [total, difference]
      return builder.graph
    },
    Example("fuse-float-layers") {
      var builder = GraphBuilder()
      let float = { (dims: [Int]) throws(Diagnostic) in TensorType(.float32, try Shape(dims)) }
      let x = builder.graph.add(TensorInfo(name: "x", type: try float([1, 2])))
      builder.graph.inputs = [x]
      func constant(_ dims: [Int], _ values: [Float]) throws -> TensorID {
        builder.graph.add(constant: Tensor(try float(dims), floats: values), name: "c")
      }
      let dense = builder.node(
        FullyConnected(activation: .none, shape: [1, 2]), [x, try constant([2, 2], [1, 2, 3, 4])], try float([1, 2]),
        name: "Gemm")
      let scaled = builder.node(
        Mul(activation: .none), [dense, try constant([2], [10, 100])], try float([1, 2]), name: "Mul")
      let sum = builder.node(
        Add(activation: .none), [try constant([], [0.5]), scaled], try float([1, 2]), name: "Add")
      builder.graph.outputs = [builder.node(Relu6(), [sum], try float([1, 2]), name: "Clip")]
      return builder.graph
    },
    Example("quantize-boundary", "state") {
      // A float variable between DEQUANTIZE and QUANTIZE of one scale.
      var builder = GraphBuilder()
      let x = try builder.input([1, 2])
      let type = builder.graph[x].type
      let float = TensorType(.float32, type.shape)
      let before = builder.graph.add(TensorInfo(name: "sum", type: float))
      let read = builder.node(Reshape(shape: [1, 2]), [before], float, name: "READ_VARIABLE")
      let quantized = builder.node(Quantize(), [read], type, name: "QUANTIZE")
      let sum = builder.node(Add(activation: .none), [quantized, x], type, name: "ADD")
      let after = builder.node(Dequantize(), [sum], float, name: "DEQUANTIZE")
      // The numbers 0 and 1.
      builder.graph.states = [State(current: before, next: after, initial: [0, 0, 0, 0, 0, 0, 0x80, 0x3F])]
      builder.graph.outputs = [sum]
      return builder.graph
    },
    Example("resolve-indices") {
      // Rows that are chosen by constants, and a tensor whose rows are written one after the other.
      var builder = GraphBuilder()
      let x = try builder.input([4, 3])
      let type = builder.graph[x].type
      func rows(_ dims: [Int]) throws -> TensorType { TensorType(.int8, try Shape(dims), type.quantization) }
      func places(_ dims: [Int], _ values: [Int32]) throws -> TensorID {
        builder.constant(try TensorType(.int32, Shape(dims)), values, name: "places")
      }
      let second = builder.node(Gather(axis: 0), [x, try places([], [1])], try rows([3]), name: "GATHER")
      let others = builder.node(Gather(axis: 0), [x, try places([3], [3, 0, 0])], try rows([3, 3]), name: "GATHER")
      let whole = builder.constant(type, [Int32](1...12), name: "rows")
      let flat = builder.node(Reshape(shape: [1, 3]), [second], try rows([1, 3]), name: "RESHAPE")
      let once = builder.node(
        DynamicUpdateSlice(), [whole, flat, try places([2], [2, 0])], type, name: "DYNAMIC_UPDATE_SLICE")
      let twice = builder.node(
        DynamicUpdateSlice(), [once, flat, try places([2], [0, 0])], type, name: "DYNAMIC_UPDATE_SLICE")
      builder.graph.outputs = [others, twice]
      return builder.graph
    },
    Example("fold-constants") {
      var builder = GraphBuilder()
      let x = try builder.input([2])
      let type = try builder.type([2])
      let constants = [builder.constant(type, [1, 2], name: "a"), builder.constant(type, [30, -4], name: "b")]
      let sum = builder.node(Add(activation: .none), constants, type, name: "ADD")
      builder.graph.outputs = [builder.node(Add(activation: .none), [x, sum], type, name: "ADD")]
      return builder.graph
    },
    Example("quantize-boundary") {
      var builder = GraphBuilder()
      let float = TensorType(.float32, try Shape([4]))
      let x = builder.graph.add(TensorInfo(name: "x", type: float))
      builder.graph.inputs = [x]
      let quantized = builder.node(Quantize(), [x], try builder.type([4]), name: "QUANTIZE")
      let relu = try builder.unary(Relu(), quantized, like: quantized, name: "RELU")
      builder.graph.outputs = [builder.node(Dequantize(), [relu], float, name: "DEQUANTIZE")]
      return builder.graph
    },
    Example("tabulate-unary") {
      var builder = GraphBuilder()
      let x = try builder.input([4])
      let float = builder.node(Dequantize(), [x], TensorType(.float32, try Shape([4])), name: "DEQUANTIZE")
      let back = builder.node(Quantize(), [float], try builder.type([4], scale: 0.1, zeroPoint: 0), name: "QUANTIZE")
      let tanh = builder.node(Tanh(), [back], try builder.type([4], scale: 1 / 128, zeroPoint: 0), name: "TANH")
      builder.graph.outputs = [tanh]
      return builder.graph
    },
    Example("tabulate-unary", "shared") {
      var builder = GraphBuilder()
      let x = try builder.input([4])
      let shared = try builder.unary(Relu(), x, like: x, name: "RELU")
      let logistic = builder.node(
        Logistic(), [shared], try builder.type([4], scale: 1 / 256), name: "LOGISTIC")
      builder.graph.outputs = [
        builder.node(Mul(activation: .none), [shared, logistic], try builder.type([4]), name: "MUL")
      ]
      return builder.graph
    },
    Example("split-transpose-conv") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 2, 1])
      let type = try TensorType(.int8, Shape([1, 3, 1, 1]), .perTensor(scale: 0.25, zeroPoint: 0))
      let weights = builder.constant(type, [1, -2, 3], name: "w")
      let op = TransposeConv(stride: Extent(2, 1), padding: .valid, activation: .none, output: Extent(5, 2))
      builder.graph.outputs = [builder.node(op, [x, weights], try builder.type([1, 5, 2, 1]), name: "TRANSPOSE_CONV")]
      return builder.graph
    },
    Example("fold-fixed-point") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 3, 3, 2])
      let conv = try builder.convolution(x, activation: .relu6)
      builder.graph.outputs = [builder.node(Softmax(beta: 1), [conv], try softmaxType(builder), name: "SOFTMAX")]
      return builder.graph
    },
    Example("mix-one-channel") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 3, 1])
      let filters = [(1...9).map { Int32($0) }, (1...9).map { Int32(-10 * $0) }]
      builder.graph.outputs = [try builder.depthwise(x, filters, bias: [5, 6])]
      return builder.graph
    },
    Example("fuse-activations") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 3, 3, 1])
      let conv = try builder.convolution(x)
      builder.graph.outputs = [try builder.unary(Relu6(), conv, like: conv, name: "RELU6")]
      return builder.graph
    },
    Example("fuse-activations", "identity") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 3, 3, 1])
      let conv = try builder.convolution(x)
      let same = try builder.unary(Relu(), conv, like: conv, name: "RELU")
      builder.graph.outputs = [try builder.unary(HardSwish(), same, like: conv, name: "HARD_SWISH")]
      // The chain is cut by a second reader, so that the identity stands alone.
      builder.graph.outputs.append(
        builder.node(
          Pad(before: [0, 0, 0, 0], after: [0, 1, 0, 0], value: 0), [same], try builder.type([1, 3, 2, 1]), name: "PAD")
      )
      return builder.graph
    },
    Example("fuse-pads") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 2, 1])
      let padded = builder.node(
        Pad(before: [0, 1, 2, 0], after: [0, 1, 0, 0], value: 3), [x], try builder.type([1, 4, 4, 1], zeroPoint: 3),
        name: "PAD")
      builder.graph.outputs = [try builder.convolution(padded)]
      return builder.graph
    },
    Example("fuse-pads", "other-value") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 2, 1])
      let padded = builder.node(
        Pad(before: [0, 1, 2, 0], after: [0, 1, 0, 0], value: 4), [x], try builder.type([1, 4, 4, 1], zeroPoint: 3),
        name: "PADV2")
      builder.graph.outputs = [try builder.convolution(padded)]
      return builder.graph
    },
    Example("remove-no-ops") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 3, 1])
      let type = try builder.type([1, 2, 3, 1], zeroPoint: 3)
      let none = [0, 0, 0, 0]
      let padded = builder.node(Pad(before: none, after: none, value: 3), [x], type, name: "PAD")
      let slice = try StridedSlice(
        of: type.shape, begin: none, end: [1, 2, 3, 1], strides: [1, 1, 1, 1], beginMask: 0, endMask: 0, shrinkMask: 0)
      let sliced = builder.node(slice, [padded], type, name: "STRIDED_SLICE")
      let joined = builder.node(Concatenation(axis: 1), [sliced], type, name: "CONCATENATION")
      // Only axes of size 1 move: the elements stay where they are.
      let moved = builder.node(
        Transpose(permutation: [3, 1, 2, 0]), [joined], try builder.type([1, 2, 3, 1], zeroPoint: 3), name: "TRANSPOSE")
      let conv = try builder.convolution(moved)
      builder.graph.outputs = [
        builder.node(Reshape(shape: [2]), [conv], try builder.type([2]), name: "RESHAPE"),
        builder.node(Reshape(shape: [1, 1, 2, 1]), [conv], try builder.type([1, 1, 2, 1]), name: "RESHAPE"),
      ]
      return builder.graph
    },
    Example("remove-channels") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 2, 2])
      // The second filter is constant, the fourth equals the first, and nothing reads the third.
      let narrow = try builder.pointwise(x, [[3, -5], [0, 0], [7, 1], [3, -5]], bias: [4, 40, 9, 4])
      builder.graph.outputs = [
        try builder.pointwise(narrow, [[10, 20, 0, 30], [-1, 2, 0, 100]], bias: [0, 0])
      ]
      return builder.graph
    },
    Example("remove-channels", "padding") {
      var builder = GraphBuilder()
      let x = try builder.input([1, 2, 2, 2])
      // The constant -118 is not what the padding reads, and -128 is.
      let narrow = try builder.pointwise(x, [[3, -5], [0, 0], [0, 0]], bias: [4, 40, 0])
      builder.graph.outputs = [try builder.filtered(narrow, (1...27).map { Int32($0) }, bias: -3000)]
      return builder.graph
    },
    Example("separate-outputs") {
      var builder = GraphBuilder()
      let x = try builder.input([4])
      let y = try builder.unary(Relu(), x, like: x, name: "RELU")
      builder.graph.outputs = [x, y, y]
      return builder.graph
    },
    Example("refuse-floats") {
      var builder = GraphBuilder()
      let x = try builder.input([4])
      let float = builder.node(Dequantize(), [x], TensorType(.float32, try Shape([4])), name: "DEQUANTIZE")
      builder.graph.outputs = [
        builder.node(Reshape(shape: [2, 2]), [float], TensorType(.float32, try Shape([2, 2])), name: "RESHAPE")
      ]
      return builder.graph
    },
    Example("require-integers") {
      var builder = GraphBuilder()
      let x = try builder.input([4])
      builder.graph.outputs = [try builder.unary(Relu(), x, like: x, name: "RELU")]
      return builder.graph
    },
  ]

  private static func softmaxType(_ builder: GraphBuilder) throws -> TensorType {
    try builder.type([1, 2, 2, 1], scale: 1 / 256)
  }
}
