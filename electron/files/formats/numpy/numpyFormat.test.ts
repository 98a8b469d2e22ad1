import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bytesSource, openFileSource } from '../byteSource.ts'
import { global, op, pickle, reduce, text } from '../pickle/testPickle.ts'
import { zipOf } from '../zip/testZip.ts'
import { numpyFormat } from './numpyFormat.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/numpy/', import.meta.url))

interface Expectations {
  readonly arrays: Readonly<
    Record<string, { shape: readonly number[]; dtype: string | null; objects: boolean; bytes: number }>
  >
  readonly archives: Readonly<Record<string, readonly number[]>>
}
// written by make.py beside the files
const expectations = JSON.parse(readFileSync(`${folder}expectations.json`, 'utf8')) as Expectations

const inspectFile = async (name: string) => {
  const source = await openFileSource(folder + name)
  try {
    return await numpyFormat.inspect(source, { fileName: name })
  } finally {
    await source.close()
  }
}
const inspect = (data: Uint8Array) => numpyFormat.inspect(bytesSource(data))
const codesOf = async (data: Uint8Array) =>
  (await inspect(data)).summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)

const npy = (header: string, data: Uint8Array, version = 1): Buffer => {
  const size = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) size.writeUInt16LE(header.length)
  else size.writeUInt32LE(header.length)
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0]),
    size,
    Buffer.from(header, 'latin1'),
    data,
  ])
}
const plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"
const objects = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
const system = pickle(reduce(global('os', 'system'), text('id')))

