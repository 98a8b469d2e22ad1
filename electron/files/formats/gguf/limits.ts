/**
 * What the reader accepts at most. Honest files stay far below: 262,144 tokens with 515,000 merges, 2,500 tensors in a
 * shard, 20 kB of template. Together they bound the time (about a second) and the memory (64 MiB) of any file.
 */
export const limits = {
  keys: 65_536,
  tensors: 1_000_000,
  stringBytes: 16 << 20,
  /** of one array, and of all arrays together */
  arrayElements: 64 << 20,
  /** keys and single texts together */
  textBytes: 32 << 20,
  /** arrays that stay in memory together; what comes later is skipped */
  keptArrayBytes: 32 << 20,
  /** in a summary only arrays up to this size are kept: those that hold one number per layer, tags, languages */
  summaryArrayBytes: 16 << 10,
  /** far above the 20 MB of the largest known header */
  metadataBytes: 256 << 20,
  dimensions: 4,
  /** ggml keeps 64 bytes with the terminator */
  tensorNameBytes: 63,
} as const
