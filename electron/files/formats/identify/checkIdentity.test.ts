import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { checkIdentity } from './checkIdentity.ts'
import { identify } from './identify.ts'

const latin = (text: string, size = 600) => {
  const bytes = Buffer.alloc(Math.max(size, text.length), 0xa5)
  bytes.write(text, 'latin1')
  return bytes
}
const contents = {
  gguf: latin('GGUF\x03\0\0\0'),
  safetensors: latin('\x40\0\0\0\0\0\0\0{"a":{"dtype"'),
  zip: latin('PK\x03\x04\x14\0'),
  pickle: latin('\x80\x02}q\0'),
  oldPickle: latin("cos\nsystem\n(S'id'\ntR."),
  tar: Buffer.concat([Buffer.alloc(257, 0x61), Buffer.from('ustar\x0000')]),
  hdf5: latin('\x89HDF\r\n\x1a\n\0'),
  numpy: latin('\x93NUMPY\x01\0'),
  tensorrt: latin('ptrt\x61\0\0\0'),
  llamafile: latin("MZqFpD='\n"),
  windows: latin('MZ\x90\0\x03'),
  linux: latin('\x7fELF\x02'),
  script: latin('#!/bin/sh\n'),
  png: latin('\x89PNG\r\n\x1a\n'),
  pdf: latin('%PDF-1.7'),
  json: Buffer.from('{"a": 1}'),
  text: Buffer.from('Hello.\n'),
  gzip: latin('\x1f\x8b\x08\0'),
  archive7z: latin('7z\xbc\xaf\x27\x1c'),
  tflite: latin('\x1c\0\0\0TFL3'),
  ggjt: latin('tjgg\x03\0\0\0'),
  noise: latin('\xa5\xa5'),
  html: Buffer.from('<!DOCTYPE html><html>'),
  refusal: Buffer.from('Entry not found'),
  zeros: Buffer.alloc(5000),
  nothing: Buffer.alloc(0),
} as const
type Content = keyof typeof contents

const check = (content: Content, fileName: string | null) => {
  const bytes = contents[content]
  return checkIdentity(identify(bytes.subarray(0, 4096), bytes.length, fileName), fileName)
}
const found = (content: Content, fileName: string | null) =>
  check(content, fileName).map(({ outcome, code }) => `${outcome}: ${code}`)

const dataNames = ['m.gguf', 'm.safetensors', 'm.onnx', 'm.tflite', 'm.npy', 'm.png'] as const
const runs = ['pickle', 'oldPickle', 'zip', 'tar', 'llamafile', 'windows', 'linux'] as const
const disguised = dataNames.flatMap((name) => runs.map((content): [Content, string] => [content, name]))

const differing: readonly (readonly [Content, string])[] = [
  ['safetensors', 'm.gguf'],
  ['gguf', 'm.safetensors'],
  ['gguf', 'm.onnx'],
  ['gguf', 'm.pt'],
  ['gguf', 'm.zip'],
  ['safetensors', 'm.ckpt'],
  ['safetensors', 'm.pth'],
  ['hdf5', 'm.keras'],
  ['hdf5', 'm.safetensors'],
  ['numpy', 'm.npz'],
  ['zip', 'm.h5'],
  ['zip', 'm.7z'],
  ['gzip', 'm.zip'],
  ['archive7z', 'm.pt'],
  ['png', 'm.gguf'],
  ['pdf', 'm.safetensors'],
  ['json', 'm.gguf'],
  ['text', 'm.onnx'],
  ['noise', 'm.gguf'],
  ['tflite', 'm.onnx'],
  ['ggjt', 'm.gguf'],
  ['windows', 'm.pt'],
  ['tensorrt', 'm.pt'],
  ['pickle', 'm.zip'],
  ['png', 'm.pdf'],
]

