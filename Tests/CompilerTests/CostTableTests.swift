import Calibration
import Compiler
import IR
import Machine
import Operators
import Planning
import Support
import TargetCatalog
import TestSupport
import Testing

/// The modelled costs of kernels are those of the kernels as they are now.
///
/// `make costs MODELS=DIR` compares them with simulated runs of other networks.
@Suite struct CostTableTests {
  private static let measuredCores = ["avr", "avr6", "cortex-m0", "cortex-m0-mul32", "cortex-m0plus"]

  /// Every measured core, on all of the networks that the table was made from or, where runs take long, on two of them.
  @Test(arguments: ["cortex-m0", "cortex-m0-mul32", "cortex-m0plus", "avr6"])
  func tablesAreNotStale(_ core: String) throws {
    let pipeline = try Pipelines.pipeline(core)
    for network in try CalibrationNetworks.all() {
      guard core != "avr6" || ["wide", "separable"].contains(network.file) else { continue }
      let graph = try Pipeline.lower(network)
      let profile = try pipeline.profile(graph, input: Profile.defaultInput(graph))
      let modelled = Double(profile.layers.reduce(0) { $0 + $1.modelledCycles })
      let error = modelled / Double(profile.measurement.total) - 1
      #expect(profile.isIdentical)
      // What compares and moves bytes depends on how the compiler specializes its loops.
      let isArithmetic = ![
        "pools", "wide pools", "unsigned pools", "maxima", "elementwise", "movement", "rearrangement", "arithmetic",
        "axes",
      ]
      .contains(network.file)
      #expect(
        abs(error) < (isArithmetic ? 0.1 : 0.4), "\(network.file) on \(core): off by \(error); run `make calibrate`")
    }
  }

  @Test(arguments: measuredCores)
  func tablesKnowEveryKernel(_ core: String) throws {
    var machine = try Pipelines.machine(core)
    let costs = machine.costs
    #expect(costs.core == core)
    // What kernels there are is asked with costs that know all of them.
    machine.costs = .uniform(core: core)
    let uniform = Pipeline(machine: machine, objective: .balanced, templates: Pipelines.templates)
    var found: Set<String> = []
    var functions: Set<String> = []
    var networks = try CalibrationNetworks.all()
    for mnemonic in RandomModels.operators {
      for seed in UInt64(1)...8 {
        var models = RandomModels(seed: seed)
        networks.append(try models.make(mnemonic))
      }
    }
    for network in networks {
      for step in try uniform.plan(try Pipeline.lower(network)).steps {
        for option in try KernelOption.consider(step.layer, on: machine).options {
          functions.formUnion(option.functions)
        }
        for kernel in [step.kernel] + step.rejected.map(\.kernel) {
          found.insert(kernel.name)
          let work = try #require(kernel.work(step.layer))
          #expect(costs.cycles(kernel.name, work.items + [.layer]) != nil, "\(kernel.name)")
        }
      }
    }
    #expect(found == Set(costs.cycles.keys))
    #expect(found == Set(costs.layerBytes.keys), "run `devtool sizes`")
    #expect(functions == Set(costs.functionBytes.keys), "run `devtool sizes`")
  }

  @Test func unknownWorkHasNoCost() throws {
    let table = CostTable(core: "x", cycles: ["k": ["a": 2.5, "b": 10]])
    #expect(table.cycles("k", [WorkItem("a", 4), WorkItem("b", 1)]) == 20)
    #expect(table.cycles("k", [WorkItem("c", 1)]) == nil && table.cycles("l", []) == nil)
  }
}
