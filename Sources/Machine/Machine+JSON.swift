package import Support

extension Machine {
  /// Reads the description in `json`; an error names the path of the member that is wrong.
  package init(json: [UInt8], file: String) throws(Diagnostic) {
    let top = JSONCursor(try JSONParser.parse(json, file: file), file: file)
    try top.allowOnly(["name", "summary", "int_bits", "endian", "cycles", "toolchain", "runner"])
    name = try top.member("name").string()
    summary = try top.member("summary").string()
    intBits = try top.member("int_bits").int(16...64)
    let endian = try top.member("endian")
    switch try endian.string() {
    case "little": littleEndian = true
    case "big": littleEndian = false
    default: throw endian.failure("must be `little` or `big`")
    }
    cycles = try Cycles(try top.member("cycles"))
    let tools = try top.member("toolchain")
    try tools.allowOnly(["compiler", "flags"])
    toolchain = Toolchain(
      compiler: try tools.member("compiler").string(), flags: try tools.member("flags").strings())
    runner = try Runner(try top.member("runner"))
  }
}

extension Machine.Cycles {
  fileprivate init(_ json: JSONCursor) throws(Diagnostic) {
    let names = ["load", "store", "add", "multiply", "branch", "call", "multiply_long", "divide"]
    try json.allowOnly(names)
    var values: [Int] = []
    for name in names { values.append(try json.member(name).int(1...10_000)) }
    load = values[0]
    store = values[1]
    add = values[2]
    multiply = values[3]
    branch = values[4]
    call = values[5]
    multiplyLong = values[6]
    divide = values[7]
  }
}

extension Machine.Runner {
  fileprivate init(_ json: JSONCursor) throws(Diagnostic) {
    let kind = try json.member("kind")
    switch try kind.string() {
    case "native":
      try json.allowOnly(["kind"])
      self = .native
    case "semihosting":
      try json.allowOnly(["kind", "program", "arguments", "flash", "ram"])
      self = .semihosting(
        program: try json.member("program").string(),
        arguments: try json.member("arguments").strings(),
        board: Machine.Board(
          flash: try Machine.Memory(try json.member("flash")), ram: try Machine.Memory(try json.member("ram"))))
    default: throw kind.failure("must be `native` or `semihosting`")
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
