import { expect, it } from 'vitest'
import { ggmlTypeByName, ggmlTypes, tensorSizeBytes } from './ggmlTypes.ts'

/** As llama.cpp's own documentation and `llama-quantize --help` name them. */
const bitsPerWeight: Readonly<Record<string, number>> = {
  F32: 32,
  F16: 16,
  BF16: 16,
  F64: 64,
  I16: 16,
  I32: 32,
  I64: 64,
  Q4_0: 4.5,
  Q4_1: 5,
  Q5_0: 5.5,
  Q5_1: 6,
  Q8_0: 8.5,
  Q2_K: 2.625,
  Q3_K: 3.4375,
  Q4_K: 4.5,
  Q5_K: 5.5,
  Q6_K: 6.5625,
  IQ2_XXS: 2.0625,
  IQ2_XS: 2.3125,
  IQ3_XXS: 3.0625,
  IQ1_S: 1.5625,
  IQ4_NL: 4.5,
  IQ3_S: 3.4375,
  IQ2_S: 2.5625,
  IQ4_XS: 4.25,
  IQ1_M: 1.75,
  TQ1_0: 1.6875,
  TQ2_0: 2.0625,
  MXFP4: 4.25,
  NVFP4: 4.5,
  Q1_0: 1.125,
  Q2_0: 2.25,
}

it('every type of llama.cpp has the bits per weight it is known for', () => {
  const mainline = [...ggmlTypes.values()].filter((type) => type.support === 'mainline')
  expect(Object.fromEntries(mainline.map((type) => [type.name, (8 * type.blockBytes) / type.blockSize]))).toEqual(
    bitsPerWeight,
  )
})

it('ids and names belong to one type each', () => {
  expect(ggmlTypeByName.size).toBe(ggmlTypes.size)
  expect(ggmlTypes.get(8)?.name).toBe('Q8_0')
  expect(ggmlTypes.get(39)?.name).toBe('MXFP4')
})

it('types with bytes per row or per tensor count them', () => {
  const size = (name: string, ...dimensions: number[]) => {
    const type = ggmlTypeByName.get(name)
    if (type === undefined) throw new Error(name)
    return tensorSizeBytes(
      type,
      dimensions,
      dimensions.reduce((product, length) => product * length, 1),
    )
  }
  expect(size('IQ4_KS', 512, 3, 2)).toBe(6 * (4 + 2 * 136))
  expect(size('Q8_KV', 64, 5)).toBe(5 * (8 + 64))
  expect(size('I2_S', 2560, 4)).toBe(2560 + 32)
  expect(size('Q4_K', 512, 3)).toBe(3 * 288)
  expect(size('F32')).toBe(4)
  expect(size('I2_S', 0, 4)).toBe(0)
})
