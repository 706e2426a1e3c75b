package import IR
import Operators
package import Support

/// Every output of the graph is written by a node of its own: an output that is an input, a constant or another output
/// or a state gets a copy.
package struct SeparateOutputs: Pass {
  package let name = "separate-outputs"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var taken = Set(graph.sources + graph.states.map(\.next))
    for (position, output) in graph.outputs.enumerated() {
      if taken.insert(output).inserted && graph[output].constant == nil { continue }
      let info = graph[output]
      let copy = graph.add(TensorInfo(name: info.name, type: info.type))
      let origin = graph.nodes.first { $0.outputs.contains(output) }?.origin
      graph.nodes.append(
        Node(
          Reshape(shape: info.type.shape.dims), inputs: [output], outputs: [copy],
          origin: origin ?? Origin(index: position, operatorName: "copy to an output")))
      graph.outputs[position] = copy
    }
  }
}
