import IR
import Operators
import Support

/// Operators of the domain `ai.onnx.ml`, with which scikit-learn's networks and linear models are exported.
///
/// Source: `docs/Operators-ml.md` of ONNX.
extension ONNXCall {
  static let machineLearning: [String: Builder] = [
    "ai.onnx.ml.ArrayFeatureExtractor": { (call) throws(Diagnostic) in [try call.chosenFeatures()] },
    // The map from labels to probabilities becomes the probabilities, in the order of the labels.
    "ai.onnx.ml.ZipMap": { (call) throws(Diagnostic) in [try call.value(0)] },
    "ai.onnx.ml.Scaler": { (call) throws(Diagnostic) in
      let x = try call.float(0)
      let offset = try call.featureList("offset", of: x)
      let difference = try call.emit(Sub(activation: .none), [x, offset], .float32)
      let scale = try call.featureList("scale", of: x)
      return [.tensor(try call.emit(Mul(activation: .none), [difference, scale], .float32), .float32)]
    },
    "ai.onnx.ml.Binarizer": { (call) throws(Diagnostic) in
      let step = PointwiseFunction(.step, try call.float("threshold", default: 0))
      return [.tensor(try call.emit(step, [try call.float(0)], .float32), .float32)]
    },
    "ai.onnx.ml.Normalizer": { (call) throws(Diagnostic) in [.tensor(try call.normalizedRows(), .float32)] },
    "ai.onnx.ml.LinearRegressor": { (call) throws(Diagnostic) in
      let scores = try call.linear(rows: try call.int("targets", default: 1))
      return [.tensor(try call.transformed(scores), .float32)]
    },
    "ai.onnx.ml.LinearClassifier": { (call) throws(Diagnostic) in try call.classified() },
  ]

  /// Elements of the last axis at known or computed places: also the label that belongs to the number of a class.
  private mutating func chosenFeatures() throws(Diagnostic) -> ONNXValue {
    let (shape, chosen) = (try shape(0), try shape(1))
    let count = chosen.elementCount
    let dims = (shape.rank == 1 ? [1] : shape.dims.dropLast()) + [count]
    let size = shape.dims.last ?? 1
    if let places = try known(1) {
      let indices = try places.ints("the places")
      guard indices.allSatisfy({ $0 >= 0 && $0 < size }) else {
        throw failure("index", "a place is outside of the axis of \(size) elements")
      }
      let list = Tensor(
        TensorType(.int32, try Shape([count])), ints: indices.map { Int32(truncatingIfNeeded: $0) })
      let x = try data(0)
      let type = graph[x].type
      let result = try emit(
        Gather(axis: shape.rank - 1), [x, add(list, "places")], type.element, type.quantization)
      return .tensor(try move(Reshape(shape: dims), result), try element(0))
    }
    guard let labels = try known(0), case .ints(let values) = labels.values, values.count == size, size > 0 else {
      throw failure("constant", "places that are computed are supported only in one list of labels")
    }
    if labels.element == .string { try noteLabels() }
    let places = try data(1)
    // Labels that count the classes are the places themselves, which an ArgMax gives.
    if values == (0..<Int64(size)).map({ $0 }) {
      return .tensor(try move(Reshape(shape: dims), places), labels.element == .string ? .int64 : labels.element)
    }
    let table = try add(labels.reshaped(try Shape([size])), "labels")
    let list = try move(Reshape(shape: [count]), places)
    let result = try emit(Gather(axis: 0), [table, list], .int32)
    return .tensor(try move(Reshape(shape: dims), result), labels.element)
  }

  private mutating func noteLabels() throws(Diagnostic) {
    note("the labels are strings: instead of them the output holds their places in the model's list of classes")
  }

  /// The attribute `name`, one number or one for each feature of the rows of `x`, as a constant.
  private mutating func featureList(_ name: String, of x: TensorID) throws(Diagnostic) -> TensorID {
    let values = try floats(name) ?? []
    guard values.count == 1 || values.count == graph[x].type.shape.dims.last else {
      throw failure("attribute", "`\(name)` has \(values.count) values for rows of the shape \(graph[x].type.shape)")
    }
    return add(Tensor(TensorType(.float32, try Shape([values.count])), floats: values), name)
  }

  /// Rows over the largest magnitude, the sum of magnitudes, or the length.
  private mutating func normalizedRows() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let axis = graph[x].type.shape.rank - 1
    guard axis >= 0 else { throw failure("rank", "the input has no rows") }
    switch try string("norm", default: "MAX") {
    case "L2": return try emit(L2Normalization(), [x], .float32)
    case "L1":
      let magnitudes = try emit(PointwiseFunction(.absolute), [x], .float32)
      let sum = try emit(Sum(axes: [axis], keepDimensions: true), [magnitudes], .float32)
      return try emit(Mul(activation: .none), [x, try emit(PointwiseFunction(.reciprocal), [sum], .float32)], .float32)
    case let norm: throw failure("attribute", "the norm `\(norm)` is not supported")
    }
  }

  /// Products of the rows with `coefficients`, plus `intercepts`.
  private mutating func linear(rows: Int) throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let coefficients = try floats("coefficients") ?? []
    let depth = graph[x].type.shape.dims.last ?? 1
    guard rows > 0, depth > 0, coefficients.count % rows == 0, coefficients.count / rows == depth else {
      throw failure(
        "attribute", "\(coefficients.count) coefficients don't suit \(rows) results of \(depth) features")
    }
    let weights = ONNXConstant(.float32, try Shape([rows, depth]), .floats(coefficients))
    guard let intercepts = try floats("intercepts"), !intercepts.isEmpty else { return try dense(x, weights, nil) }
    guard intercepts.count == rows else {
      throw failure("attribute", "\(intercepts.count) intercepts don't suit \(rows) results")
    }
    return try dense(x, weights, add(Tensor(TensorType(.float32, try Shape([rows])), floats: intercepts), "bias"))
  }

  private mutating func transformed(_ scores: TensorID) throws(Diagnostic) -> TensorID {
    switch try string("post_transform", default: "NONE") {
    case "NONE": return scores
    case "SOFTMAX": return try emit(Softmax(beta: 1), [scores], .float32)
    case "LOGISTIC": return try emit(Logistic(), [scores], .float32)
    case let name: throw failure("attribute", "the transformation `\(name)` is not supported")
    }
  }

  /// The label of the largest score, and the scores.
  private mutating func classified() throws(Diagnostic) -> [ONNXValue] {
    let labels = try ints("classlabels_ints") ?? []
    let count = labels.isEmpty ? try node?.attributes["classlabels_strings"]?.message.strings(9, "labels").count : nil
    let classes = count ?? labels.count
    guard classes > 1, (try floats("intercepts") ?? []).count == classes else {
      throw failure("attribute", "only classifiers with scores for each class are supported")
    }
    let scores = try linear(rows: classes)
    let shape = graph[scores].type.shape
    var label = try emit(ArgMax(axis: shape.rank - 1), [scores], .int32)
    if labels.isEmpty {
      try noteLabels()
    } else if labels != Array(0..<classes) {
      let list = try ONNXConstant(list: labels.map { Int64($0) })
      label = try emit(Gather(axis: 0), [try add(list, "labels"), label], .int32)
    }
    return [.tensor(label, .int64), .tensor(try transformed(scores), .float32)]
  }
}
