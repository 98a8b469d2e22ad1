import { describe, expect, it, onTestFinished } from 'vitest'
import type { Job } from '../../shared/contract/jobs.ts'
import { tempDir } from '../../test/support/tempDir.ts'
import { openCatalog } from '../catalog/database.ts'
import { createFileHashRepository } from '../catalog/fileHashRepository.ts'
import { createFileRepository, type Place } from '../catalog/fileRepository.ts'
import { createContentHashes } from './contentHashes.ts'
import type { HashAsk } from './hashing/hashService.ts'
import { createFileList } from './validation/fileList.ts'

const fileAt = (path: string) => ({ path, sizeBytes: 100, modifiedAt: 1 })

const open = ({ inBackground = true } = {}) => {
  const catalog = openCatalog({ dataDir: tempDir(), now: () => 0, uncleanStart: false })
  onTestFinished(() => {
    hashes.close()
    catalog.close()
  })
  const list = createFileList(createFileRepository(catalog.db), () => {})
  const asked: string[][] = []
  const background: string[] = []
  const rotten: string[] = []
  const faults: unknown[] = []
  let conclude: HashAsk['conclude']
  const hashes = createContentHashes({
    list,
    hashes: createFileHashRepository(catalog.db),
    hasher: {
      hash: (paths, ask) => {
        asked.push([...paths])
        conclude = ask.conclude
        return {} as Job // nobody here looks at it
      },
      addBackground: (files) => background.push(...files.map(({ path }) => path)),
      dropBackground: () => background.splice(0),
    },
    mayHashInBackground: () => inBackground,
    now: () => 9,
    onRot: (path) => rotten.push(path),
    onFault: (error) => faults.push(error),
  })
  const save = (path: string, change: Partial<Place> = {}) =>
    list.save([
      {
        place: {
          path,
          kind: 'file',
          files: [fileAt(path)],
          sizeBytes: 100,
          modifiedAt: 1,
          label: 'x',
          format: 'GGUF',
          role: 'llm',
          architecture: null,
          parameterCount: null,
          quantization: null,
          contextLength: null,
          license: null,
          verdict: 'ok',
          issues: 0,
          worstIssue: null,
          checkedAt: 1,
          fingerprint: `f1:${path}`,
          known: null,
          rules: 1,
          ...change,
        },
        report: Buffer.from(''),
      },
    ])
  /** the job reads these bytes and ends */
  const ends = (digests: Record<string, string>, stamp = { sizeBytes: 100, modifiedAt: 1 }): string => {
    for (const [path, digest] of Object.entries(digests)) hashes.record(path, stamp, digest)
    return conclude?.(new Map(Object.entries(digests))) ?? ''
  }
  return { hashes, list, save, asked, background, rotten, faults, catalog, ends }
}

const stamp = { sizeBytes: 100, modifiedAt: 1 }
const known = (sha256: string) => ({ sha256, source: 'a store', url: null, repository: null, revision: null })

