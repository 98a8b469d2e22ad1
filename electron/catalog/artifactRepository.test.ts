import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ArtifactRepository, createArtifactRepository } from './artifactRepository.ts'
import { migrate, migrations } from './migrate.ts'

let artifacts: ArtifactRepository<{ layers: number }>

const artifact = (path: string, keyCandidates: string[], name = 'A model') => ({
  path,
  keyCandidates,
  files: [{ path, sizeBytes: 10, modifiedAt: 1 }],
  sizeBytes: 10,
  modifiedAt: 1,
  format: 'gguf',
  name,
  architecture: 'llama',
  quantization: 'Q4_K_M',
  error: null,
  summary: { layers: 4 },
})

beforeEach(() => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  artifacts = createArtifactRepository(db)
})

describe('artifacts', () => {
  it('come back as they were saved', () => {
    artifacts.save([artifact('/m/a.gguf', ['a'])])
    const { keyCandidates, ...saved } = artifact('/m/a.gguf', ['a'])
    expect(artifacts.list()).toEqual([{ ...saved, key: keyCandidates[0] }])
  })

  it('keep their key when they are read again, and two of one name get different ones', () => {
    artifacts.save([
      artifact('/m/a.gguf', ['a']),
      artifact('/n/a.gguf', ['a', 'n/a']),
      artifact('/o/n/a.gguf', ['a', 'n/a']),
    ])
    artifacts.save([artifact('/n/a.gguf', ['other'], 'Renamed inside')])
    expect(artifacts.list().map(({ key, path, name }) => [key, path, name])).toEqual([
      ['a', '/m/a.gguf', 'A model'],
      ['n/a', '/n/a.gguf', 'Renamed inside'],
      ['n/a~2', '/o/n/a.gguf', 'A model'],
    ])
  })

  it('are found by any part of name, key or path, and not after they are gone', () => {
    artifacts.save([artifact('/m/qwen3-8b.gguf', ['qwen3-8b'], 'Qwen3 8B'), artifact('/m/phi.gguf', ['phi'], 'Phi')])
    expect(artifacts.search('wen3 llama', 10)).toEqual(['qwen3-8b'])
    expect(artifacts.search('8b', 10)).toEqual(['qwen3-8b'])
    expect(artifacts.search('8B qwen 3-', 10)).toEqual(['qwen3-8b'])
    expect(artifacts.search('qwen 7b', 10)).toEqual([])
    expect(artifacts.search('8b zz', 10)).toEqual([])
    expect(artifacts.search('  ', 10)).toEqual([])
    artifacts.remove(['/m/qwen3-8b.gguf'])
    expect(artifacts.search('qwen', 10)).toEqual([])
  })

  it.each([
    '"',
    "'; DROP TABLE artifact; --",
    'a" OR "b',
    '%',
    '_',
    '\\',
    'NEAR(',
    'name:phi',
    '*',
    '(',
    'AND OR NOT',
    '\u0000abc',
    '😀😀😀',
  ])('take %j as text to look for, never as a command', (text) => {
    artifacts.save([artifact('/m/phi.gguf', ['phi'], 'Phi')])
    expect(artifacts.search(text, 10)).toEqual([])
    expect(artifacts.list()).toHaveLength(1)
  })
})
