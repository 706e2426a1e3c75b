/// Mean and variance of every channel of a tensor over the data that a network was trained with, as a normalization of batches
/// stores them.
///
/// No operator reads them: they tell what typical values are. A pass that gives the values of the tensor another place leaves
/// the tensor without a producer, and so the statistics without use.
package struct ChannelStatistics: Sendable {
  package let tensor: TensorID
  /// The axis that counts the channels.
  package let axis: Int
  package let means: [Float]
  package let variances: [Float]

  package init(tensor: TensorID, axis: Int, means: [Float], variances: [Float]) {
    self.tensor = tensor
    self.axis = axis
    self.means = means
    self.variances = variances
  }
}
