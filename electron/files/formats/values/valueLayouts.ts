type FloatKind = 'F16' | 'BF16' | 'F32' | 'F64' | 'F8_E4M3' | 'F8_E5M2' | 'E8M0'

/** Where a type keeps floating-point numbers: every `blockBytes` bytes, at these offsets; everything else is integers. */
export interface ValueLayout {
  readonly blockBytes: number
  readonly floats: readonly { readonly at: number; readonly kind: FloatKind }[]
  /** the floats are scales of blocks: one bad one spoils all values of its block */
  readonly isBlock: boolean
}

const plain = (blockBytes: number, kind: FloatKind): ValueLayout => ({
  blockBytes,
  floats: [{ at: 0, kind }],
  isBlock: false,
})

const scaled = (blockBytes: number, ...halves: readonly number[]): ValueLayout => ({
  blockBytes,
  floats: halves.map((at) => ({ at, kind: 'F16' })),
  isBlock: true,
})

/** ggml-common.h of llama.cpp: block sizes as in its type table, offsets of `d`, `m` and `dmin`. */
const blocks: Readonly<Record<string, ValueLayout>> = {
  Q4_0: scaled(18, 0),
  Q4_1: scaled(20, 0, 2),
  Q5_0: scaled(22, 0),
  Q5_1: scaled(24, 0, 2),
  Q8_0: scaled(34, 0),
  Q8_1: scaled(36, 0, 2),
  Q2_K: scaled(84, 80, 82),
  Q3_K: scaled(110, 108),
  Q4_K: scaled(144, 0, 2),
  Q5_K: scaled(176, 0, 2),
  Q6_K: scaled(210, 208),
  IQ1_S: scaled(50, 0),
  IQ2_XXS: scaled(66, 0),
  IQ2_XS: scaled(74, 0),
  IQ2_S: scaled(82, 0),
  IQ3_XXS: scaled(98, 0),
  IQ3_S: scaled(110, 0),
  IQ4_NL: scaled(18, 0),
  IQ4_XS: scaled(136, 0),
  TQ1_0: scaled(54, 52),
  TQ2_0: scaled(66, 64),
  Q1_0: scaled(18, 0),
  Q2_0: scaled(18, 0),
  MXFP4: { blockBytes: 17, floats: [{ at: 0, kind: 'E8M0' }], isBlock: true },
}

const numbers: Readonly<Record<string, ValueLayout>> = {
  F16: plain(2, 'F16'),
  BF16: plain(2, 'BF16'),
  F32: plain(4, 'F32'),
  F64: plain(8, 'F64'),
  F8_E4M3: plain(1, 'F8_E4M3'),
  F8_E5M2: plain(1, 'F8_E5M2'),
}

const layouts: ReadonlyMap<string, ValueLayout> = new Map([...Object.entries(blocks), ...Object.entries(numbers)])

/** @param type as tensor tables have it; null: its bytes are not understood here */
export const valueLayout = (type: string): ValueLayout | null => layouts.get(type) ?? null

/** Counts, indices, masks and what was packed by other tools: every bit pattern is a value. */
export const isInteger = (type: string): boolean => /^([IU](2|4|8|16|32|64)|BOOL)$/.test(type)

export interface Scan {
  /** floats that are no number, and the first of them in the bytes */
  nan: number
  infinite: number
  firstBad: number | null
  /** every byte is zero */
  isZero: boolean
}

type Verdict = 'number' | 'nan' | 'infinite'

const judge: Readonly<Record<FloatKind, (view: DataView, at: number) => Verdict>> = {
  F16: (view, at) => byBits(view.getUint16(at, true), 0x7c00, 0x3ff),
  BF16: (view, at) => byBits(view.getUint16(at, true), 0x7f80, 0x7f),
  F32: (view, at) => byBits(view.getUint32(at, true), 0x7f800000, 0x7fffff),
  F64: (view, at) => {
    const upper = byBits(view.getUint32(at + 4, true), 0x7ff00000, 0xfffff)
    return upper === 'infinite' && view.getUint32(at, true) !== 0 ? 'nan' : upper
  },
  /** has no infinities, and one pattern of each sign that is no number */
  F8_E4M3: (view, at) => ((view.getUint8(at) & 0x7f) === 0x7f ? 'nan' : 'number'),
  F8_E5M2: (view, at) => byBits(view.getUint8(at), 0x7c, 0x03),
  E8M0: (view, at) => (view.getUint8(at) === 0xff ? 'nan' : 'number'),
}

const byBits = (bits: number, exponent: number, mantissa: number): Verdict =>
  (bits & exponent) !== exponent ? 'number' : (bits & mantissa) === 0 ? 'infinite' : 'nan'

/** Whole blocks from the first byte on; little-endian, as all formats here are. */
export const scanValues = (bytes: Uint8Array, { blockBytes, floats }: ValueLayout): Scan => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const scan: Scan = { nan: 0, infinite: 0, firstBad: null, isZero: bytes.every((byte) => byte === 0) }
  if (scan.isZero) return scan
  for (const { at: inBlock, kind } of floats) {
    const verdictOf = judge[kind]
    for (let at = inBlock; at + blockBytes - inBlock <= bytes.length; at += blockBytes) {
      const verdict = verdictOf(view, at)
      if (verdict === 'number') continue
      scan[verdict] += 1
      if (scan.firstBad === null || at < scan.firstBad) scan.firstBad = at
    }
  }
  return scan
}
