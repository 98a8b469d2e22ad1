import { describe, expect, it } from 'vitest'
import { aModel, aProvider } from '../../lib/testMirror.ts'
import { missingVerbs, modelVerbs, whyNotLoadable } from './modelVerbs.ts'

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

describe('what cannot be done', () => {
  it('is said for Load in the words of main', () => {
    const remote = aProvider('far', { cannot: { load: 'It runs models remotely.' } })
    const unloadable = { ...model, verbs: { ...model.verbs, load: false } }
    expect(whyNotLoadable(unloadable, remote)).toBe('It runs models remotely.')
    expect(whyNotLoadable({ ...unloadable, cannot: { load: 'It is asleep.' } }, remote)).toBe('It is asleep.')
    expect(whyNotLoadable(model, remote)).toBeNull()
  })
  it('is said for the other verbs that a person could miss, each with its reason', () => {
    const cannot = {
      load: 'It is remote.',
      unload: 'It is remote.',
      chat: 'It writes no text.',
    }
    const provider = aProvider('far', { cannot: { remove: 'It is yours.' } })
    expect(missingVerbs({ ...model, cannot }, provider)).toEqual([
      { word: 'Chat', why: 'It writes no text.' },
      { word: 'Remove', why: 'It is yours.' },
    ])
    expect(missingVerbs(model, aProvider('near'))).toEqual([])
  })
})
