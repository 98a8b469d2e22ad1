/**
 * What the reader accepts at most. Honest files stay far below: the largest mixtures of experts have some thousand
 * tensors in a file and 200,000 in all. Together they bound the time (about a second) and the memory (64 MiB) of any file.
 */
export const limits = {
  /** the official library reads headers up to this size */
  libraryHeaderBytes: 100_000_000,
  /** a sixth of what the official library reads at most, and far above the 6 MB of the largest known header */
  headerBytes: 16 << 20,
  tensors: 100_000,
  /** of all files of one model */
  tensorsOfSet: 400_000,
  dimensions: 64,
  /** of all tensors: honest ones have 2, rarely 5 */
  dimensionsInAll: 800_000,
  metadataKeys: 65_536,
} as const
