import { describe, expect, it, onTestFinished } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { openCatalog } from './database.ts'
import { createFileHashRepository } from './fileHashRepository.ts'
import { createFileRepository, type Place } from './fileRepository.ts'

const place = (path: string, change: Partial<Place> = {}): Place => ({
  path,
  kind: 'file',
  files: [{ path, sizeBytes: 100, modifiedAt: 1 }],
  sizeBytes: 100,
  modifiedAt: 1,
  label: 'GGUF language model',
  format: 'GGUF',
  role: 'llm',
  architecture: 'llama',
  parameterCount: 8e9,
  quantization: 'Q4_K_M',
  contextLength: 8192,
  license: null,
  verdict: 'ok',
  issues: 0,
  worstIssue: null,
  checkedAt: 5,
  fingerprint: 'f1:a',
  known: null,
  rules: 1,
  ...change,
})

const open = (dataDir = tempDir()) => {
  const catalog = openCatalog({ dataDir, now: () => 0, uncleanStart: false })
  onTestFinished(() => {
    if (catalog.db.open) catalog.close()
  })
  const files = createFileRepository(catalog.db)
  const save = (...places: Place[]) => files.save(places.map((one) => ({ place: one, report: Buffer.from(one.path) })))
  return { catalog, files, save, dataDir }
}

const filesOf = (path: string, modifiedAt = 1) => [{ path, sizeBytes: 100, modifiedAt }]

describe('places and their reports', () => {
  it('what was saved is read back, by path and page by page, also after a restart', () => {
    const first = open()
    first.save(
      place('/b'),
      place('/a', { known: { sha256: 'x', source: 's', url: null, repository: null, revision: null } }),
    )
    first.catalog.close()
    const { files } = open(first.dataDir)
    expect(files.page('', 10).map(({ path }) => path)).toEqual(['/a', '/b'])
    expect(files.page('/a', 10).map(({ path }) => path)).toEqual(['/b'])
    expect(files.find('/a')).toMatchObject({ known: { sha256: 'x' }, parameterCount: 8e9, sha256: null })
    expect(files.report('/b')?.toString()).toBe('/b')
    expect(files.find('/c')).toBeNull()
  })

  it('a new report takes the place of the old one, and a place that is removed takes its report along', () => {
    const { files, save, catalog } = open()
    save(place('/a'))
    save(place('/a', { verdict: 'broken', fingerprint: null }))
    expect(files.find('/a')).toMatchObject({ verdict: 'broken', fingerprint: null })
    files.remove(['/a', '/never'])
    expect(files.page('', 10)).toEqual([])
    expect(catalog.db.prepare('SELECT count(*) FROM report').pluck().get()).toBe(0)
  })
})

describe('copies of one file', () => {
  it('have a report each: what lies beside them is part of it', () => {
    const { files, save } = open()
    save(place('/whole/a.onnx'), place('/alone/a.onnx', { verdict: 'broken' }))
    expect(files.report('/whole/a.onnx')?.toString()).toBe('/whole/a.onnx')
    expect(files.report('/alone/a.onnx')?.toString()).toBe('/alone/a.onnx')
  })

  it('leave no report behind when they go, labelled or not', () => {
    const { files, save, catalog } = open()
    save(place('/a'), place('/b'))
    files.label(['/a'], { name: 'Mine' })
    files.remove(['/a', '/b'])
    expect(catalog.db.prepare('SELECT count(*) FROM report').pluck().get()).toBe(0)
    save(place('/c'))
    expect(files.find('/c')?.labels.name).toBe('Mine')
  })
})

