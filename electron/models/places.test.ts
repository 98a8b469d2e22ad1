import { describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/contract/modelId.ts'
import { providerModel } from '../../test/support/fakeProvider.ts'
import type { ProviderModel } from '../providers/provider.ts'
import { createPlaces } from './places.ts'

const sha = 'a'.repeat(64)
const id = (text: string) => ModelId.parse(text)

const start = (inventories: Record<string, ProviderModel[]>, hashes: Record<string, string> = {}, restMs = 0) => {
  const changes: string[][] = []
  const places = createPlaces({
    models: (provider) => {
      const list = inventories[provider]
      return list ? new Map(list.map((model) => [model.key, model])) : null
    },
    sha256Of: (_, { path }) => (path === null ? null : (hashes[path] ?? null)),
    fileIdOf: async (path) => path.replace('/link/', '/real/'),
    onChange: (ids) => changes.push([...ids].sort()),
    restMs,
  })
  const all = async () => {
    for (const provider of Object.keys(inventories)) await places.changed(provider)
  }
  return { places, changes, all, of: (model: string) => places.of(id(model)) }
}

describe('places of the same weights', () => {
  it('are found by the hash of the weights, whatever the names', async () => {
    const { all, of } = start(
      {
        ollama: [providerModel('qwen3:8b', { weightsSha256: sha })],
        embedded: [
          providerModel('a', { path: `/blobs/sha256-${sha}` }),
          providerModel('b', { path: '/m/b.gguf' }),
          providerModel('other', { path: '/m/other.gguf' }),
        ],
      },
      { '/m/b.gguf': sha.toUpperCase() },
    )
    await all()
    expect(of('ollama/qwen3:8b')).toEqual([
      { model: 'embedded/a', evidence: 'digest' },
      { model: 'embedded/b', evidence: 'digest' },
    ])
    expect(of('embedded/b')).toContainEqual({ model: 'embedded/a', evidence: 'digest' })
    expect(of('embedded/other')).toEqual([])
  })

  it('are found at once for a provider that comes while another one rests', async () => {
    const list = () => [providerModel('x', { weightsSha256: sha })]
    const { all, of } = start({ one: list(), two: list() }, {}, 600_000)
    await all()
    expect(of('one/x')).toEqual([{ model: 'two/x', evidence: 'digest' }])
  })

  it('are found by the build, and by being the very file', async () => {
    const { all, of } = start({
      one: [providerModel('x', { digest: `sha256:${sha}` })],
      two: [providerModel('y', { digest: `sha256:${sha}` })],
      embedded: [providerModel('z', { path: '/real/z.gguf' })],
      server: [providerModel('w', { path: '/link/z.gguf' })],
    })
    await all()
    expect(of('one/x')).toEqual([{ model: 'two/y', evidence: 'digest' }])
    expect(of('server/w')).toEqual([{ model: 'embedded/z', evidence: 'file' }])
  })

  it('are only hinted at by equal names, and not when the quantisations differ', async () => {
    const { all, of } = start({
      ollama: [providerModel('qwen3:8b', { quantization: 'Q4_K_M' })],
      openrouter: [providerModel('qwen/qwen3-8b:free', { quantization: null })],
      embedded: [providerModel('Qwen3-8B-Q8_0', { quantization: 'Q8_0' })],
    })
    await all()
    expect(of('ollama/qwen3:8b')).toEqual([{ model: 'openrouter/qwen/qwen3-8b:free', evidence: 'name' }])
    expect(of('openrouter/qwen/qwen3-8b:free')).toHaveLength(2)
  })

  it('follow what comes and goes, and tell whom it touches, once', async () => {
    const inventories: Record<string, ProviderModel[]> = {
      one: [providerModel('x', { weightsSha256: sha })],
      two: [providerModel('y', { weightsSha256: sha })],
    }
    const { places, all, of, changes } = start(inventories)
    await all()
    expect(changes).toEqual([['one/x', 'two/y']])
    await all()
    expect(changes).toHaveLength(1)
    const before = of('one/x')
    await places.changed('one')
    expect(of('one/x')).toBe(before)
    delete inventories.two
    await places.changed('two')
    expect(of('one/x')).toEqual([])
    expect(changes.at(-1)).toEqual(['one/x', 'two/y'])
  })

  it('of ten thousand models never hold up others for long', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => providerModel(`author/some-model-${index}:free`))
    const { places } = start({ one: many, two: many })
    await Promise.all([places.changed('one'), places.changed('two')])
    expect(places.of(id('one/author/some-model-77:free'))).toEqual([
      { model: 'two/author/some-model-77:free', evidence: 'name' },
    ])
  })
})
