export type SampleTensorType = 'F32' | 'Q4_0' | 'Q8_0'

/**
 * ggml's type number, the values and bytes of a block, and the deviation of a block's evenly distributed random values
 * when its scale, a half float in the first two bytes, is 1.
 */
export const sampleTypes = {
  F32: { id: 0, fileType: 0, blockValues: 1, blockBytes: 4, deviation: null },
  Q4_0: { id: 2, fileType: 2, blockValues: 32, blockBytes: 18, deviation: 4.61 },
  Q8_0: { id: 8, fileType: 7, blockValues: 32, blockBytes: 34, deviation: 73.9 },
} as const

/** Nearest IEEE 754 half float of a small positive number or 0. */
const toHalf = (value: number): number => {
  if (value < 2 ** -14) return Math.round(value / 2 ** -24)
  const exponent = Math.floor(Math.log2(value))
  return ((exponent + 15) << 10) + Math.round((value / 2 ** exponent - 1) * 1024)
}

/** xorshift128 (Marsaglia): the same numbers on every machine. */
export const createRandom = (seed: number) => {
  let x = (seed ^ 0x9e3779b9) >>> 0 || 1
  let y = 0x243f6a88
  let z = 0xb7e15162
  let w = 0x8aed2a6a
  const next = (): number => {
    const t = x ^ (x << 11)
    x = y
    y = z
    z = w
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0
    return w
  }
  for (let warmUp = 0; warmUp < 16; warmUp++) next()
  return next
}

/**
 * Fills whole blocks with random values of the given deviation around zero.
 * @param bytes begins at a multiple of 4 in its memory
 * @param scaleOf times the deviation, by number of the block; 0 makes its values zero
 */
export const fillBlocks = (
  bytes: Buffer,
  type: SampleTensorType,
  deviation: number,
  random: () => number,
  scaleOf: (block: number) => number = () => 1,
): void => {
  const { blockBytes, deviation: unit } = sampleTypes[type]
  if (unit === null) {
    const spread = deviation * Math.sqrt(12) // of an even distribution one wide
    for (let at = 0, block = 0; at < bytes.length; at += 4, block++)
      bytes.writeFloatLE((random() / 2 ** 32 - 0.5) * spread * scaleOf(block), at)
    return
  }
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4))
  for (let word = 0; word < words.length; word++) words[word] = random()
  for (let at = words.length * 4; at < bytes.length; at++) bytes[at] = random() & 255
  for (let start = 0, block = 0; start < bytes.length; start += blockBytes, block++)
    bytes.writeUInt16LE(toHalf((deviation / unit) * scaleOf(block)), start)
}
