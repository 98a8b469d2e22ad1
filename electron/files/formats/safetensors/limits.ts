/**
 * What the reader accepts at most. Honest files stay far below: 100,000 tensors of a mixture of experts in one file have
 * a header of 12 MB. Together they bound the time (about a second) and the memory (64 MiB) of any file.
 */
export const limits = {
  /** the official library reads headers up to this size */
  libraryHeaderBytes: 100_000_000,
  /** as the readers of the Hugging Face site */
  headerBytes: 25_000_000,
  tensors: 200_000,
  dimensions: 64,
  metadataKeys: 65_536,
  /** the official library's limit for objects and arrays in each other */
  nesting: 127,
} as const
