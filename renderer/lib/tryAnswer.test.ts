import { describe, expect, it } from 'vitest'
import type { ChatChunk } from '../../shared/contract/answers.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import { figuresOf, isAnswering, noAnswer, type TryAnswer, type TryEvent, tryReducer, whyNot } from './tryAnswer.ts'

const text = (value: string): ChatChunk => ({ type: 'text', text: value })
const done: ChatChunk = {
  type: 'done',
  model: 'e/a' as ModelId,
  finishReason: 'stop',
  usage: { promptTokens: 12, completionTokens: 34 },
  timings: { ttftMs: 80, promptTokensPerSecond: null, tokensPerSecond: 41.2, totalMs: 900 },
  costUsd: null,
}
const play = (...events: TryEvent<string>[]) => events.reduce<TryAnswer<string>>(tryReducer<string>, noAnswer)
const sent: TryEvent<string> = { type: 'send', question: 'Hello', at: 1000 }

describe('an answer of the try box', () => {
  it('grows with its chunks and measures the first one', () => {
    const answer = play(
      sent,
      { type: 'chunk', chunk: text(''), at: 1100 },
      { type: 'chunk', chunk: text('Good '), at: 1250 },
      { type: 'chunk', chunk: text('day'), at: 1300 },
    )
    expect(answer).toMatchObject({ phase: 'answering', text: 'Good day', ttftMs: 250 })
    expect(figuresOf(answer)).toEqual({
      ttftMs: 250,
      tokensPerSecond: null,
      promptTokens: null,
      completionTokens: null,
      costUsd: null,
    })
  })
  it('ends with the figures of the engine', () => {
    const answer = play(sent, { type: 'chunk', chunk: text('Hi'), at: 1250 }, { type: 'chunk', chunk: done, at: 1900 })
    expect(answer.phase).toBe('done')
    expect(figuresOf(answer)).toEqual({
      ttftMs: 80,
      tokensPerSecond: 41.2,
      promptTokens: 12,
      completionTokens: 34,
      costUsd: null,
    })
  })
  it('keeps what was said when the engine dies in the middle', () => {
    const answer = play(sent, { type: 'chunk', chunk: text('Hi'), at: 1250 }, { type: 'fail', problem: 'died' })
    expect(answer).toMatchObject({ phase: 'failed', text: 'Hi', problem: 'died' })
  })
  it('takes nothing more after a stop, neither chunks nor the error of the stopped call', () => {
    const answer = play(
      sent,
      { type: 'chunk', chunk: text('Hi'), at: 1250 },
      { type: 'stop' },
      { type: 'chunk', chunk: text(' there'), at: 1300 },
      { type: 'fail', problem: 'aborted' },
    )
    expect(answer).toMatchObject({ phase: 'stopped', text: 'Hi', problem: null })
    expect(isAnswering(answer)).toBe(false)
  })
  it('begins empty when the next message is sent', () => {
    const answer = play(sent, { type: 'chunk', chunk: text('Hi'), at: 1250 }, { type: 'stop' }, { ...sent, at: 5000 })
    expect(answer).toMatchObject({ phase: 'waiting', text: '', ttftMs: null, sentAt: 5000 })
  })
})

it('shows why a model failed instead of saying that it is not loaded', () => {
  const notLoaded = { code: 'MODEL_NOT_LOADED' }
  const crashed = { code: 'ENGINE_CRASHED' }
  expect(whyNot(notLoaded, crashed)).toBe(crashed)
  expect(whyNot(null, crashed)).toBe(crashed)
  expect(whyNot(notLoaded, null)).toBe(notLoaded)
  expect(whyNot({ code: 'PROVIDER_TIMEOUT' }, crashed)).toEqual({ code: 'PROVIDER_TIMEOUT' })
})
