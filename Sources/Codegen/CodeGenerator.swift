import CCode
import IR
package import Machine
import Operators
package import Planning
package import Support

/// Writes a plan as C.
package struct CodeGenerator: Sendable {
  let templates: TemplateLibrary

  package init(templates: TemplateLibrary) { self.templates = templates }

  /// The C files of the model.
  ///
  /// - Parameter machine: decides how tables are read, and is named in comments.
  package func emit(_ plan: Plan, machine: Machine, options: EmitOptions) throws(Diagnostic) -> [EmittedFile] {
    let interface = ModelInterface(plan, options: options)
    if plan.stream != nil, options.arena == .caller {
      throw Diagnostic(
        "codegen.stream", .usage,
        "an input by rows needs the static arena: what lies between two rows is kept in variables")
    }
    let prefix = "\(options.name)_"
    let writer = LayerWriter(plan: plan, interface: interface, prefix: prefix)
    var layers: [WrittenLayer] = []
    for (index, step) in plan.steps.enumerated() {
      let layer = try writer.write(step, index: index, known: layers.flatMap(\.code.tables))
      try checkTables(layer, of: step, plan, machine)
      layers.append(layer)
    }

    let chains = plan.chains.enumerated().map { writer.write($1, index: $0, layers) }

    var common: [String: Template.Value] = [
      "title": .text("\(options.name): a neural network as C99, written by nncgen. DO NOT EDIT."),
      "header_lines": .lines(options.headerLines),
      "PREFIX": .text(prefix.uppercased()),
    ]
    let header = try templates.render("model.h", headerValues(plan, interface, options).merging(common) { $1 })
    common["name"] = .text(options.name)
    common["flash_macros"] = .text(try flashMacros(prefix, machine))
    var sourceValues = try layerValues(plan, layers, chains, target: machine.name, options).merging(common) { $1 }
    sourceValues.merge(try runValues(plan, interface, layers, chains, options)) { $1 }
    var files = [
      EmittedFile(name: "\(options.name).h", text: header),
      EmittedFile(name: "\(options.name).c", text: try templates.render("model.c", sourceValues)),
    ]
    if options.splitWeights {
      common["PREFIX"] = nil
      common["tables"] = .list(
        layers.flatMap(\.code.tables).map {
          ["text": .text($0.declaration + "\n" + $0.definition(linkage: "", qualifier: "\(prefix.uppercased())FLASH"))]
        })
      files.append(
        EmittedFile(name: "\(options.name)_weights.c", text: try templates.render("weights.c", common)))
    }
    return files
  }

  private func checkTables(
    _ layer: WrittenLayer, of step: Step, _ plan: Plan, _ machine: Machine
  ) throws(Diagnostic) {
    let largest = machine.largestObject
    guard let table = layer.code.tables.first(where: { $0.byteCount > largest }) else { return }
    throw Diagnostic(
      "codegen.table", at: plan.graph.location(step.node),
      "\(step.node.origin.operatorName): the table \(table.name) has \(table.byteCount) bytes; a C compiler with 16-bit int "
        + "takes no array above \(largest)")
  }

  private func flashMacros(_ prefix: String, _ machine: Machine) throws(Diagnostic) -> String {
    var holes: [String: Template.Value] = ["PREFIX": .text(prefix.uppercased())]
    let name =
      switch machine.tableAccess {
      case .plain: "flash_macros.c"
      case .programMemory: "flash_macros_avr.c"
      case .words: "flash_macros_words.c"
      }
    if machine.tableAccess != .plain { holes["prefix"] = .text(prefix) }
    return try templates.renderPart(name, holes)
  }

  private func headerValues(
    _ plan: Plan, _ interface: ModelInterface, _ options: EmitOptions
  ) -> [String: Template.Value] {
    let isCallers = options.arena == .caller
    let isWhole = interface.callers.count == interface.inputs.count + interface.outputs.count
    var comment =
      isWhole
      ? "/* Runs one inference. The buffers are the caller's and must not overlap; the inputs are only read."
      : "/* Runs one inference on the inputs that are there."
    comment +=
      isCallers
      ? interface.states.isEmpty
        ? "\n   The function keeps nothing between calls: it can run in several tasks at once. */"
        : "\n   The function keeps nothing between calls but the state: tasks with a state each can run it at once. */"
      : " */"
    return [
      "tensors": .list(interface.headerTensors),
      "arena_bytes": .text("\(plan.arena.size)"),
      "arena_note": .text(
        isCallers ? ", which the caller provides, aligned to 4" : ", a static array inside of the C file"),
      "run_comment": .text(comment),
      "accessors": .list(
        interface.accessors().map { accessor in
          let name = accessor.parameter.name
          return [
            "comment": .text(
              accessor.parameter.isInput
                ? "Where `\(name)` goes before \(options.name)_run, which uses its memory for other things."
                : "Where `\(name)` is after \(options.name)_run, until an input is written."),
            "prototype": .text(accessor.prototype),
          ]
        }),
      "run_prototype": .text(interface.runPrototype),
      "streams": .list(
        plan.stream.map { stream in
          let macro = interface.inputs.first?.macro ?? ""
          return [
            [
              "prefix": .text("\(options.name)_"), "macro": .text(macro), "rows": .text("\(stream.height)"),
              "row_size": .text("\(stream.rowBytes)"),
              "end_prototype": .text(interface.endPrototype),
            ]
          ]
        } ?? []),
      "states": .list(stateDeclarations(interface, options)),
      "has_selftest": .flag(options.selftest != nil),
      "selftest_prototype": .text(interface.selftestPrototype),
    ]
  }

  /// The C of the shared function `name`. Templates with a hole `element` serve several types, with suffixes.
  ///
  /// - Parameter single: scales may be those of single precision.
  private func function(_ name: String, _ prefix: String, single: Bool) throws(Diagnostic) -> String {
    let variant = LayerCode.suffixes.first { name.hasSuffix($0.value) }
    let base = String(name.dropLast(variant?.value.count ?? 0))
    let shared = "functions/\(base).c"
    let isShared = templates.has(shared) ? try templates.template(shared).mentions("element") : false
    let path = isShared ? shared : "functions/\(name).c"
    var holes: [String: Template.Value] = ["prefix": .text(prefix)]
    let template = try templates.template(path)
    if template.mentions("PREFIX") { holes["PREFIX"] = .text(prefix.uppercased()) }
    if template.mentions("single") { holes["single"] = .flag(single) }
    if isShared {
      holes["element"] = .text((variant?.key ?? .int8).cName)
      holes["suffix"] = .text(variant?.value ?? "")
    }
    return try templates.renderPart(path, holes)
  }

  private func layerValues(
    _ plan: Plan, _ layers: [WrittenLayer], _ chains: [WrittenChain], target: String, _ options: EmitOptions
  ) throws(Diagnostic) -> [String: Template.Value] {
    let prefix = "\(options.name)_"
    var names: [String] = []
    for name in layers.flatMap(\.code.functions) where !names.contains(name) { names.append(name) }
    if chains.contains(where: \.movesRows) { names.append("move_rows") }
    var functions: [[String: Template.Value]] = []
    let single = layers.contains(where: \.code.scalesInSinglePrecision)
    for name in names {
      functions.append(["text": .text(try function(name, prefix, single: single))])
    }
    let qualifier = "\(prefix.uppercased())FLASH"
    let layerList = zip(plan.steps, layers).enumerated().map { index, pair -> [String: Template.Value] in
      let (step, layer) = pair
      let name = CNamer.comment(plan.graph[step.node.outputs[0]].shortName)
      return [
        "index": .text("\(index)"),
        "heading": .text(
          "\(CNamer.comment(step.node.origin.operatorName)) `\(name)` (operator \(step.node.origin.index))"),
        "comment_lines": .lines(step.commentLines(plan, target: target, tables: layer.code.tables)),
        "tables": .list(
          layer.code.tables.map {
            [
              "text": .text(
                options.splitWeights ? $0.declaration : $0.definition(linkage: "static ", qualifier: qualifier))
            ]
          }),
        "function": .text(layer.function),
        "parameters": .text(layer.parameters),
        "statements": .lines(layer.code.statements),
      ]
    }
    let chainList = chains.filter(\.variables.isEmpty).map { chain -> [String: Template.Value] in
      [
        "comment": .text(chain.commentLines.first ?? ""),
        "comment_lines": .lines(Array(chain.commentLines.dropFirst())),
        "function": .text(chain.function), "parameters": .text(chain.parameters),
        "statements": .lines(chain.statements),
      ]
    }
    return [
      "prefix": .text(prefix), "functions": .list(functions), "layers": .list(layerList), "chains": .list(chainList),
    ]
  }

  private func runValues(
    _ plan: Plan, _ interface: ModelInterface, _ layers: [WrittenLayer], _ chains: [WrittenChain],
    _ options: EmitOptions
  ) throws(Diagnostic) -> [String: Template.Value] {
    let size = plan.arena.size
    // An array of words when a tensor needs their alignment; bytes may alias anything, words may not.
    let needsWords = plan.arena.buffers.contains { $0.alignment > 1 }
    let isStatic = options.arena == .static && size > 0
    let memory =
      options.arena == .caller
      ? "int8_t *const memory = (int8_t *)arena;"
      : "int8_t *const memory = \(needsWords ? "(int8_t *)" : "")\(options.name)_arena;"
    var lines: [String] = []
    if size > 0 {
      lines.append(memory)
    } else if options.arena == .caller {
      lines.append("(void)arena;")
    }
    // An input that no layer reads is still a parameter.
    let read = Set(plan.steps.flatMap(\.node.inputs).compactMap { plan.locations[$0] }.compactMap(\.inputPosition))
    for (position, input) in interface.inputs.enumerated()
    where plan.stream == nil && !read.contains(position) && input.offset == nil {
      lines.append("(void)\(input.name);")
    }
    if options.arena == .caller, !interface.states.isEmpty,
      !plan.steps.contains(where: {
        ($0.node.inputs + $0.node.outputs).contains { plan.locations[$0]?.isState == true }
      })
    {
      lines.append("(void)state;")
    }
    for (step, layer) in layers.enumerated() {
      if let index = plan.chains.firstIndex(where: { $0.steps.contains(step) }) {
        let isCalled = plan.chains[index].steps.lowerBound == step && plan.chains[index].stream == nil
        if isCalled { lines.append(chains[index].call) }
      } else {
        lines.append(layer.call)
      }
    }
    var values: [String: Template.Value] = [
      "static_arena": .flag(isStatic),
      "arena_type": .text(needsWords ? "int32_t" : "int8_t"),
      "arena_elements": .text(
        needsWords ? "(\(options.name.uppercased())_ARENA_BYTES + 3) / 4" : "\(options.name.uppercased())_ARENA_BYTES"),
      "accessors": .list(
        interface.accessors().map { accessor in
          let isCallers = options.arena == .caller
          let type = accessor.parameter.info.type.element
          let place = "(int8_t *)\(isCallers ? "" : "\(options.name)_")arena + \(accessor.parameter.offset ?? 0)"
          return [
            "prototype": .text(accessor.prototype),
            "value": .text(type == .int8 ? place : "(\(type.cName) *)(void *)(\(place))"),
          ]
        }),
      "states": .list(try stateDefinitions(interface, options)),
      "run_prototype": .text(interface.runPrototype),
      "run_lines": .lines(lines),
      "is_whole": .flag(plan.stream == nil),
      "has_selftest": .flag(options.selftest != nil),
      "selftest": .text(""),
    ]
    values["streams"] = .list(
      streams(plan, interface, chains.first, memory: memory, calls: lines.filter { $0 != memory }))
    if let selftest = options.selftest {
      values["selftest"] = .text(try selftestText(interface, selftest, options))
    }
    return values
  }

  /// The functions of a model whose input comes by rows; none for others.
  private func streams(
    _ plan: Plan, _ interface: ModelInterface, _ chain: WrittenChain?, memory: String, calls: [String]
  ) -> [[String: Template.Value]] {
    guard let stream = plan.stream, let chain else { return [] }
    let outputs = interface.outputs.filter { $0.offset == nil }
    return [
      [
        "comment": .text(chain.commentLines.first ?? ""),
        "comment_lines": .lines(Array(chain.commentLines.dropFirst())),
        "variables": .list(chain.variables.map { ["variable": .text($0)] }),
        "push_lines": .lines([memory] + chain.statements),
        "end_lines": .lines(calls.isEmpty ? [] : [memory] + calls),
        "end_prototype": .text(interface.endPrototype),
        "end_arguments": .text(outputs.map(\.name).joined(separator: ", ")),
        "row_size": .text("\(stream.rowBytes)"), "rows": .text("\(stream.height)"),
      ]
    ]
  }
}

extension Location {
  fileprivate var isState: Bool { if case .state = self { true } else { false } }

  /// The position of the caller's input, when the tensor lies in one.
  fileprivate var inputPosition: Int? {
    guard case .input(let position, _) = self else { return nil }
    return position
  }
}
