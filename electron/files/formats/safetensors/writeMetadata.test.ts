import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../../test/support/tempDir.ts'
import { type FileSource, openFileSource } from '../byteSource.ts'
import { readSafetensors } from './readSafetensors.ts'
import { fileOf, headerOf } from './testFile.ts'
import { type WriteMetadataOptions, writeSafetensorsMetadata } from './writeMetadata.ts'

const fixture = fileURLToPath(new URL('../../../../test/fixtures/safetensors/lora.safetensors', import.meta.url))

const opened = async <T>(path: string, use: (source: FileSource) => Promise<T>): Promise<T> => {
  const source = await openFileSource(path)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}
const read = (path: string) => opened(path, (source) => readSafetensors(source))
const write = (
  path: string,
  target: string,
  changes: readonly (readonly [string, string | null])[],
  options?: WriteMetadataOptions,
) => opened(path, (source) => writeSafetensorsMetadata(source, target, new Map(changes), options))
const dataHash = async (path: string) =>
  createHash('sha256')
    .update((await readFile(path)).subarray((await read(path)).dataOffset))
    .digest('hex')

describe('a copy with other metadata', () => {
  it('changes, adds and takes out keys, and leaves every tensor as it was', async () => {
    const target = join(tempDir(), 'copy.safetensors')
    const fractions: number[] = []
    await write(
      fixture,
      target,
      [
        ['ss_sd_model_name', null],
        ['modelspec.title', 'Other "title" \u202e\n'],
        ['new', 'ü'],
      ],
      { report: (fraction) => fractions.push(fraction) },
    )
    const [before, after] = [await read(fixture), await read(target)]
    const wanted = new Map(before.metadata)
    wanted.delete('ss_sd_model_name')
    wanted.set('modelspec.title', 'Other "title" \u202e\n').set('new', 'ü')
    expect([...after.metadata]).toEqual([...wanted])
    const moved = after.dataOffset - before.dataOffset
    expect(after.tensors).toEqual(before.tensors.map((row) => ({ ...row, offset: (row.offset ?? 0) + moved })))
    expect(await dataHash(target)).toBe(await dataHash(fixture))
    expect(after.dataOffset % 8).toBe(0)
    expect(fractions.at(-1)).toBe(1)
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other))
  })

  it('without any metadata there is no entry for it', async () => {
    const target = join(tempDir(), 'copy.safetensors')
    await write(
      fixture,
      target,
      [...(await read(fixture)).metadata.keys()].map((key) => [key, null] as const),
    )
    expect((await read(target)).metadata.size).toBe(0)
    expect((await readFile(target)).toString('utf8')).not.toContain('__metadata__')
  })

  it('names of strangers and keys of every object survive', async () => {
    const folder = tempDir()
    const { header, dataBytes } = headerOf(
      { __proto__: ['U8', 3], 'é"\\\n': ['F4', 2], '': ['BF16', 2, 0] },
      { a: 'b' },
    )
    await writeFile(join(folder, 'a'), fileOf(header, dataBytes))
    await write(join(folder, 'a'), join(folder, 'b'), [['__proto__', 'c']])
    const after = await read(join(folder, 'b'))
    expect([...after.metadata]).toEqual([
      ['a', 'b'],
      ['__proto__', 'c'],
    ])
    expect(after.tensors.map((row) => row.name)).toEqual((await read(join(folder, 'a'))).tensors.map((row) => row.name))
  })

  it('never writes over a file', async () => {
    const target = join(tempDir(), 'copy.safetensors')
    await writeFile(target, 'mine')
    await expect(write(fixture, target, [['a', 'b']])).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    expect(await readFile(target, 'utf8')).toBe('mine')
  })

  it('copies only what is whole, and only text that is text', async () => {
    const folder = tempDir()
    const bytes = await readFile(fixture)
    await writeFile(join(folder, 'short'), bytes.subarray(0, -1))
    await writeFile(join(folder, 'long'), Buffer.concat([bytes, Buffer.alloc(1)]))
    await expect(write(join(folder, 'short'), join(folder, 'x'), [])).rejects.toMatchObject({ code: 'DATA_TRUNCATED' })
    await expect(write(join(folder, 'long'), join(folder, 'x'), [])).rejects.toMatchObject({ code: 'TRAILING_DATA' })
    await expect(write(fixture, join(folder, 'x'), [['a', '\ud800']])).rejects.toMatchObject({ code: 'BAD_METADATA' })
    await expect(write(fixture, join(folder, 'x'), [['a', 'x'.repeat(17_000_000)]])).rejects.toMatchObject({
      code: 'HEADER_TOO_LARGE',
    })
    expect((await readdir(folder)).sort()).toEqual(['long', 'short'])
  })

  it('leaves nothing behind when it is stopped, at any moment', async () => {
    const folder = tempDir()
    for (let after = 0; after < 3; after++) {
      const stop = new AbortController()
      let reports = 0
      if (after === 0) stop.abort()
      const options = { signal: stop.signal, report: () => ++reports === after && stop.abort() }
      await expect(write(fixture, join(folder, 'x'), [['a', 'b']], options)).rejects.toMatchObject({
        name: 'AbortError',
      })
    }
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves nothing behind when what was read changes under it', async () => {
    const folder = tempDir()
    await copyFile(fixture, join(folder, 'source'))
    await opened(join(folder, 'source'), async (source) => {
      const failing: FileSource = {
        ...source,
        read: async (offset, length, reuse) => {
          if (offset > 8) throw new Error('the disk is gone')
          return await source.read(offset, length, reuse)
        },
      }
      await expect(writeSafetensorsMetadata(failing, join(folder, 'x'), new Map())).rejects.toThrow('the disk is gone')
    })
    expect(await readdir(folder)).toEqual(['source'])
  })
})