describe('the name against the content', () => {
  it(`${disguised.length} files that can run code under names that promise data`, () => {
    for (const [content, name] of disguised)
      expect(found(content, name), `${content} as ${name}`).toEqual(['dangerous: disguised-content'])
    expect(found('tensorrt', 'm.onnx')).toEqual(['dangerous: disguised-content'])
    expect(found('script', 'm.gguf')).toEqual(['dangerous: disguised-content'])
    expect(disguised.length + differing.length).toBeGreaterThanOrEqual(60)
  })

  it(`${differing.length} files that are only something else than their names say`, () => {
    for (const [content, name] of differing)
      expect(found(content, name), `${content} as ${name}`).toEqual(['warning: name-and-content-differ'])
  })

  it('names that promise what is there, or nothing', () => {
    const honest: readonly (readonly [Content, string | null])[] = [
      ['gguf', 'm.gguf'],
      ['gguf', 'M.GGUF'],
      ['gguf', 'sha256-00ff'],
      ['gguf', 'm.bin'],
      ['gguf', null],
      ['safetensors', 'm.sft'],
      ['pickle', 'pytorch_model.bin'],
      ['zip', 'm.pt'],
      ['zip', 'm.keras'],
      ['tar', 'm.nemo'],
      ['llamafile', 'm.llamafile'],
      ['llamafile', 'm.exe'],
      ['json', 'config.json'],
      ['text', 'README.md'],
      ['ggjt', 'm.ggml'],
    ]
    for (const [content, name] of honest)
      expect(
        check(content, name).map(({ outcome }) => outcome),
        `${content} as ${name}`,
      ).toEqual(['passed'])
  })

  it('what a download left instead of the file is told as that, whatever the name', () => {
    for (const name of ['m.gguf', 'm.safetensors', 'm.bin', null]) {
      expect(found('html', name)).toEqual(['broken: error-page'])
      expect(found('refusal', name)).toEqual(['broken: error-page'])
      expect(found('zeros', name)).toEqual(['broken: all-zero'])
      expect(found('nothing', name)).toEqual(['broken: empty-file'])
    }
    const pointer = Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0f'.repeat(32)}\nsize 4920734272\n`,
    )
    expect(checkIdentity(identify(pointer, pointer.length, 'm.gguf'), 'm.gguf')).toMatchObject([
      { code: 'git-lfs-pointer', outcome: 'broken', message: expect.stringContaining('4,920,734,272 bytes') },
    ])
    expect(found('noise', 'm.gguf.crdownload')).toEqual(['broken: unfinished-content', 'warning: unfinished-download'])
  })

  it('a kind that is not known is unknown, not well', () => {
    expect(found('noise', 'm.bin')).toEqual(['unknown: unknown-format'])
  })
})

describe('names that deceive', () => {
  const codes = (name: string) =>
    check('gguf', name)
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ code }) => code)

  it('text that is turned around, and characters that cannot be seen', () => {
    expect(codes('model\u202efugg.exe')).toContain('name-changes-direction')
    expect(codes('\u2067model.gguf')).toContain('name-changes-direction')
    expect(codes('mo\u200bdel.gguf')).toEqual(['name-has-invisible-characters'])
    expect(codes('model\ufeff.gguf')).toEqual(['name-has-invisible-characters'])
    expect(codes('model\u{e0041}.gguf')).toEqual(['name-has-invisible-characters'])
    expect(codes('mo\ndel.gguf')).toEqual(['name-has-control-characters'])
    const [first] = check('gguf', 'model\u202efugg.exe').filter(({ code }) => code === 'name-changes-direction')
    expect(first?.message).toContain('model<U+202E>fugg.exe')
    expect(first?.outcome).toBe('dangerous')
  })

  it('letters of another alphabet in a word, and signs that look like a dot', () => {
    expect(codes('m\u043edel.gguf')).toEqual(['name-has-lookalikes'])
    expect(codes('\uff4dodel.gguf')).toEqual(['name-has-lookalikes'])
    expect(codes('model\uff0egguf')).toEqual(['name-has-lookalikes'])
  })

  it('endings that run behind endings that do not', () => {
    for (const name of [
      'model.gguf.exe',
      'model.pdf.scr',
      'weights.safetensors.bat',
      'model.bin      .lnk',
      'm.onnx.JS ',
    ])
      expect(codes(name), name).toContain('double-ending')
    for (const name of ['model.exe', 'tool.tar.gz', 'model.v1.5.gguf', 'setup.v2.exe'])
      expect(codes(name), name).not.toContain('double-ending')
  })

  it('edges that are dropped, and names of devices', () => {
    expect(codes('model.gguf ')).toEqual(['name-has-hidden-edge'])
    expect(codes('model.gguf.')).toEqual(['name-has-hidden-edge'])
    expect(codes('CON.gguf')).toEqual(['name-not-for-windows'])
    expect(codes('model.gguf:stream')).toEqual(['name-not-for-windows'])
  })

  it('honest names in any language', () => {
    for (const name of [
      'модель.gguf',
      '模型-7b.gguf',
      'モデル.gguf',
      'Grüße.gguf',
      'qwen-α.gguf',
      '❤\ufe0f.gguf',
      'a b (1).gguf',
    ])
      expect(codes(name), name).toEqual([])
  })

  it('a name of any length is looked through at once', () => {
    const start = cpuMs()
    for (const letter of ['a', '.', ' ', '\u202e', 'о', '.exe'])
      checkIdentity(identify(contents.gguf, 600, null), letter.repeat(200_000))
    expect(cpuMs() - start).toBeLessThan(1000)
  })
})
