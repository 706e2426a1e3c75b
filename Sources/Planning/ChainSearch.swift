import Operators
import Support

/// Looks for layers that should run together.
struct ChainSearch {
  private let network: PlanningNetwork

  init(_ network: PlanningNetwork) { self.network = network }

  func best() throws(Diagnostic) -> [Chain] { [] }
}
