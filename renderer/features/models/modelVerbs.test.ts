import { describe, expect, it } from 'vitest'
import { aModel } from '../../lib/testMirror.ts'
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
    expect(whyNotLoadable({ ...model, cannot: { load: 'It runs models remotely.' } })).toBe('It runs models remotely.')
    expect(whyNotLoadable(model)).toBeNull()
  })
  it('is said for the other verbs that a person could miss, each with its reason', () => {
    const cannot = {
      load: 'It is remote.',
      unload: 'It is remote.',
      remove: 'It is yours.',
      chat: 'It writes no text.',
    }
    expect(missingVerbs({ ...model, cannot })).toEqual([
      { word: 'Chat', why: 'It writes no text.' },
      { word: 'Remove', why: 'It is yours.' },
    ])
    expect(missingVerbs(model)).toEqual([])
  })
})
