import { describe, expect, it } from 'vitest'
import { type Dropped, dropPlan, hoverTitle } from './dropPlan.ts'

const file = (path: string): Dropped => ({ name: path.split('/').at(-1) ?? '', path, isFolder: false })
const folder = (path: string): Dropped => ({ ...file(path), isFolder: true })

describe('a drop', () => {
  it('validates files at once', () => {
    expect(dropPlan([file('/m/a.gguf'), file('/m/b.gguf')])).toEqual({
      kind: 'validate',
      paths: ['/m/a.gguf', '/m/b.gguf'],
    })
    expect(dropPlan([file('/m/a.gguf'), folder('/n')])).toEqual({ kind: 'validate', paths: ['/m/a.gguf', '/n'] })
  })

  it('asks of folders whether they are to stay', () => {
    expect(dropPlan([folder('/m'), folder('/n')])).toEqual({ kind: 'ask-folders', paths: ['/m', '/n'] })
  })

  it('asks for the path where the browser keeps it, by the name it tells', () => {
    expect(dropPlan([{ name: 'a.gguf', path: '', isFolder: false }])).toEqual({
      kind: 'ask-path',
      names: ['a.gguf'],
      isFolder: false,
    })
    expect(dropPlan([])).toEqual({ kind: 'nothing' })
  })
})

it('says what will happen, as far as it is known while something hovers', () => {
  expect(hoverTitle([''])).toBe('Validate this file or folder')
  expect(hoverTitle(['', 'image/png'])).toBe('Validate 2 files or folders')
  expect(hoverTitle(['image/png', 'text/html', 'text/plain'])).toBe('Validate 3 files')
  expect(hoverTitle(['text/html'])).toBe('Validate this file')
  expect(hoverTitle([])).toBe('Validate what you drop')
})