describe('full hashes of what is in the list', () => {
  it('a file that has none is hashed in the background, once', () => {
    const { hashes, list, save, background } = open()
    save('/a')
    hashes.consider(['/a'])
    hashes.record('/a', stamp, 'aa')
    hashes.consider(['/a'])
    hashes.close()
    expect(background).toEqual(['/a'])
    expect(list.find('/a')).toMatchObject({ sha256: 'aa', hashedAt: 9 })
  })

  it('nothing is hashed unasked when that is switched off', async () => {
    const { hashes, save, background } = open({ inBackground: false })
    save('/a')
    hashes.consider(['/a'])
    await hashes.considerAll()
    expect(background).toEqual([])
  })

  it('a model in several files has a hash when all of them have, and not before', () => {
    const { hashes, list, save } = open()
    save('/m', { kind: 'folder', files: [fileAt('/m/1'), fileAt('/m/2')] })
    hashes.record('/m/1', stamp, 'a'.repeat(64))
    hashes.close()
    expect(list.find('/m')?.sha256).toBeNull()
    hashes.record('/m/2', stamp, 'b'.repeat(64))
    hashes.close()
    expect(list.find('/m')?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('other bytes under the same size and date are rot; a new date is a new file', () => {
    const { hashes, save, rotten } = open()
    save('/a')
    hashes.record('/a', stamp, 'aa')
    hashes.record('/a', { ...stamp, modifiedAt: 2 }, 'bb')
    expect(rotten).toEqual([])
    hashes.record('/a', { ...stamp, modifiedAt: 2 }, 'cc')
    expect(rotten).toEqual(['/a'])
  })

  it('says whether a published hash is the one of the disk', async () => {
    const { list, hashes, save } = open()
    save('/good', { known: known('aa') })
    save('/bad', { known: known('aa') })
    hashes.record('/good', stamp, 'aa')
    hashes.record('/bad', stamp, 'bb')
    hashes.close()
    const { files } = await list.list({})
    expect(files.map(({ path, matches }) => [path, matches])).toEqual([
      ['/bad', false],
      ['/good', true],
    ])
  })
})

describe('what goes wrong meanwhile', () => {
  it('hashes that cannot be written are a fault to tell, not the end; they are written with the next', async () => {
    const { hashes, list, save, faults, catalog } = open()
    save('/a')
    catalog.db.pragma('query_only = ON')
    hashes.record('/a', stamp, 'aa')
    await expect.poll(() => faults.length).toBe(1)
    catalog.db.pragma('query_only = OFF')
    hashes.record('/b', stamp, 'bb')
    await expect.poll(() => list.find('/a')?.sha256).toBe('aa')
  })

  it('what waits is forgotten when hashing in the background is switched off', () => {
    const { hashes, save, background } = open()
    save('/a')
    hashes.consider(['/a'])
    hashes.stopBackground()
    expect(background).toEqual([])
  })
})

describe('verifying on demand', () => {
  it('reads every file of a place, and says what came of it', async () => {
    const { hashes, save, asked, ends } = open()
    save('/a', { known: known('aa') })
    await hashes.verify(['/a'])
    expect(asked).toEqual([['/a']])
    expect(ends({ '/a': 'aa' })).toBe('SHA-256 aa, as published.')
    await hashes.verify(['/a'])
    expect(ends({ '/a': 'aa' })).toBe('SHA-256 aa, the same as when first hashed, as published.')
    expect(() => ends({ '/a': 'bb' })).toThrow(/other bytes than when first hashed/)
  })

  it('finds rot as often as it looks, and the row says so until the right bytes are back', async () => {
    const { hashes, list, save, ends } = open()
    save('/a')
    hashes.record('/a', stamp, 'aa')
    for (let time = 0; time < 2; time++) {
      await hashes.verify(['/a'])
      expect(() => ends({ '/a': 'bb' })).toThrow(/other bytes than when first hashed/)
      expect((await list.list({})).files).toMatchObject([{ verdict: 'broken', issues: 1, sha256: 'bb' }])
    }
    expect(await list.list({ verdict: 'ok' })).toMatchObject({ total: 0, verdicts: { ok: 0, broken: 1 } })
    await hashes.verify(['/a'])
    expect(ends({ '/a': 'aa' })).toBe('SHA-256 aa, the same as when first hashed.')
    expect((await list.list({})).files).toMatchObject([{ verdict: 'ok', issues: 0, sha256: 'aa' }])
  })

  it('rot is not forgotten when the file leaves the list and comes back', async () => {
    const { hashes, list, save } = open()
    save('/a')
    hashes.record('/a', stamp, 'aa')
    hashes.record('/a', stamp, 'bb')
    hashes.close()
    await list.remove(['/a'])
    save('/a', { fingerprint: 'f1:of the other bytes' })
    hashes.consider(['/a'])
    expect(list.find('/a')).toMatchObject({ sha256: 'bb', rotted: true })
  })

  it('a file that was written to since, and has a new date, has not rotted', async () => {
    const { hashes, save, rotten, ends } = open()
    save('/a', { known: known('aa') })
    hashes.record('/a', stamp, 'aa')
    await hashes.verify(['/a'])
    expect(ends({ '/a': 'bb' }, { sizeBytes: 100, modifiedAt: 2 })).toBe(
      'SHA-256 bb, changed since it was validated: validate it again.',
    )
    expect(rotten).toEqual([])
  })

  it('finds a file by any form of its path', async () => {
    const { hashes, save, asked } = open()
    save('/m/a')
    await hashes.verify(['/m//x/../a'])
    expect(asked).toEqual([['/m/a']])
  })

  it('names a few of many', async () => {
    const { hashes, save, ends } = open()
    const paths = Array.from({ length: 40 }, (_, n) => `/${n}`)
    for (const path of paths) save(path, { known: known('aa') })
    await hashes.verify(paths)
    expect(() => ends(Object.fromEntries(paths.map((path) => [path, 'bb'])))).toThrow(/^.{1,20} and 37 more: not the/)
  })

  it('fails when the bytes are not those that were published', async () => {
    const { hashes, save, ends } = open()
    save('/a', { known: known('aa') })
    await hashes.verify(['/a'])
    expect(() => ends({ '/a': 'bb' })).toThrow(/not the bytes that were published/)
  })

  it('a file nobody looked into has nothing to verify', async () => {
    await expect(open().hashes.verify(['/a'])).rejects.toMatchObject({ code: 'FILE_NOT_KNOWN' })
  })
})
