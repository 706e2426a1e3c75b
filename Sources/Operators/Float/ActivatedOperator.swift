package import IR

/// A source operator that ends with an activation, into which a following one can be absorbed.
package protocol ActivatedOperator: SourceOperator {
  var activation: Activation { get }
  func activated(_ activation: Activation) -> any ActivatedOperator
}

extension Activation {
  /// The activation that does the same as this one and then `next`; nil when there is none.
  package func followed(by next: Activation) -> Activation? {
    switch (self, next) {
    case (.none, _): next
    case (_, .none), (.relu, .relu), (.relu6, .relu), (.relu6, .relu6), (.reluN1To1, .reluN1To1): self
    case (.relu, .relu6): .relu6
    default: nil
    }
  }

  /// The activation that `op` is; nil when it is another operator.
  package init?(_ op: any Operator) {
    switch op {
    case is Relu: self = .relu
    case is Relu6: self = .relu6
    default: return nil
    }
  }
}

extension Convolution {
  package var activation: Activation { options.activation }

  package func activated(_ activation: Activation) -> any ActivatedOperator {
    var options = options
    options.activation = activation
    return Self(options)
  }
}

extension FullyConnected: ActivatedOperator {
  package func activated(_ activation: Activation) -> any ActivatedOperator {
    FullyConnected(activation: activation, shape: shape, arithmetic: arithmetic)
  }
}

extension Pool2D {
  package func activated(_ activation: Activation) -> any ActivatedOperator {
    Self(filter: filter, stride: stride, padding: padding, activation: activation)
  }
}

extension BinaryOperator {
  package func activated(_ activation: Activation) -> any ActivatedOperator { Self(activation: activation) }
}