describe('labels', () => {
  it('follow the bytes to another name and back after the first name is gone', () => {
    const { files, save } = open()
    save(place('/old'))
    files.label(['/old'], { name: 'Mine', addTags: ['b', 'a', 'b'], rating: 4, favourite: true })
    files.remove(['/old'])
    save(place('/new/name'))
    expect(files.find('/new/name')?.labels).toEqual({
      name: 'Mine',
      tags: ['a', 'b'],
      notes: null,
      rating: 4,
      favourite: true,
      license: null,
      sourceUrl: null,
      versionLabel: null,
    })
  })

  it('change field by field: what is left out stays, null clears, tags come and go', () => {
    const { files, save } = open()
    save(place('/a'), place('/b', { fingerprint: 'f1:b' }))
    files.label(['/a', '/b'], { notes: 'n', tags: ['x', 'y'], versionLabel: 'v1' })
    const changed = files.label(['/a'], { notes: null, addTags: ['z'], removeTags: ['x'] })
    expect(changed.map(({ labels }) => labels)).toMatchObject([{ notes: null, tags: ['y', 'z'], versionLabel: 'v1' }])
    expect(files.find('/b')?.labels).toMatchObject({ notes: 'n', tags: ['x', 'y'] })
  })

  it('are the same in all places of the same bytes', () => {
    const { files, save } = open()
    save(place('/a'), place('/copy'))
    expect(files.label(['/copy'], { name: 'One' }).map(({ path }) => path)).toEqual(['/a', '/copy'])
  })

  it('a file that could not be read has no content to keep them by', () => {
    const { files, save } = open()
    save(place('/a', { fingerprint: null }))
    expect(files.label(['/a'], { name: 'x' })).toEqual([])
  })
})

describe('full hashes', () => {
  const hash = (path: string, sha256: string, at = 1, modifiedAt = 1) => ({
    path,
    files: filesOf(path, modifiedAt),
    sha256,
    rotted: false,
    at,
  })

  it('a fingerprint is not the last word: other bytes with the same one become a content of their own', () => {
    const { files, save } = open()
    save(place('/a'), place('/twin'))
    files.label(['/a'], { name: 'Mine' })
    expect(files.setHashes([hash('/a', 'aa', 10), hash('/twin', 'bb', 11)])).toHaveLength(2)
    files.label(['/twin'], { name: 'The other' })
    expect(files.find('/a')).toMatchObject({ sha256: 'aa', hashedAt: 10, labels: { name: 'Mine' } })
    expect(files.find('/twin')).toMatchObject({ sha256: 'bb', labels: { name: 'The other' } })
  })

  it('nothing a person wrote is lost when two contents part', () => {
    const { files, save } = open()
    save(place('/a'), place('/twin'))
    files.label(['/twin'], { notes: 'written for one of them' })
    files.setHashes([hash('/a', 'aa'), hash('/twin', 'bb')])
    expect([files.find('/a')?.labels.notes, files.find('/twin')?.labels.notes]).toEqual(
      Array(2).fill('written for one of them'),
    )
  })

  it('a hash of files that are others by now is not taken', () => {
    const { files, save } = open()
    save(place('/a', { files: filesOf('/a', 2) }))
    expect(files.setHashes([hash('/a', 'aa'), hash('/gone', 'aa')])).toEqual([])
    expect(files.find('/a')?.sha256).toBeNull()
  })

  it('stays while the files stay, and goes when they change', () => {
    const { files, save } = open()
    save(place('/a'))
    files.setHashes([hash('/a', 'aa')])
    save(place('/a', { checkedAt: 6 }))
    expect(files.find('/a')?.sha256).toBe('aa')
    save(place('/a', { files: filesOf('/a', 2), fingerprint: 'f1:b' }))
    expect(files.find('/a')?.sha256).toBeNull()
  })

  it('says that the bytes rotted until the files are others', () => {
    const { files, save } = open()
    save(place('/a'))
    files.setHashes([{ ...hash('/a', 'bb'), rotted: true }])
    save(place('/a', { checkedAt: 6 }))
    expect(files.find('/a')).toMatchObject({ sha256: 'bb', rotted: true })
    files.setHashes([hash('/a', 'aa')])
    expect(files.find('/a')).toMatchObject({ sha256: 'aa', rotted: false })
    files.setHashes([{ ...hash('/a', 'bb'), rotted: true }])
    save(place('/a', { files: filesOf('/a', 2) }))
    expect(files.find('/a')).toMatchObject({ sha256: null, rotted: false })
  })

  it('of a single file counts for its size and date only', () => {
    const hashes = createFileHashRepository(open().catalog.db)
    hashes.save([{ path: '/a', sizeBytes: 1, modifiedAt: 2, sha256: 'aa', found: null, at: 3 }])
    expect(hashes.find({ path: '/a', sizeBytes: 1, modifiedAt: 2 })).toEqual({ sha256: 'aa', found: null })
    expect(hashes.find({ path: '/a', sizeBytes: 1, modifiedAt: 3 })).toBeNull()
    expect(hashes.find({ path: '/b', sizeBytes: 1, modifiedAt: 2 })).toBeNull()
  })
})
