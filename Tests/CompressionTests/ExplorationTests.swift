import Compression
import Testing

@Suite struct ExplorationTests {
  @Test func everyRecipeIsReadable() throws {
    for (place, recipe) in Exploration.recipes.enumerated() {
      #expect(try Exploration.recipe(place).executesCompressed != recipe.name.hasSuffix(", no codes"))
    }
    #expect(Set(Exploration.recipes.map(\.name)).count == Exploration.recipes.count)
  }

  @Test func frontHoldsWhatNothingBeats() {
    func point(_ quality: Double, _ flash: Int, _ cycles: Int) -> Exploration.Point {
      Exploration.Point(quality: quality, flash: flash, cycles: cycles)
    }
    #expect(Exploration.front([]) == [])
    #expect(Exploration.front([point(1, 1, 1), point(1, 1, 1)]) == [0, 1])
    #expect(
      Exploration.front([point(0.9, 10, 10), point(0.9, 10, 11), point(0.8, 9, 20), point(0.95, 30, 9)]) == [0, 2, 3])
    #expect(Exploration.front([point(0.5, 10, 10), point(0.9, 10, 10)]) == [1])
  }
}
