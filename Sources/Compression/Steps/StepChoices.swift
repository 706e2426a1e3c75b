/// How new weights are chosen.
enum WeightRounding: String, CaseIterable, Sendable {
  /// With calibration vectors, so that the outputs of layers come closest.
  case reconstruct
  /// Each weight by itself.
  case nearest
}

/// What has a scale, or a table, of its own.
enum ScaleExtent: String, CaseIterable, Sendable { case channel, layer }

/// What a ratio is kept in.
enum PruneScope: String, CaseIterable, Sendable { case layer, global }
