import { describe, expect, it } from 'vitest'
import { aFile, noLabels } from '../../lib/testMirror.ts'
import {
  compareFiles,
  countVerdicts,
  fileName,
  filterFiles,
  hashStateOf,
  noFilter,
  rolesIn,
  tagsIn,
} from './fileList.ts'

const labelled = (path: string, over: Partial<typeof noLabels>) => aFile(path, { labels: { ...noLabels, ...over } })
const rows = [
  labelled('/m/qwen3-8b.gguf', { tags: ['work', 'Fast'], favourite: true, rating: 4 }),
  labelled('/m/broken.gguf', { name: 'Old thing' }),
  aFile('/n/mmproj.gguf', { role: 'projector', verdict: 'broken', worstIssue: 'The file ends in a tensor.' }),
]
const names = (found: readonly { path: string }[]) => found.map(({ path }) => path)

describe('the list of files', () => {
  it('finds every word anywhere in what is known of a file', () => {
    expect(names(filterFiles(rows, { ...noFilter, search: 'QWEN fast' }))).toEqual(['/m/qwen3-8b.gguf'])
    expect(names(filterFiles(rows, { ...noFilter, search: 'ends tensor' }))).toEqual(['/n/mmproj.gguf'])
    expect(names(filterFiles(rows, { ...noFilter, search: 'old' }))).toEqual(['/m/broken.gguf'])
  })

  it('narrows by role, tag and favourites together', () => {
    expect(names(filterFiles(rows, { ...noFilter, role: 'projector' }))).toEqual(['/n/mmproj.gguf'])
    expect(names(filterFiles(rows, { ...noFilter, tag: 'work', favourites: true }))).toEqual(['/m/qwen3-8b.gguf'])
    expect(filterFiles(rows, { ...noFilter, tag: 'work', role: 'projector' })).toEqual([])
  })

  it('counts each verdict, tags and roles once', () => {
    expect(countVerdicts(rows)).toEqual({ ok: 2, warnings: 0, broken: 1, dangerous: 0, unknown: 0 })
    expect(tagsIn(rows)).toEqual(['Fast', 'work'])
    expect(rolesIn(rows)).toEqual(['llm', 'projector'])
  })

  it('calls a file as the person does, else as the disk does', () => {
    expect(rows.map(fileName)).toEqual(['qwen3-8b.gguf', 'Old thing', 'mmproj.gguf'])
  })

  it('puts the worst verdict first and what is unknown last', () => {
    const sorted = (column: 'verdict' | 'rating', descending: boolean) =>
      names([...rows].sort(compareFiles({ column, descending })))
    expect(sorted('verdict', false)[0]).toBe('/n/mmproj.gguf')
    expect(sorted('rating', true)[0]).toBe('/m/qwen3-8b.gguf')
    expect(sorted('rating', false)[0]).toBe('/m/qwen3-8b.gguf')
  })

  it('tells a hash that was compared from one that was only computed', () => {
    const states = [
      { sha256: null, matches: null },
      { sha256: 'a', matches: null },
      { sha256: 'a', matches: true },
      { sha256: 'a', matches: false },
    ].map(hashStateOf)
    expect(states).toEqual(['none', 'hashed', 'matches', 'differs'])
  })
})
