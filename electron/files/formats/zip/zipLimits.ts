/** No honest model archive comes near these. */
export const zipLimits = {
  entries: 10_000,
  /** central directory, bytes */
  directory: 16 << 20,
  /** what deflated members may declare together, bytes unpacked */
  unpacked: 20e9,
  /** unpacked to packed, for members of more than `bombBytes` */
  ratio: 100,
  bombBytes: 100e6,
  /** of unclaimed bytes that are searched for hidden members */
  searched: 2 << 20,
  /** the longest a zip comment can be, with the end record */
  tail: 65_535 + 22,
} as const
