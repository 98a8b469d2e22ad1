import fc from 'fast-check'
import { expect, it } from 'vitest'
import { benchmarkPlace, fileInRoute, modelInRoute, providerInRoute, routes } from './routes.ts'

it('brings every model name back from its address', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (key) => {
      const id = `ollama/${key}`
      expect(modelInRoute(routes.model(id))).toBe(id)
    }),
    { seed: 1 },
  )
  expect(modelInRoute(routes.model('ollama/hf.co/a%2Fb:Q4'))).toBe('ollama/hf.co/a%2Fb:Q4')
})

it('answers null for addresses that name no model', () => {
  expect([modelInRoute('/models'), modelInRoute('/running'), modelInRoute('/models/%E0%A4%A')]).toEqual([
    null,
    null,
    null,
  ])
})

it('knows the list of providers from one of them', () => {
  expect([providerInRoute(routes.provider('ollama-2')), providerInRoute(routes.providers)]).toEqual(['ollama-2', null])
})

it('brings every path back from its address', () => {
  for (const path of ['/m/a b.gguf', 'D:\\models\\50 %.gguf', '/m/ü?#&.safetensors'])
    expect(fileInRoute(routes.file(path))).toBe(path)
  expect(fileInRoute('/files')).toBe(null)
  expect(fileInRoute('/files/')).toBe(null)
})

it('knows what the Benchmarks page shows', () => {
  expect([benchmarkPlace(routes.benchmarks), benchmarkPlace(routes.fastest)]).toEqual([
    { show: 'list' },
    { show: 'fastest' },
  ])
  expect(benchmarkPlace(routes.benchmark('01J 8%'))).toEqual({ show: 'run', id: '01J 8%' })
  expect(benchmarkPlace(routes.compare(['a', 'b']))).toEqual({ show: 'compare', ids: ['a', 'b'] })
  expect(benchmarkPlace(routes.history('ollama/hf.co/a:Q4'))).toEqual({ show: 'history', model: 'ollama/hf.co/a:Q4' })
  expect(benchmarkPlace('/benchmarks/')).toEqual({ show: 'list' })
})
