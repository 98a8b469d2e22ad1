import { describe, expect, it } from 'vitest'
import type { InstanceId } from '../../../shared/contract/models.ts'
import { anInstance } from '../../../test/support/instance.ts'
import { aModel } from '../../lib/testMirror.ts'
import { countdown, instanceRows, shortOptions, sumMemory } from './instanceRows.ts'

const shown = (rows: readonly { id: string; gone: boolean }[]) => rows.map(({ id, gone }) => (gone ? `${id} gone` : id))
const nothing: ReadonlySet<string> = new Set()

describe('the rows of Running', () => {
  const a = anInstance('e/a', { contextLength: 4096 })
  const b = anInstance('e/b')
  const c = anInstance('e/c')

  it('keep their places, and new ones come last', () => {
    const before = instanceRows([b, a], new Map(), [], nothing)
    expect(shown(instanceRows([a, c, b], new Map(), before, nothing))).toEqual(['e/b', 'e/a', 'e/c'])
  })
  it('leave with their instance, unless the try box is open', () => {
    const before = instanceRows([a, b], new Map(), [], nothing)
    expect(shown(instanceRows([b], new Map(), before, nothing))).toEqual(['e/b'])
    const open = instanceRows([b], new Map(), before, new Set(['e/a']))
    expect(shown(open)).toEqual(['e/a gone', 'e/b'])
    expect(open[0]?.instance).toMatchObject({ state: 'unloaded', pid: null, memory: [], contextLength: null })
  })
  it('come back to life in the same row after a new load', () => {
    const gone = instanceRows([], new Map(), instanceRows([a], new Map(), [], nothing), new Set(['e/a']))
    const again = instanceRows([anInstance('e/a', { id: 'other' as InstanceId })], new Map(), gone, new Set(['e/a']))
    expect(shown(again)).toEqual(['e/a'])
  })
  it('tell two instances of one model apart', () => {
    expect(shown(instanceRows([a, { ...a, id: 'x' as InstanceId }], new Map(), [], nothing))).toEqual(['e/a', 'e/a#2'])
    const named = ['e/a#a', 'e/a#a:2', 'e/b#b'].map((id) => anInstance(id.slice(0, 3), { id: id as InstanceId }))
    expect(instanceRows(named, new Map(), [], nothing).map(({ label }) => label)).toEqual([null, ':2', null])
  })
  it('are stale while their provider does not answer', () => {
    const models = new Map([
      ['e/a', aModel('e/a', { stale: true })],
      ['e/b', aModel('e/b')],
    ])
    expect(instanceRows([a, b], models, [], nothing).map(({ stale }) => stale)).toEqual([true, false])
  })
})

describe('the memory of an instance', () => {
  it('is the sum over devices, unknown when a part is', () => {
    const gpu = { device: 'gpu:a', bytes: 10, source: 'measured' } as const
    expect(sumMemory([gpu, { ...gpu, device: 'cpu', bytes: 5 }])).toEqual({ bytes: 15, measured: true })
    expect(sumMemory([gpu, { device: 'cpu', bytes: null, source: 'measured' }]).bytes).toBeNull()
    expect(sumMemory([])).toEqual({ bytes: null, measured: false })
  })
  it('is not called measured when a part was computed', () => {
    expect(sumMemory([{ device: 'cpu', bytes: 5, source: 'estimated' }]).measured).toBe(false)
  })
})

describe('when an instance unloads', () => {
  it('counts down in a text that keeps its width', () => {
    expect(countdown(245_000, 0)).toBe('in 4 min 05 s')
    expect(countdown(3_900_000, 0)).toBe('in 1 h 05 min')
    expect(countdown(9_000, 0)).toBe('in 9 s')
    expect(countdown(5, 10)).toBe('now')
  })
  it('says never for a pinned one and – where nobody knows', () => {
    expect(countdown('never', 0)).toBe('never')
    expect(countdown(null, 0)).toBe('–')
  })
})

describe('the options of an instance', () => {
  it('are said in few words, and not at all when they are the defaults', () => {
    expect(shortOptions({}, null)).toBe('')
    expect(shortOptions({ kvCacheType: 'q8_0', flashAttention: true }, { offloaded: 20, total: 33 })).toBe(
      '20/33 layers on GPU · KV q8_0 · flash attention on',
    )
  })
})
