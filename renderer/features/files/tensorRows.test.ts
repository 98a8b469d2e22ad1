import { expect, it } from 'vitest'
import { findTensors, placeTensors, shapeText, sortTensors } from './tensorRows.ts'

const tensor = (name: string, type: string, bytes: number) => ({
  name,
  type,
  shape: [4096, 32],
  elements: 131_072,
  bytes,
  offset: null,
  file: null,
})
const rows = placeTensors([
  tensor('blk.10.attn_q.weight', 'Q4_K', 5),
  tensor('blk.2.attn_q.weight', 'Q6_K', 9),
  tensor('blk.2.attn_q.weight', 'F32', 9),
])
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).join('')

it('finds by parts of the name and by the whole type', () => {
  expect(ids(findTensors(rows, 'blk.2 attn'))).toBe('12')
  expect(ids(findTensors(rows, 'q6_k'))).toBe('1')
  expect(ids(findTensors(rows, 'q6'))).toBe('')
  expect(ids(findTensors(rows, ' '))).toBe('012')
})

it('keeps the order of the file until somebody sorts, and among equals', () => {
  expect(ids(sortTensors(rows, null))).toBe('012')
  expect(ids(sortTensors(rows, { column: 'bytes', descending: true }))).toBe('120')
  expect(ids(sortTensors(rows, { column: 'name', descending: false }))).toBe('120')
})

it('writes a shape as people do', () => {
  expect([shapeText([4096, 32]), shapeText([]), shapeText([0])]).toEqual(['4,096 × 32', 'scalar', '0'])
})
