import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { adapterBases } from './adapterBases.ts'
import { diffusionTransformers } from './diffusionTransformers.ts'
import { textEncoders, visionEncoders } from './encoders.ts'
import { createKeyIndex, type NamedTensor, templateOf } from './keyIndex.ts'
import { bertModels, languageModels, speechModels } from './languageModels.ts'
import { firstMatch, type Rule } from './rules.ts'
import { diffusersUnets, ldmUnets } from './unets.ts'
import { upscalers } from './upscalers.ts'
import { vaes } from './vaes.ts'

/** The fewest tensors a rule's own tests ask for; a name is asked for twice where its size is asked for too. */
const example = (rule: Rule): NamedTensor[] => {
  const sized = tensorsOf(rule).sort(
    (one, other) => Number(one.shape.some((size) => size !== 11)) - Number(other.shape.some((size) => size !== 11)),
  )
  return [...new Map(sized.map((tensor) => [tensor.name, tensor])).values()]
}

const tensorsOf = ([, , ...tests]: Rule): NamedTensor[] =>
  tests.flatMap((test) => {
    const [first = ''] = test.split(' || ')
    if (first.startsWith('!')) return []
    const [, pattern = '', axis = '', size = '', at = ''] =
      /^\^?(.+?)(?:\[(\d)\]=(\d+).*)?(?:@(\d+))?$/.exec(first) ?? []
    const shape = Array.from({ length: 4 }, (_, index) => (String(index) === axis ? Number(size) : 11))
    return [
      {
        name: pattern
          .replace('#', at || '0')
          .replaceAll('#', '0')
          .replaceAll('*', '_'),
        shape,
        type: 'F16',
      },
    ]
  })

const tables: Readonly<Record<string, readonly Rule[]>> = {
  adapterBases,
  diffusersUnets,
  diffusionTransformers,
  ldmUnets,
  textEncoders,
  visionEncoders,
  languageModels,
  bertModels,
  speechModels,
  upscalers,
  vaes,
}

describe('the tables', () => {
  it.each(Object.entries(tables))('%s: no row stands behind one that always wins', (_, rules) => {
    const unreachable = rules.filter((rule) => firstMatch(createKeyIndex(example(rule)), rules)?.label !== rule[1])
    expect(unreachable.map((rule) => rule.slice(0, 2))).toEqual([])
  })
})

describe('names as patterns', () => {
  const index = (...names: string[]) => createKeyIndex(names.map((name) => ({ name, shape: [], type: 'F16' })))
  it('numbers between dots and underscores are one name', () => {
    expect(templateOf('blocks.12.attn_3.w1_a')).toEqual({ template: 'blocks.#.attn_#.w1_a', first: 12 })
    expect(templateOf('7')).toEqual({ template: '#', first: 7 })
    expect(templateOf('conv1.weight')).toEqual({ template: 'conv1.weight', first: -1 })
  })
  it('a star is any text, also none, and never twice the same', () => {
    expect(index('abc').find('a*c')?.name).toBe('abc')
    expect(index('ac').find('a*c')?.name).toBe('ac')
    expect(index('aba').find('ab*ba')).toBeNull()
    expect(index('x.y.z').find('*y*')?.name).toBe('x.y.z')
    expect(index('model.diffusion_model.a.b').find('a.*')?.name).toBe('model.diffusion_model.a.b')
    expect(index('model.diffusion_model.a.b').find('^a.*')).toBeNull()
  })
  it('as many names as a stranger likes cost little', () => {
    const names = Array.from({ length: 100_000 }, (_, number) => `layer${number}x.${'a'.repeat(number % 50)}`)
    const before = cpuMs()
    const keys = createKeyIndex(names.map((name) => ({ name, shape: [], type: 'F16' })))
    for (let round = 0; round < 100; round++) keys.find(`*a*b*c${round}*`)
    expect(cpuMs() - before).toBeLessThan(1000)
  })
  it('stars over a name of repeated letters cost little', () => {
    const keys = index('a'.repeat(100_000))
    const before = cpuMs()
    expect(keys.find('*a*a*a*a*a*b')).toBeNull()
    expect(keys.find('*ab*ab*ab*')).toBeNull()
    expect(cpuMs() - before).toBeLessThan(1000)
  })
})
