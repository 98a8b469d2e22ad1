import { writeFileSync } from 'node:fs'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../../test/support/tempDir.ts'
import { writeSampleModel } from '../../sampleModel.ts'
import { bytesSource, type FileSource, openFileSource } from '../byteSource.ts'
import type { GgufChanges } from './changeMetadata.ts'
import type { GgufFile } from './ggufFile.ts'
import { rawFile, rawWriter } from './rawGguf.ts'
import { readGguf } from './readGguf.ts'
import { type GgufCopyOptions, writeGgufMetadata } from './writeGgufMetadata.ts'

const w = rawWriter()
const architecture = w.string('general.architecture', 'llama')

/** Every part of it is odd: padding, an array, a text that is not UTF-8, trailing bytes. */
const small = (extra: Parameters<typeof rawFile>[0] = {}) =>
  Buffer.concat([
    rawFile({
      keys: [
        architecture,
        w.string('general.name', 'Before'),
        w.array('list', 8, 3, w.text('a'), w.text(''), w.text('ccc')),
        w.string('latin', Buffer.from([0x4d, 0xfc, 0x6e])),
        w.uint32('llama.block_count', 7),
      ],
      tensors: [w.tensor('one', [3], 0, 0), w.tensor('zwei ü', [32, 2], 2, 32), w.tensor('scalar', [], 0, 96)],
      dataBytes: 128,
      ...extra,
    }),
    Buffer.from('trailing'),
  ])

const fileOf = async (bytes: Buffer): Promise<string> => {
  const path = join(tempDir(), 'model.gguf')
  await writeFile(path, bytes)
  return path
}

const change = async (path: string, changes: GgufChanges, options?: GgufCopyOptions) => {
  const source = await openFileSource(path)
  const target = `${path}.copy`
  try {
    await writeGgufMetadata(source, target, changes, options)
  } finally {
    await source.close()
  }
  return { bytes: await readFile(target), target }
}

const read = (bytes: Buffer) => readGguf(bytesSource(bytes))
const data = (bytes: Buffer, file: GgufFile) => bytes.subarray(file.dataOffset)
const pairs = (file: GgufFile) => [...file.metadata.values()].map(({ key, type, value }) => ({ key, type, value }))

