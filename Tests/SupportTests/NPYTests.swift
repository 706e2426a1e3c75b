import Support
import Testing

@Suite struct NPYTests {
  @Test(arguments: [[Int](), [3], [2, 3], [1, 2, 3]])
  func roundTrips(_ shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let array = NPYArray(element: .int16, shape: shape, bytes: (0..<2 * count).map { UInt8($0) })
    #expect(try NPYArray(array.contents, file: "x.npy") == array)
    #expect(array.contents.count % 64 == 2 * count % 64)
  }

  private func contents(_ header: String, data: Int) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test(arguments: [
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "npy.type"),
    ("{'descr': '|i1', 'fortran_order': True, 'shape': (1,), }", "npy.order"),
    ("{'descr': '|i1', 'fortran_order': False, 'shape': (x,), }", "npy.shape"),
    ("{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "npy.shape"),
    ("{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", "npy.bounds"),
    ("{'descr': '|i1'}", "npy.header"),
  ])
  func refusesBadHeaders(_ header: String, _ id: String) {
    let error = #expect(throws: Diagnostic.self) { try NPYArray(contents(header, data: 1), file: "x.npy") }
    #expect(error?.id == id)
  }

  @Test func refusesEveryTruncation() throws {
    let whole = NPYArray(element: .int8, shape: [4], bytes: [1, 2, 3, 4]).contents
    for length in whole.indices {
      #expect(throws: Diagnostic.self) { try NPYArray(Array(whole[..<length]), file: "x") }
    }
  }
}
