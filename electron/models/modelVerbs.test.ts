import { describe, expect, it } from 'vitest'
import { createFakeProvider, providerModel } from '../../test/support/fakeProvider.ts'
import { describeVerbs, verbOf } from './modelVerbs.ts'

const found = (facts: Parameters<typeof providerModel>[1] = {}) => {
  const { provider } = createFakeProvider('one', [])
  const cannot = { push: 'One has no registry.' }
  return { inventory: { provider: { ...provider, cannot } }, model: providerModel('a', facts) }
}

describe('what can be done with a model', () => {
  it('has a sentence for each verb that it lacks though its provider has it; the others stand at the provider', () => {
    const { verbs, cannot } = describeVerbs(found({ lacks: { chat: 'It writes no text.' } }))
    expect(verbs).toMatchObject({ load: true, unload: true, chat: false, push: false, copy: false })
    expect(cannot).toEqual({ chat: 'It writes no text.' })
  })

  it('leaves nothing to load of a file that only serves another, and says why', () => {
    const reason = 'A projector gives another model eyes.'
    const { verbs, cannot } = describeVerbs(found({ loadable: false, reason }))
    expect(verbs).toMatchObject({ load: false, unload: false, chat: true })
    expect(cannot).toMatchObject({ load: reason, unload: reason })
  })

  it('is bounded, whatever a server says', () => {
    expect(describeVerbs(found({ lacks: { load: 'x'.repeat(10_000) } })).cannot.load).toHaveLength(500)
  })

  it('is the verb, or an error with that sentence', () => {
    expect(verbOf(found(), 'load')).toBeTypeOf('function')
    expect(() => verbOf(found({ lacks: { chat: 'It writes no text.' } }), 'chat')).toThrow('It writes no text.')
    expect(() => verbOf(found(), 'push')).toThrow('One has no registry.')
  })
})