describe('writeGgufMetadata', () => {
  it('changes, adds and removes keys and leaves everything else byte for byte', async () => {
    const before = small()
    const changes: GgufChanges = new Map([
      ['general.name', { type: 'string', value: 'After, with ünï 🚢 and a longer text than before' } as const],
      ['list', null],
      ['general.tags', { type: 'array', elementType: 'string', value: ['x', 'yy'] } as const],
      ['not.there', null],
      ['berth.rating', { type: 'uint8', value: 5 } as const],
    ])
    const { bytes } = await change(await fileOf(before), changes)
    const [old, made] = [await read(before), await read(bytes)]
    expect([...made.metadata.keys()]).toEqual([
      'general.architecture',
      'general.name',
      'latin',
      'llama.block_count',
      'general.tags',
      'berth.rating',
    ])
    expect(made.metadata.get('general.name')?.value).toBe('After, with ünï 🚢 and a longer text than before')
    expect(made.metadata.get('berth.rating')).toMatchObject({ type: 'uint8', value: 5 })
    expect(made.tensors).toEqual(old.tensors)
    expect(made.dataOffset % 32).toBe(0)
    expect(data(bytes, made).equals(data(before, old))).toBe(true)
    for (const kept of [
      architecture,
      w.string('latin', Buffer.from([0x4d, 0xfc, 0x6e])),
      w.uint32('llama.block_count', 7),
    ])
      expect(bytes.includes(kept)).toBe(true)
  })

  it('with nothing to change is the same file', async () => {
    for (const before of [
      small(),
      small({ keys: [] }),
      small({ tensors: [], dataBytes: 0 }),
      small({ keys: [], tensors: [], dataBytes: 0 }),
    ]) {
      const { bytes } = await change(await fileOf(before), new Map())
      expect(bytes.equals(before)).toBe(true)
    }
  })

  it('undone gives the first file again, whatever the lengths do to the padding', async () => {
    const before = small()
    for (let length = 0; length < 70; length += 3) {
      const { target } = await change(
        await fileOf(before),
        new Map([['x', { type: 'string', value: 'x'.repeat(length) }]]),
      )
      const { bytes } = await change(target, new Map([['x', null]]))
      expect(bytes.equals(before)).toBe(true)
    }
  })

  it('can empty the metadata, fill it, and keep another alignment', async () => {
    const bare = rawFile({ keys: [w.string('a', 'b')], tensors: [w.tensor('t', [5], 0, 0)], dataBytes: 32 })
    const { bytes } = await change(await fileOf(bare), new Map([['a', null]]))
    expect(pairs(await read(bytes))).toEqual([])
    const filled = await change(await fileOf(bytes), new Map([['b', { type: 'bool', value: true }]]))
    expect(pairs(await read(filled.bytes))).toEqual([{ key: 'b', type: 'bool', value: true }])

    const wide = rawFile({
      keys: [w.uint32('general.alignment', 256)],
      tensors: [w.tensor('t', [5], 0, 0)],
      dataBytes: 256,
      alignment: 256,
    })
    const made = await read((await change(await fileOf(wide), new Map([['k', { type: 'int8', value: -3 }]]))).bytes)
    expect(made).toMatchObject({ alignment: 256, findings: [] })
    expect(made.dataOffset % 256).toBe(0)
  })

  it('holds values of every type exactly', async () => {
    const changes: GgufChanges = new Map([
      ['u64', { type: 'uint64', value: 2n ** 64n - 1n } as const],
      ['i64', { type: 'int64', value: -5 } as const],
      ['f32', { type: 'float32', value: 0.1 } as const],
      ['nan', { type: 'float32', value: Number.NaN } as const],
      ['f64', { type: 'float64', value: Number.NEGATIVE_INFINITY } as const],
      ['bools', { type: 'array', elementType: 'bool', value: [true, false] } as const],
      ['floats', { type: 'array', elementType: 'float32', value: [0.1, -0] } as const],
      ['none', { type: 'array', elementType: 'string', value: [] } as const],
    ])
    const made = await read((await change(await fileOf(small()), changes)).bytes)
    expect(made.metadata.get('u64')?.value).toBe(2n ** 64n - 1n)
    expect(made.metadata.get('none')?.value).toMatchObject({ count: 0 })
  })

  it('refuses keys that the tensors or other files depend on', async () => {
    for (const key of ['general.architecture', 'general.alignment', 'split.no', 'split.count'])
      for (const value of [null, { type: 'uint32', value: 32 } as const])
        await expect(change(await fileOf(small()), new Map([[key, value]])), key).rejects.toMatchObject({
          code: 'INVALID_INPUT',
        })
  })

  it('refuses what no file can hold before anything is written', async () => {
    const bad: [string, GgufChanges extends ReadonlyMap<string, infer Value> ? Value : never][] = [
      ['', { type: 'uint8', value: 1 }],
      ['nul\0', { type: 'uint8', value: 1 }],
      ['large', { type: 'uint8', value: 256 }],
      ['part', { type: 'int32', value: 1.5 }],
      ['part64', { type: 'int64', value: 1.5 }],
      ['negative', { type: 'uint64', value: -1 }],
      ['surrogate', { type: 'string', value: '\ud800' }],
      ['long', { type: 'string', value: 'x'.repeat((16 << 20) + 1) }],
      ['element', { type: 'array', elementType: 'int8', value: [1, 128] }],
    ]
    for (const [key, value] of bad) {
      const path = await fileOf(small())
      await expect(change(path, new Map([[key, value]])), key).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await readdir(dirname(path))).toEqual(['model.gguf'])
    }
  })

  it('refuses files that it cannot keep as they are', async () => {
    for (const options of [{ version: 1 }, { big: true }]) {
      const old = rawWriter(options)
      const bytes = rawFile({ keys: [old.string('a', 'b')] }, old)
      await expect(change(await fileOf(bytes), new Map())).rejects.toMatchObject({ code: 'BAD_VERSION' })
    }
    await expect(change(await fileOf(small().subarray(0, 200)), new Map())).rejects.toMatchObject({
      name: 'FormatError',
    })
    await expect(change(await fileOf(Buffer.from('not a model at all, really')), new Map())).rejects.toMatchObject({
      name: 'FormatError',
    })
  })

  it('overwrites nothing, not even a link to nowhere', async () => {
    const path = await fileOf(small())
    await writeFile(`${path}.copy`, 'mine')
    await expect(change(path, new Map())).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    expect(await readFile(`${path}.copy`, 'utf8')).toBe('mine')
    const other = await fileOf(small())
    await symlink('nowhere', `${other}.copy`)
    await expect(change(other, new Map())).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  })

  it('copies a real model, tells how far it is, and leaves nothing when it is stopped', async () => {
    const path = join(tempDir(), 'model.gguf')
    await writeSampleModel(path, { targetBytes: 20e6 })
    const before = await readFile(path)
    const fractions: number[] = []
    const changes: GgufChanges = new Map([['general.name', { type: 'string', value: 'Renamed' } as const]])
    const { bytes, target } = await change(path, changes, { report: (fraction) => fractions.push(fraction) })
    const [old, made] = [await read(before), await read(bytes)]
    expect(data(bytes, made).equals(data(before, old))).toBe(true)
    expect(made.metadata.get('general.name')?.value).toBe('Renamed')
    expect(fractions.length).toBeGreaterThan(8)
    expect(fractions).toEqual([...fractions].sort((one, other) => one - other))
    expect(fractions.at(-1)).toBe(1)

    for (const stopAt of [0.1, 0.7]) {
      const controller = new AbortController()
      const report = (fraction: number) => fraction > stopAt && controller.abort(new Error('stopped'))
      const again = `${target}.again`
      const source = await openFileSource(path)
      await expect(writeGgufMetadata(source, again, changes, { signal: controller.signal, report })).rejects.toThrow(
        'stopped',
      )
      await source.close()
      expect(await readdir(dirname(path))).toEqual(['model.gguf', 'model.gguf.copy'])
    }
  })

  it('keeps nothing when the source fails, or when what was written is not what was read', async () => {
    const path = join(tempDir(), 'model.gguf')
    await writeSampleModel(path, { targetBytes: 12e6 })
    const source = await openFileSource(path)
    const broken: FileSource = {
      ...source,
      read: (offset, length, reuse) =>
        offset >= 4 << 20 ? Promise.reject(new Error('the disk went')) : source.read(offset, length, reuse),
    }
    await expect(writeGgufMetadata(broken, `${path}.copy`, new Map())).rejects.toThrow('the disk went')
    const target = `${path}.other`
    const spoil = (fraction: number) => {
      if (fraction === 0.5) writeFileSync(`${target}.part`, 'x', { flag: 'r+' })
    }
    await expect(writeGgufMetadata(source, target, new Map(), { report: spoil })).rejects.toMatchObject({
      code: 'PATH_UNUSABLE',
      message: expect.stringContaining('reads back differently'),
    })
    await source.close()
    expect(await readdir(dirname(path))).toEqual(['model.gguf'])
  })
})
