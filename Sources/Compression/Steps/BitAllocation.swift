/// Picks one of several choices for each layer, so that one sum becomes small while another stays within a budget.
///
/// Source: H. Everett, Generalized Lagrange Multiplier Method, Operations Research 11, 1963: for a price of what the budget is about,
/// each layer's best choice is found by itself. What is left of the budget is spent by single changes.
package enum BitAllocation {
  /// - Parameters:
  ///   - goal: for each layer and choice what is summed and minimized.
  ///   - cost: for each layer and choice what is summed and kept within the budget.
  /// - Returns: the choice of each layer; nil when the cheapest ones exceed the budget.
  package static func choose(minimizing goal: [[Double]], keeping cost: [[Double]], within budget: Double) -> [Int]? {
    let cheapest = picks(goal, cost) { (cost[$0][$1], goal[$0][$1]) }
    guard sum(cost, cheapest) <= budget else { return nil }
    let best = picks(goal, cost) { (goal[$0][$1], cost[$0][$1]) }
    if sum(cost, best) <= budget { return best }
    func priced(_ price: Double) -> [Int] { picks(goal, cost) { (goal[$0][$1] + price * cost[$0][$1], cost[$0][$1]) } }
    var (low, high) = (0.0, 1e-30)
    var choice = cheapest
    while high < 1e30, sum(cost, priced(high)) > budget { high *= 1024 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      let own = priced(middle)
      if sum(cost, own) <= budget { high = middle } else { low = middle }
    }
    let own = priced(high)
    if sum(cost, own) <= budget { choice = own }
    return improved(choice, goal, cost, budget)
  }

  package static func sum(_ values: [[Double]], _ picks: [Int]) -> Double {
    zip(values, picks).reduce(0) { $0 + $1.0[$1.1] }
  }

  private static func picks(
    _ goal: [[Double]], _ cost: [[Double]], _ key: (_ layer: Int, _ choice: Int) -> (Double, Double)
  ) -> [Int] {
    goal.indices.map { layer in goal[layer].indices.min { key(layer, $0) < key(layer, $1) } ?? 0 }
  }

  /// Changes one layer after the other, each time the one that lowers the goal most within the budget.
  private static func improved(_ picks: [Int], _ goal: [[Double]], _ cost: [[Double]], _ budget: Double) -> [Int] {
    var picks = picks
    while true {
      let spent = sum(cost, picks)
      var best: (layer: Int, choice: Int, gain: Double)?
      for layer in picks.indices {
        let now = picks[layer]
        for choice in goal[layer].indices where spent - cost[layer][now] + cost[layer][choice] <= budget {
          let gain = goal[layer][now] - goal[layer][choice]
          if gain > best?.gain ?? 0 { best = (layer, choice, gain) }
        }
      }
      guard let best else { return picks }
      picks[best.layer] = best.choice
    }
  }
}
