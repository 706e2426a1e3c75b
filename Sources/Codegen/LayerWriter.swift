import CCode
import IR
import Operators
import Planning
import Support

/// The C of one layer: its function, its tables and the call in the run function.
struct WrittenLayer {
  let code: LayerCode
  let function: String
  let parameters: String
  let call: String
  /// Parameters behind the others, of a function that computes some rows.
  let rowParameters: [LayerCode.RowParameter]
}

/// The C of layers that run together.
struct WrittenChain {
  let commentLines: [String]
  let function: String
  let parameters: String
  let statements: [String]
  let call: String
  let movesRows: Bool
  /// Variables of the file that last from row to row, when the input comes by rows.
  let variables: [String]
}

/// Writes the layers of a plan.
struct LayerWriter {
  let plan: Plan
  let interface: ModelInterface
  let prefix: String

  /// - Parameter known: the tables of the layers before.
  func write(_ step: Step, index: Int, known: [ConstantTable]) throws(Diagnostic) -> WrittenLayer {
    let layerPrefix = "\(prefix)layer\(index)_"
    var parameters: [String] = []
    var arguments: [String] = []
    var inputs: [String] = []
    var constants: [(role: String, tensor: Tensor)] = []
    let dataCount = (step.layer.op as? any EmittableOperator).flatMap { type(of: $0).dataInputs }
    let data = step.layer.inputs.prefix(dataCount ?? step.layer.inputs.count)
    let isSingle = data.count { $0.constant == nil } == 1
    for (position, operand) in data.enumerated() {
      let name = isSingle && operand.constant == nil ? "input" : "input\(position + 1)"
      if let constant = operand.constant {
        inputs.append(layerPrefix + name)
        constants.append((name, constant))
      } else {
        inputs.append(name)
        parameters.append("const \(operand.type.element.cName) *\(name)")
        arguments.append(pointer(step.node.inputs[position]))
      }
    }
    var outputs: [String] = []
    for (position, id) in step.node.outputs.enumerated() {
      let name = step.node.outputs.count == 1 ? "output" : "output\(position + 1)"
      outputs.append(name)
      parameters.append("\(plan.graph[id].type.element.cName) *\(name)")
      arguments.append(pointer(id))
    }
    if let offset = step.scratchOffset {
      parameters.append("int8_t *scratch")
      arguments.append("memory + \(offset)")
    }
    var code = LayerCode(
      prefix: prefix, layerPrefix: layerPrefix, inputs: inputs, outputs: outputs, scratch: "scratch", known: known,
      isStriped: plan.chain(of: index) != nil)
    do throws(Diagnostic) {
      try step.kernel.write(step.layer, into: &code)
    } catch {
      throw error.located(plan.graph.location(step.node))
    }
    // A kernel may write the numbers of a small constant itself.
    for (role, constant) in constants where code.statements.contains(where: { $0.contains(layerPrefix + role) }) {
      code.data(
        role, constant.type.element, try constant.ints("the constant"),
        rowLength: constant.type.shape.dims.last ?? 1, comment: "Constant input \(constant.type.shape).")
    }
    let rowParameters = LayerCode.RowParameter.allCases.filter(code.rowParameters.contains)
    parameters += rowParameters.map { "int32_t \($0.rawValue)" }
    let function = "\(prefix)layer\(index)"
    return WrittenLayer(
      code: code, function: function, parameters: parameters.joined(separator: ", "),
      call: "\(function)(\(arguments.joined(separator: ", ")));", rowParameters: rowParameters)
  }

  /// The function of a chain and its call.
  func write(_ chain: Chain, index: Int, _ layers: [WrittenLayer]) -> WrittenChain {
    let writer = ChainWriter(
      chain: chain, layers: Array(layers[chain.steps]),
      pointer: { source in
        switch source {
        case .outside(let tensor): pointer(tensor)
        case .stream: chain.stream.map { pointer($0.tensor) } ?? "0"
        case .member(let member): pointer(plan.steps[chain.members[member].step].node.outputs[0])
        }
      },
      scratch: { member in plan.steps[chain.members[member].step].scratchOffset.map { "memory + \($0)" } },
      prefix: prefix)
    let statements = writer.statements
    // What the function does not see of the run function it gets as parameters.
    var parameters: [(declaration: String, name: String)] = []
    let mentioned =
      chain.outsideInputs + [plan.steps[chain.steps.upperBound].node.outputs[0]]
      + chain.members.map { plan.steps[$0.step].node.outputs[0] }
    for parameter in interface.inputs + interface.outputs
    where mentioned.contains(where: { pointer($0) == parameter.name }) {
      parameters.append((parameter.declaration, parameter.name))
    }
    if mentioned.contains(where: { plan.isInArena($0) })
      || chain.steps.contains(where: { plan.steps[$0].scratchOffset != nil })
    {
      parameters.append(("int8_t *memory", "memory"))
    }
    if mentioned.contains(where: { pointer($0).hasPrefix("state->") }) {
      parameters.append(("\(prefix)state *state", "state"))
    }
    let function = "\(prefix)chain\(index)"
    let variables = chain.stream == nil ? [] : writer.variables
    return WrittenChain(
      commentLines: writer.commentLines, function: function,
      parameters: parameters.map(\.declaration).joined(separator: ", "), statements: statements,
      call: "\(function)(\(parameters.map(\.name).joined(separator: ", ")));", movesRows: writer.movesRows,
      variables: variables)
  }

  private func place(_ base: String, _ elements: Int) -> String { elements == 0 ? base : "\(base) + \(elements)" }

  /// C expression for the first element of a tensor inside of the run function.
  private func pointer(_ id: TensorID) -> String {
    let element = plan.graph[id].type.element
    switch plan.locations[id] {
    case .input(let position, let offset): return place(interface.inputs[position].name, offset / element.size)
    case .output(let position, let offset): return place(interface.outputs[position].name, offset / element.size)
    case .arena(let offset):
      let bytes = place("memory", offset)
      if element == .int8 { return bytes }
      return element.size == 1 ? "(\(element.cName) *)(\(bytes))" : "(\(element.cName) *)(void *)(\(bytes))"
    case .state(let position, let offset): return place(interface.state(position), offset / element.size)
    case .constant, nil: return "0"
    }
  }
}

extension Plan {
  fileprivate func isInArena(_ id: TensorID) -> Bool {
    if case .arena = locations[id] { true } else { false }
  }
}

extension Step {
  /// The lines of the comment above the layer.
  func commentLines(_ plan: Plan, target: String, tables: [ConstantTable]) -> [String] {
    func list(_ types: [TensorType]) -> String {
      types.map { "\($0.element.rawValue) \($0.shape)" }.joined(separator: ", ")
    }
    let data = layer.inputs.filter { $0.constant == nil }.map(\.type)
    var shapes = "\(list(data)) -> \(list(layer.outputs))"
    if layer.multiplyAccumulates > 0 { shapes += ", \(layer.multiplyAccumulates) multiply-accumulates" }
    var lines = [shapes]
    let bytes = tables.reduce(0) { $0 + $1.byteCount }
    let about = choice.entries[choice.winner].isMeasured ? "measured" : "about"
    var text = "kernel \(kernel.name): \(about) \(cost.cycles) cycles on \(target), \(bytes) bytes of constants"
    if cost.scratch > 0 { text += ", \(cost.scratch) of working memory" }
    lines.append(text)
    if !rejected.isEmpty {
      let others = rejected.map { "\($0.kernel.name) (\($0.cost.cycles) cycles)" }.joined(separator: ", ")
      lines.append("\(choice.reason); instead of \(others)")
    }
    return lines
  }
}
