import IR
import Support

/// Element types of ONNX tensors, by the numbers of `TensorProto.DataType`.
enum ONNXElement: Int64, Sendable {
  case float32 = 1
  case uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64, complex64, complex128
  case bfloat16
  case float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz
  case uint4, int4
  case float4e2m1, float8e8m0
  case uint2, int2

  /// Floats of all widths are taken as single precision.
  var isFloat: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    default: false
    }
  }

  /// The integers that the type holds; nil for other types.
  var range: ClosedRange<Int64>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .uint16: 0...65535
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .uint32: 0...Int64(UInt32.max)
    case .int64: Int64.min...Int64.max
    case .uint64: 0...Int64.max
    case .bool: 0...1
    case .int4: -8...7
    case .uint4: 0...15
    default: nil
    }
  }

  /// Bits of one element in `raw_data`; nil for types that are not supported.
  var bits: Int? {
    switch self {
    case .int4, .uint4: 4
    case .int8, .uint8, .bool: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .int64, .uint64, .float64: 64
    default: nil
    }
  }

  /// The type that a tensor of the graph has; nil for types that are not supported. 64-bit integers are taken as 32-bit.
  var tensorElement: ElementType? {
    switch self {
    case .float32, .float16, .bfloat16, .float64: .float32
    case .int8, .int4: .int8
    case .uint8, .uint4: .uint8
    case .int16: .int16
    case .int32, .int64: .int32
    case .bool: .bool
    default: nil
    }
  }
}

extension ONNXElement {
  /// Why tensors of the type are not supported.
  var refusal: String {
    switch self {
    case .string: "\(self): strings have no form on a microcontroller"
    case .uint16, .uint32, .uint64: "\(self): unsigned integers of more than 8 bits are not supported"
    case .complex64, .complex128: "\(self): complex numbers are not supported"
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1, .float8e8m0:
      "\(self): floats of 8 bits and fewer, which are made for accelerators, are not supported"
    default: "\(self), which is not supported"
    }
  }
}

extension ONNXElement: CustomStringConvertible {
  var description: String {
    switch self {
    case .float32: "float32"
    case .uint8: "uint8"
    case .int8: "int8"
    case .uint16: "uint16"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .string: "string"
    case .bool: "bool"
    case .float16: "float16"
    case .float64: "float64"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .bfloat16: "bfloat16"
    case .float8e4m3fn: "float8e4m3fn"
    case .float8e4m3fnuz: "float8e4m3fnuz"
    case .float8e5m2: "float8e5m2"
    case .float8e5m2fnuz: "float8e5m2fnuz"
    case .uint4: "uint4"
    case .int4: "int4"
    case .float4e2m1: "float4e2m1"
    case .float8e8m0: "float8e8m0"
    case .uint2: "uint2"
    case .int2: "int2"
    }
  }
}
