import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { dict, global, pickle, reduce, text } from '../pickle/testPickle.ts'
import { inspectZip } from './inspectZip.ts'
import { type ZipMember, zipOf } from './testZip.ts'

const inspect = (members: readonly ZipMember[]) => inspectZip(bytesSource(zipOf(members)))
const codesOf = async (members: readonly ZipMember[]) =>
  (await inspect(members)).summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)
const system = pickle(reduce(global('os', 'system'), text('id')))

describe('any other archive', () => {
  it('lists what is in it, models first by name', async () => {
    const { summary, facts, metadata } = await inspect([
      { name: 'model/weights.gguf', data: Buffer.from('GGUF') },
      { name: 'model/readme.txt', data: Buffer.from('hello'.repeat(100)), deflate: true },
    ])
    expect(summary).toMatchObject({ format: 'Zip archive', loadable: false })
    expect(summary.reason).toContain('archive')
    expect(facts.flatMap((group) => group.facts)).toContainEqual({
      label: 'Models by name',
      value: 'model/weights.gguf',
      source: 'table of contents',
    })
    expect(metadata).toContainEqual({ key: 'model/readme.txt', type: 'compressed', value: '500 bytes' })
    expect(summary.checks.map(({ outcome }) => outcome)).toEqual(['passed'])
  })

  it('follows the pickles in it, at any depth', async () => {
    const inner = zipOf([{ name: 'x.dat', data: system, deflate: true }])
    expect(await codesOf([{ name: 'weights.dat', data: system }])).toContain('dangerous pickle-dangerous-import')
    expect(await codesOf([{ name: 'inner.zip', data: inner }])).toContain('dangerous pickle-dangerous-import')
    expect(await codesOf([{ name: 'fine.pkl', data: pickle(dict({})) }])).toContain('passed pickle-only-data')
  })

  it('says what cannot be looked into', async () => {
    expect(await codesOf([{ name: 'a.7z', data: Buffer.from('7z') }])).toContain('unknown packed-member')
    expect(await codesOf([{ name: 'handler.py', data: Buffer.from('import os') }])).toContain(
      'unknown archive-holds-code',
    )
    const mar = await inspect([{ name: 'MAR-INF/MANIFEST.json', data: Buffer.from('{}') }])
    expect(mar.summary.format).toBe('TorchServe archive')
  })

  it('hands PyTorch’s and NumPy’s archives on', async () => {
    expect((await inspect([{ name: 'a/data.pkl', data: pickle(dict({})) }])).summary.format).toBe('PyTorch checkpoint')
    expect((await inspect([{ name: 'a.npy', data: Buffer.from('x') }])).summary.format).toBe('NumPy archive')
  })
})
