import { describe, expect, it } from 'vitest'
import { visibleText } from './visibleText.ts'

describe('a stranger’s name', () => {
  it('stays as it is when every character can be seen', () => {
    for (const name of ['model.gguf', 'Größe-模型-🦙️.gguf', 'a b', '']) expect(visibleText(name)).toBe(name)
  })

  it('shows what turns it round, hides in it or breaks its line', () => {
    expect(visibleText('model\u202efugg.exe')).toBe('model<U+202E>fugg.exe')
    expect(visibleText('a\u200bb\u2028c\nd\u0007')).toBe('a<U+200B>b<U+2028>c<U+000A>d<U+0007>')
    expect(visibleText('tag\u{e0041}')).toBe('tag<U+E0041>')
  })
})
