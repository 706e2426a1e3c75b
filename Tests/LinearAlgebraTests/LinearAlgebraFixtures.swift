import Support
import TestSupport

/// What NumPy found: `Tests/Fixtures/linear_algebra.json`.
enum LinearAlgebraFixtures {
  static func items<Item>(
    _ name: String, _ make: (JSONCursor) throws(Diagnostic) -> Item
  ) throws(Diagnostic) -> [Item] {
    let file = "linear_algebra.json"
    let bytes = try Platform.read("\(Repository.root)/Tests/Fixtures/\(file)")
    var items: [Item] = []
    for item in try JSONCursor(try JSONParser.parse(bytes, file: file), file: file).member(name).items() {
      items.append(try make(item))
    }
    return items
  }
}

extension JSONCursor {
  func doubles() throws(Diagnostic) -> [Double] {
    var values: [Double] = []
    for item in try items() { values.append(try item.double()) }
    return values
  }
}
