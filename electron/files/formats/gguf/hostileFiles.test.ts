import { mkdtempSync, rmSync } from 'node:fs'
import { open, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bytesSource, openFileSource } from '../byteSource.ts'
import { rawFile, rawWriter } from './rawGguf.ts'
import { readGguf, readGgufSummary } from './readGguf.ts'

const w = rawWriter()
const folder = mkdtempSync(join(tmpdir(), 'berth-gguf-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file of an apparent size that takes next to no disk. */
const sparseFile = async (name: string, head: Buffer, sizeBytes: number) => {
  const path = join(folder, name)
  await writeFile(path, head)
  await truncate(path, sizeBytes)
  return path
}

const readFile = async (path: string, reader = readGguf) => {
  const source = await openFileSource(path)
  let bytesRead = 0
  const counted = {
    sizeBytes: source.sizeBytes,
    read: (offset: number, length: number) => {
      bytesRead += length
      return source.read(offset, length)
    },
  }
  try {
    return { file: await reader(counted), bytesRead }
  } finally {
    await source.close()
  }
}

describe('files that made other readers abort, hang or allocate', () => {
  it('a 3 GiB key length in 35 bytes', async () => {
    const bytes = Buffer.concat([w.header(0, 1), w.u64(3 * 2 ** 30), Buffer.alloc(3)])
    expect(bytes.length).toBe(35)
    await expect(readGguf(bytesSource(bytes))).rejects.toMatchObject({ code: 'OUT_OF_FILE' })
  })

  it('2^63 keys in 105 bytes', async () => {
    const bytes = Buffer.concat([w.header(0, 2n ** 63n), Buffer.alloc(81)])
    expect(bytes.length).toBe(105)
    await expect(readGguf(bytesSource(bytes))).rejects.toMatchObject({ code: 'TOO_MANY_KEYS' })
  })

  it('an array of 390 million elements in a sparse file', async () => {
    for (const type of [0, 4, 8]) {
      const head = Buffer.concat([w.header(0, 1), w.array('tokens', type, 390_000_000)])
      const path = await sparseFile(`array-${type}.gguf`, head, 4 * 2 ** 30)
      await expect(readFile(path)).rejects.toMatchObject({ code: 'ARRAY_TOO_LONG' })
    }
  })

  it('arrays nested 20,000 deep', async () => {
    const level = Buffer.concat([w.u32(9), w.u64(1)])
    const bytes = Buffer.concat([w.header(0, 1), w.text('a'), w.u32(9), ...Array<Buffer>(20_000).fill(level)])
    await expect(readGguf(bytesSource(bytes))).rejects.toMatchObject({ code: 'NESTED_ARRAY' })
  })

  it('8 bytes, and only the magic', async () => {
    const bytes = rawFile({})
    await expect(readGguf(bytesSource(bytes.subarray(0, 8)))).rejects.toMatchObject({ code: 'TOO_SHORT' })
    await expect(readGguf(bytesSource(bytes.subarray(0, 4)))).rejects.toMatchObject({ code: 'TOO_SHORT' })
  })

  it('30 million empty strings are walked, not kept', async () => {
    const count = 30_000_000
    const head = Buffer.concat([w.header(0, 1), w.array('tokens', 8, count)])
    const path = await sparseFile('strings.gguf', head, head.length + count * 8)
    const { file } = await readFile(path)
    expect(file.metadata.get('tokens')?.value).toMatchObject({ count, sizeBytes: count * 8, values: null })
  })

  it('64 Mi empty strings are more than any header holds', async () => {
    const count = 64 << 20
    const head = Buffer.concat([w.header(0, 1), w.array('tokens', 8, count)])
    const path = await sparseFile('more-strings.gguf', head, head.length + count * 8)
    await expect(readFile(path)).rejects.toMatchObject({ code: 'HEADER_TOO_LARGE' })
  })

  it('numbers beyond what is kept are not even read', async () => {
    const count = 64 << 20
    const head = Buffer.concat([w.header(0, 1), w.array('scores', 0, count)])
    const path = await sparseFile('numbers.gguf', head, head.length + count)
    const { file, bytesRead } = await readFile(path)
    expect(file.metadata.get('scores')?.value).toMatchObject({ count, values: null })
    expect(bytesRead).toBeLessThan(8 << 20)
  })

  it('an array of texts that fill half a terabyte is given up', async () => {
    const length = 12 << 20
    const texts = 40_000
    const head = Buffer.concat([w.header(0, 1), w.array('a', 8, texts)])
    const path = await sparseFile('texts.gguf', head, texts * length)
    const handle = await open(path, 'r+')
    for (let index = 0; index < 30; index++) await handle.write(w.u64(length), 0, 8, head.length + index * (length + 8))
    await handle.close()
    await expect(readFile(path)).rejects.toMatchObject({ code: 'HEADER_TOO_LARGE' })
  })

  it('a token array that is larger than one read is kept whole', async () => {
    const words = Array.from({ length: 400_000 }, (_, index) => `token-${index}`)
    const bytes = rawFile({
      keys: [w.uint32('n', 1), w.array('tokens', 8, words.length, Buffer.concat(words.map(w.text))), w.uint32('m', 2)],
    })
    const file = await readGguf(bytesSource(bytes))
    const value = file.metadata.get('tokens')?.value
    expect(value).toMatchObject({ count: words.length })
    if (typeof value !== 'object' || value.elementType !== 'string') throw new Error('no strings')
    expect([...(value.values ?? [])].join() === words.join()).toBe(true)
    expect(file.metadata.get('m')?.value).toBe(2)
    const summary = await readGgufSummary(bytesSource(bytes))
    expect(summary.metadata.get('tokens')?.value).toMatchObject({ count: words.length, values: null })
    expect(summary.metadata.get('m')?.value).toBe(2)
  })

  it('tokens that were kept stay as they were while the rest of a file is read', async () => {
    const words = Array.from({ length: 40_000 }, (_, index) => `token-${index}`.padEnd(300, '.'))
    const list = (key: string) => w.array(key, 8, words.length, Buffer.concat(words.map(w.text)))
    const later = Buffer.alloc(20 << 20, 97)
    const keys = [
      list('tokens'),
      w.array('skipped', 8, 10, ...Array.from({ length: 10 }, () => w.text(later.subarray(0, 2 << 20)))),
    ]
    const path = join(folder, 'kept.gguf')
    await writeFile(
      path,
      rawFile({ keys: [...keys, w.array('more', 8, 2, w.text(later.subarray(0, 9 << 20)), w.text('x'))] }),
    )
    const source = await openFileSource(path)
    const file = await readGguf(source)
    await source.close()
    const value = file.metadata.get('tokens')?.value
    if (typeof value !== 'object' || value.elementType !== 'string') throw new Error('no strings')
    expect([...(value.values ?? [])].join() === words.join()).toBe(true)
  })

  it('an array is measured against the file before anything is walked or allocated', async () => {
    const bytes = rawFile({ keys: [w.array('a', 8, 1_000_000, w.text('x'))] })
    await expect(readGguf(bytesSource(bytes))).rejects.toMatchObject({
      code: 'OUT_OF_FILE',
      details: { missingBytes: 8_000_000 - 9 },
    })
  })

  it('the summary of a model with 150,000 tokens takes at most four reads', async () => {
    const words = Array.from({ length: 150_000 }, (_, index) => w.text(`Ġtoken${index}`))
    const strings = Buffer.concat(words)
    const tensors = Array.from({ length: 500 }, (_, index) =>
      w.tensor(`blk.${index}.attn_norm.weight`, [8], 0, index * 32),
    )
    const bytes = rawFile({
      keys: [
        w.string('general.architecture', 'llama'),
        w.array('tokenizer.ggml.tokens', 8, words.length, strings),
        w.array('tokenizer.ggml.token_type', 5, 150_000, Buffer.alloc(600_000)),
        w.array('tokenizer.ggml.merges', 8, words.length, strings),
        w.array('general.tags', 8, 2, w.text('a'), w.text('b')),
      ],
      tensors,
      dataBytes: 16_000,
    })
    let reads = 0
    const source = bytesSource(bytes)
    const file = await readGgufSummary({
      sizeBytes: source.sizeBytes,
      read: (offset, length) => {
        reads += 1
        return source.read(offset, length)
      },
    })
    expect(reads).toBeLessThanOrEqual(4)
    expect(file.tensors).toHaveLength(500)
    expect(file.metadata.get('tokenizer.ggml.tokens')?.value).toMatchObject({ count: 150_000, values: null })
    const tags = file.metadata.get('general.tags')?.value
    if (typeof tags !== 'object' || tags.elementType !== 'string') throw new Error('no tags')
    expect([...(tags.values ?? [])]).toEqual(['a', 'b'])
  })

  it('a text of exactly 16 MiB and 65,536 keys are within the limits', async () => {
    const text = await readGguf(bytesSource(rawFile({ keys: [w.string('a', Buffer.alloc(2 ** 24, 97))] })))
    expect(String(text.metadata.get('a')?.value)).toHaveLength(2 ** 24)
    const keys = Array.from({ length: 65_536 }, (_, index) => w.pair(`k${index}`, 0, Buffer.from([1])))
    expect((await readGguf(bytesSource(rawFile({ keys })))).metadata.size).toBe(65_536)
  })

  it('an array of strings with one of exactly 16 MiB', async () => {
    const bytes = rawFile({ keys: [w.array('a', 8, 2, w.text(Buffer.alloc(2 ** 24, 97)), w.text('x'))] })
    const value = (await readGguf(bytesSource(bytes))).metadata.get('a')?.value
    expect(value).toMatchObject({ count: 2, sizeBytes: 2 ** 24 + 17 })
  })
})