describe('arrays by NumPy itself', () => {
  it.each(Object.entries(expectations.arrays))('%s: as NumPy reads it', async (name, expected) => {
    const { summary, tensors } = await inspectFile(name)
    expect(tensors).toMatchObject([{ shape: expected.shape }])
    if (!expected.objects) expect(tensors[0]?.bytes).toBe(expected.bytes)
    const outcomes = summary.checks.map(({ outcome }) => outcome)
    expect(outcomes).not.toContain('broken')
    expect(outcomes).not.toContain('dangerous')
    expect(outcomes).not.toContain('unknown')
    const codes = summary.checks.map(({ code }) => code)
    expect(codes.includes('pickle-only-data')).toBe(expected.objects)
    const bytes = readFileSync(folder + name)
    expect(numpyFormat.recognizes(bytes, bytes.length)).toBe(true)
  })

  it('archives, stored and compressed', async () => {
    for (const name of ['plain.npz', 'packed.npz']) {
      const { summary, tensors } = await inspectFile(name)
      expect(Object.fromEntries(tensors.map((row) => [row.name, row.shape]))).toEqual(expectations.archives)
      expect(summary).toMatchObject({ format: 'NumPy archive', parameterCount: 10, dataBytes: 12 + 12 + 8 })
      expect(summary.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
      expect(tensors.every(({ offset }) => (offset === null) === (name === 'packed.npz'))).toBe(true)
      const bytes = readFileSync(folder + name)
      expect(numpyFormat.recognizes(bytes, bytes.length)).toBe(true)
    }
    expect((await inspectFile('objects.npz')).summary.checks.map(({ code }) => code)).toContain('pickle-only-data')
  })
})

describe('arrays of objects are pickles', () => {
  it.each(['|O', 'O8', 'O', 'object', 'f4,O', '<O8'])('descr %s', async (descr) => {
    expect(await codesOf(npy(objects.replace('|O', descr), system))).toContain('dangerous pickle-dangerous-import')
  })

  it.each([
    "[('a', '<f4'), ('b', 'O')]",
    "[('a', [('b', '|O')])]",
    "[('a', ('O', (2,)))]",
    "[(('title', 'a'), 'object')]",
  ])('record %s', async (descr) => {
    const data = npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }\n`, system)
    expect(await codesOf(data)).toContain('dangerous pickle-dangerous-import')
  })

  it('in an archive, stored, deflated, hidden, or under another name', async () => {
    const member = { name: 'a.npy', data: npy(objects, system) }
    const fine = { name: 'w.npy', data: npy(plain, Buffer.alloc(24)) }
    for (const members of [
      [member],
      [{ ...member, deflate: true }],
      [fine, { ...member, hidden: true }],
      [fine, { name: 'x.txt', data: system }],
    ])
      expect((await codesOf(zipOf(members))).some((code) => code.startsWith('dangerous'))).toBe(true)
  })
})

describe('headers', () => {
  it('as NumPy takes them: no padding, other quotes, Python 2 numbers, a key twice', async () => {
    const data = Buffer.alloc(24)
    for (const header of [
      plain.trim(),
      plain.replaceAll("'", '"'),
      plain.replace('(2, 3)', '(2L, 3L)'),
      plain.replace("'shape'", "'shape': (9, 9), 'shape'"),
      `${plain.trim()}${' '.repeat(500)}\n`,
    ])
      expect((await inspect(npy(header, data))).tensors).toMatchObject([{ shape: [2, 3], bytes: 24 }])
    expect((await inspect(npy(plain, data, 2))).tensors).toHaveLength(1)
  })

  it.each([
    ['a missing key', "{'descr': '<f4', 'shape': (2, 3)}", 'BAD_HEADER'],
    ['a fourth key', plain.replace('{', "{'x': 1, "), 'BAD_HEADER'],
    ['a list as shape of texts', plain.replace('(2, 3)', "('a',)"), 'BAD_HEADER'],
    ['a negative size', plain.replace('(2, 3)', '(-2, 3)'), 'BAD_HEADER'],
    ['a number as shape', plain.replace('(2, 3)', '(6)'), 'BAD_HEADER'],
    ['an order that is a number', plain.replace('False', '0'), 'BAD_HEADER'],
    ['code', "__import__('os').system('id')", 'BAD_HEADER'],
    ['a list', '[]', 'BAD_HEADER'],
    ['brackets 10,000 deep', '('.repeat(9999), 'BAD_HEADER'],
    ['an open text', "{'descr", 'BAD_HEADER'],
    ['too much', `${plain.trim()}${' '.repeat(10_000)}`, 'HEADER_TOO_LARGE'],
  ])('%s', async (_, header, code) => {
    await expect(inspect(npy(header, Buffer.alloc(24)))).rejects.toMatchObject({ code })
  })

  it('versions that do not exist, and files that end too early', async () => {
    await expect(inspect(npy(plain, Buffer.alloc(24), 4))).rejects.toMatchObject({ code: 'BAD_VERSION' })
    await expect(inspect(npy(plain, Buffer.alloc(0)).subarray(0, 30))).rejects.toMatchObject({ code: 'TOO_SHORT' })
    await expect(inspect(Buffer.from('\x93NUMPY', 'latin1'))).rejects.toMatchObject({ code: 'TOO_SHORT' })
    await expect(inspect(Buffer.from('not an array at all, really'))).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' })
  })

  it('data too short, too long, or beyond any memory', async () => {
    expect(await codesOf(npy(plain, Buffer.alloc(23)))).toEqual(['broken data-truncated'])
    expect(await codesOf(npy(plain, Buffer.alloc(25)))).toEqual(['note data-behind'])
    const huge = plain.replace('(2, 3)', '(4611686018427387904, 4611686018427387904)')
    await expect(inspect(npy(huge, Buffer.alloc(24)))).rejects.toMatchObject({ code: 'BAD_HEADER' })
    expect(await codesOf(npy(plain.replace('(2, 3)', '(1125899906842624, 64)'), Buffer.alloc(24)))).toEqual([
      'broken array-too-large',
    ])
    expect(await codesOf(npy(plain.replace('<f4', 'Q9'), Buffer.alloc(24)))).toContain('unknown unknown-number-type')
    expect(await codesOf(npy(plain.replace('<f4', 'zz'), op('NONE')))).toContain('unknown unknown-number-type')
  })
})
