import { describe, expect, it } from 'vitest'
import type { Model } from '../../../shared/contract/models.ts'
import { aModel } from '../../lib/testMirror.ts'
import { compareModels, filterModels, noFilter, type Sort } from './modelList.ts'

const names = (models: readonly Model[]): string[] => models.map((model) => model.name)
const unknownFit = () => null
describe('the search', () => {
  const models = [
    aModel('ollama/qwen3:8b', { architecture: 'qwen3', quantization: 'Q4_K_M', sizeBytes: 5.2e9 }),
    aModel('embedded/Phi 4 mini', {
      architecture: 'phi3',
      quantization: 'Q8_0',
      sizeBytes: 4.1e9,
      path: '/disk/phi.gguf',
    }),
    aModel('embedded/nomic-embed', {
      architecture: 'nomic-bert',
      role: 'embedding',
      quantization: 'F16',
      sizeBytes: null,
    }),
  ]

  it('finds a model by every word, in any order and case', () => {
    expect(names(filterModels(models, 'Q4_k QWEN', noFilter))).toEqual(['qwen3:8b'])
    expect(names(filterModels(models, 'qwen q8', noFilter))).toEqual([])
  })
  it('finds a model by its path and its role', () => {
    expect(names(filterModels(models, '/disk', noFilter))).toEqual(['Phi 4 mini'])
    expect(names(filterModels(models, 'embedding', noFilter))).toEqual(['nomic-embed'])
  })
  it('leaves out what costs money, and what cannot do what is asked for', () => {
    const price = { promptUsdPerMillion: 1, completionUsdPerMillion: 2, requestUsd: null, free: false }
    const paid = aModel('openrouter/x/paid', { price, capabilities: ['tools'] })
    const free = aModel('openrouter/x/free', { price: { ...price, free: true } })
    expect(names(filterModels([paid, free, ...models], '', { ...noFilter, freeOnly: true }))).not.toContain('x/paid')
    expect(names(filterModels([paid, free], '', { ...noFilter, freeOnly: true }))).toEqual(['x/free'])
    expect(names(filterModels([paid, free], '', { ...noFilter, capability: 'tools' }))).toEqual(['x/paid'])
  })
  it('leaves a model of unknown size out of every size', () => {
    expect(names(filterModels(models, '', { ...noFilter, size: 'under-2' }))).toEqual([])
    expect(names(filterModels(models, '', { ...noFilter, size: '2-8' }))).toEqual(['qwen3:8b', 'Phi 4 mini'])
  })
  it('shows by state what is stale, whatever else it is', () => {
    const stale = aModel('embedded/old', { state: 'loaded', stale: true })
    expect(names(filterModels([...models, stale], '', { ...noFilter, state: 'stale' }))).toEqual(['old'])
    expect(names(filterModels([...models, stale], '', { ...noFilter, state: 'loaded' }))).toEqual(['old'])
  })
  it('counts blanks as no filter', () => {
    expect(filterModels(models, '  ', noFilter)).toHaveLength(3)
  })
  it('reads a model anew when its value was replaced', () => {
    expect(filterModels(models, 'q5_k', noFilter)).toEqual([])
    const changed = models.map((model) => ({ ...model, quantization: 'Q5_K_M' }))
    expect(filterModels(changed, 'q5_k', noFilter)).toHaveLength(3)
  })
})

describe('the sort', () => {
  const sorted = (models: readonly Model[], sort: Sort) => names([...models].sort(compareModels(sort, unknownFit)))

  it('puts 3b before 14b', () => {
    const models = [aModel('embedded/qwen 14b'), aModel('embedded/qwen 3b')]
    expect(sorted(models, { column: 'name', descending: false })).toEqual(['qwen 3b', 'qwen 14b'])
  })
  it('puts the unknown last in both directions', () => {
    const models = [
      aModel('embedded/b', { sizeBytes: null }),
      aModel('embedded/a', { sizeBytes: 2 }),
      aModel('embedded/c', { sizeBytes: 1 }),
    ]
    expect(sorted(models, { column: 'size', descending: false })).toEqual(['c', 'a', 'b'])
    expect(sorted(models, { column: 'size', descending: true })).toEqual(['a', 'c', 'b'])
  })
  it('puts what is loaded first by state', () => {
    const models = [
      aModel('embedded/a', { state: 'unloaded' }),
      aModel('embedded/b', { state: 'failed' }),
      aModel('embedded/c', { state: 'loaded' }),
    ]
    expect(sorted(models, { column: 'state', descending: false })).toEqual(['c', 'b', 'a'])
  })
})
