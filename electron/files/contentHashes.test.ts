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
    },
    mayHashInBackground: () => inBackground,
    now: () => 9,
    onRot: (path) => rotten.push(path),
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
        fileName: path,
        report: Buffer.from(''),
      },
    ])
  const ends = (digests: Record<string, string>): string => conclude?.(new Map(Object.entries(digests))) ?? ''
  return { hashes, list, save, asked, background, rotten, ends }
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

describe('verifying on demand', () => {
  it('reads every file of a place, and says what came of it', async () => {
    const { hashes, save, asked, ends } = open()
    save('/a', { known: known('aa') })
    await hashes.verify(['/a'])
    expect(asked).toEqual([['/a']])
    expect(ends({ '/a': 'aa' })).toBe('SHA-256 aa, as published.')
    hashes.record('/a', stamp, 'aa')
    await hashes.verify(['/a'])
    expect(ends({ '/a': 'aa' })).toBe('SHA-256 aa, the same as when last hashed, as published.')
    expect(() => ends({ '/a': 'bb' })).toThrow(/other bytes than when last hashed/)
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
