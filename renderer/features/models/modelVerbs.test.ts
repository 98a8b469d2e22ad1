import { describe, expect, it } from 'vitest'
import { aModel } from '../../lib/testMirror.ts'
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
    expect(whyNotLoadable(projector, 'Embedded engine')).toContain('projector')
    expect(whyNotLoadable({ ...projector, reason: 'Shard 2 of 3 is missing.' }, 'x')).toBe('Shard 2 of 3 is missing.')
  })
  it('names the provider that loads by itself', () => {
    expect(whyNotLoadable({ ...model, verbs: { ...model.verbs, load: false } }, 'OpenRouter')).toContain('OpenRouter')
  })
  it('is nothing where there is a Load', () => {
    expect(whyNotLoadable(model, 'x')).toBeNull()
  })
})
