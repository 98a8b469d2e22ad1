import { describe, expect, it } from 'vitest'
import { aModel, aProvider } from '../../lib/testMirror.ts'
import { modelVerbs, whyNotLoadable } from './modelVerbs.ts'

const model = aModel('embedded/a')

describe('what can be done with a model', () => {
  it('follows its state', () => {
    expect(modelVerbs(model)).toEqual({ load: true, cancel: false, unload: false })
    expect(modelVerbs({ ...model, state: 'failed' }).load).toBe(true)
    expect(modelVerbs({ ...model, state: 'loading' })).toEqual({ load: false, cancel: true, unload: false })
    expect(modelVerbs({ ...model, state: 'loaded' })).toEqual({ load: false, cancel: false, unload: true })
    expect(modelVerbs({ ...model, state: 'unloading' })).toEqual({ load: false, cancel: false, unload: false })
  })
  it('leaves out what its provider does not have', () => {
    const remote = { ...model, verbs: { ...model.verbs, load: false, unload: false } }
    expect(modelVerbs(remote).load).toBe(false)
    expect(modelVerbs({ ...remote, state: 'loaded' }).unload).toBe(false)
  })
})

describe('why there is no Load', () => {
  it('is said for files that only serve another, in the words of main when it has some', () => {
    const projector = aModel('embedded/mmproj', { role: 'projector', loadable: false })
    expect(whyNotLoadable(projector, null)).toContain('projector')
    expect(whyNotLoadable({ ...projector, reason: 'Shard 2 of 3 is missing.' }, null)).toBe('Shard 2 of 3 is missing.')
  })
  it('is said in the words of its provider where that loads nothing', () => {
    const remote = aProvider('openrouter', { name: 'OpenRouter', cannot: { load: 'It runs models remotely.' } })
    const unloadable = { ...model, verbs: { ...model.verbs, load: false } }
    expect(whyNotLoadable(unloadable, remote)).toBe('It runs models remotely.')
    expect(whyNotLoadable(unloadable, { ...remote, cannot: {} })).toContain('OpenRouter')
  })
  it('is nothing where there is a Load', () => {
    expect(whyNotLoadable(model, null)).toBeNull()
  })
})
