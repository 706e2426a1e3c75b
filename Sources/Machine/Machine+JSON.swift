package import Support

extension Machine {
  /// Reads a description; an error names the path of the member that is wrong.
  ///
  /// - Parameter costs: the table that the member `costs` names.
  package init(_ top: JSONCursor, costs: CostTable) throws(Diagnostic) {
    try top.allowOnly([
      "name", "summary", "int_bits", "endian", "table_access", "costs", "toolchain", "runner", "counter",
    ])
    core = try top.member("name").string()
    summary = try top.member("summary").string()
    intBits = try top.member("int_bits").int(16...64)
    let endian = try top.member("endian")
    switch try endian.string() {
    case "little": littleEndian = true
    case "big": littleEndian = false
    default: throw endian.failure("must be `little` or `big`")
    }
    if let access = try top.optional("table_access") {
      guard let known = TableAccess(rawValue: try access.string()) else {
        throw access.failure("must be one of \(TableAccess.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      tableAccess = known
    } else {
      tableAccess = .plain
    }
    self.costs = costs
    let tools = try top.member("toolchain")
    try tools.allowOnly(["compiler", "flags"])
    toolchain = Toolchain(
      compiler: try tools.member("compiler").string(), flags: try tools.member("flags").strings())
    runner = try Runner(try top.member("runner"))
    counter = try top.optional("counter").map { (json) throws(Diagnostic) in try Counter(json) } ?? .none
    if case .simavr(let mcu, let ram) = runner {
      counter = .simavr
      choose(mcu: mcu, ram: ram)
    }
  }
}

extension Machine.Runner {
  fileprivate init(_ json: JSONCursor) throws(Diagnostic) {
    let kind = try json.member("kind")
    switch try kind.string() {
    case "native":
      try json.allowOnly(["kind"])
      self = .native
    case "user":
      try json.allowOnly(["kind", "program", "arguments"])
      self = .user(
        program: try json.member("program").string(), arguments: try json.member("arguments").strings())
    case "semihosting":
      try json.allowOnly(["kind", "startup", "program", "arguments", "flash", "ram"])
      self = .semihosting(
        Machine.Board(
          startup: try json.member("startup").string(),
          program: try json.member("program").string(),
          arguments: try json.member("arguments").strings(),
          flash: try Machine.Memory(try json.member("flash")), ram: try Machine.Memory(try json.member("ram"))))
    case "simavr":
      try json.allowOnly(["kind", "mcu", "ram"])
      self = .simavr(mcu: try json.member("mcu").string(), ram: try json.member("ram").int(64...1 << 20))
    default: throw kind.failure("must be `native`, `user`, `semihosting` or `simavr`")
    }
  }
}

extension Machine.Counter {
  fileprivate init(_ json: JSONCursor) throws(Diagnostic) {
    let kind = try json.member("kind")
    switch try kind.string() {
    case "armv6m":
      try json.allowOnly(["kind", "core", "multiplier"])
      let core = try json.member("core")
      guard let table = Machine.ARMv6MCore.Kind(rawValue: try core.string()) else {
        throw core.failure("must be `cortex-m0` or `cortex-m0plus`")
      }
      self = .armv6m(
        Machine.ARMv6MCore(
          kind: table,
          timing: Chip.Timing(
            multiplier: try json.member("multiplier").int(1...32), waitStates: 0, hasPrefetch: false)))
    case "emulator":
      try json.allowOnly(["kind", "arguments"])
      self = .emulator(arguments: try json.member("arguments").strings())
    default: throw kind.failure("must be `armv6m` or `emulator`")
    }
  }
}

extension Machine.Memory {
  fileprivate init(_ json: JSONCursor) throws(Diagnostic) {
    try json.allowOnly(["origin", "size"])
    origin = try json.member("origin").int(0...0xFFFF_FFFF)
    size = try json.member("size").int(1024...1 << 30)
  }
}
