import { describe, expect, it } from 'vitest'
import { closeNames } from './closeNames.ts'
import { createProgressLine } from './progressLine.ts'

const record = (terminal: { isTTY: boolean; columns?: number }) => {
  const written: string[] = []
  const line = createProgressLine({ ...terminal, write: (text) => written.push(text) })
  return { line, written }
}

describe('progress', () => {
  it('is one line that is written over in a terminal, no wider than it', () => {
    const { line, written } = record({ isTTY: true, columns: 13 })
    line.show(0.129, 'pp512, again')
    line.show(0.129, 'pp512, again')
    line.show(1, 'tg128')
    line.say('Done.')
    line.clear()
    expect(written).toEqual(['\r\u001b[2K 12 %  pp512', '\r\u001b[2K100 %  tg128', '\r\u001b[2K', 'Done.\n'])
  })

  it('is a plain line for each new text elsewhere', () => {
    const { line, written } = record({ isTTY: false })
    line.show(null, 'Loading')
    line.show(0.5, 'pp512')
    line.show(0.6, 'pp512')
    line.show(0.7, 'tg128')
    line.clear()
    expect(written).toEqual(['Loading\n', 'pp512\n', 'tg128\n'])
  })

  it('obeys no character that a name of a model brings', () => {
    const { line, written } = record({ isTTY: false })
    line.show(null, 'a\u001b[2Jb\u202ec')
    line.say('x\ny')
    expect(written).toEqual(['a<U+001B>[2Jb<U+202E>c\n', 'x<U+000A>y\n'])
  })
})

it('finds names that are like one that is wrong, best first', () => {
  const names = ['ollama/qwen3:8b', 'ollama/qwen3:32b', 'embedded/Llama-3.2-1B-Q4_K_M', 'lmstudio/gemma-3']
  expect(closeNames('ollama/qwen-3:8b', names).slice(0, 2)).toEqual(['ollama/qwen3:8b', 'ollama/qwen3:32b'])
  expect(closeNames('embedded/llama3.2-1b', names)[0]).toBe('embedded/Llama-3.2-1B-Q4_K_M')
  expect(closeNames('x/zzz', names)).toEqual([])
})
