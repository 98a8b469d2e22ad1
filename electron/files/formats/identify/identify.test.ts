import { describe, expect, it } from 'vitest'
import { identify } from './identify.ts'

const latin = (text: string, size = 600) => {
  const bytes = Buffer.alloc(Math.max(size, text.length), 0xa5)
  bytes.write(text, 'latin1')
  return bytes
}
const at = (offset: number, text: string, size = offset + 600) => {
  const bytes = Buffer.alloc(size, 0xa5)
  bytes.fill(0xa4, 0, offset)
  bytes.write(text, offset, 'latin1')
  return bytes
}
const kindOf = (bytes: Buffer, name: string | null = null) => identify(bytes.subarray(0, 4096), bytes.length, name).kind

describe('what a file is, by its content', () => {
  it.each<[string, Buffer]>([
    ['gguf', latin('GGUF\x03\0\0\0')],
    ['gguf-swapped', latin('FUGG\x03\0\0\0')],
    ['ggml', latin('lmgg')],
    ['ggmf', latin('fmgg\x01\0\0\0')],
    ['ggjt', latin('tjgg\x03\0\0\0')],
    ['ggla', latin('algg\x01\0\0\0')],
    ['safetensors', latin('\x40\0\0\0\0\0\0\0{"a":{"dtype"')],
    ['safetensors', latin('MZ\0\0\0\0\0\0{"__metadata__"')],
    ['pickle', latin('\x80\x02}q\0')],
    ['pickle', latin('\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19')],
    ['pickle', latin('\x80\x04\x95\x10\0\0\0\0\0\0\0')],
    ['pickle', latin("cos\nsystem\n(S'id'\ntR.")],
    ['pickle', latin("(dp0\nS'a'\np1\n")],
    ['pickle', latin('ccollections\nOrderedDict\nq\x00)Rq\x01.')],
    ['zip', latin('PK\x03\x04\x14\0')],
    ['zip', latin(`PK\x05\x06${'\0'.repeat(18)}`, 22)],
    ['hdf5', latin('\x89HDF\r\n\x1a\n\0')],
    ['hdf5', at(512, '\x89HDF\r\n\x1a\n\0')],
    ['hdf5', at(2048, '\x89HDF\r\n\x1a\n\0')],
    ['numpy', latin('\x93NUMPY\x01\0')],
    ['tflite', latin('\x1c\0\0\0TFL3')],
    ['litertlm', latin('LITERTLM\x01')],
    ['executorch', latin('\x1c\0\0\0ET12')],
    ['onnxruntime', latin('\x1c\0\0\0ORTM')],
    ['circle', latin('\x1c\0\0\0CIR0')],
    ['mindspore-lite', latin('\x1c\0\0\0MSL2')],
    ['tensorrt', latin('ptrt\x61\0\0\0')],
    ['tensorrt', latin('\x0d\0\0\0{"a":"bcdef"}ftrt')],
    ['rknn', latin('RKNN')],
    ['catboost', latin('CBM1')],
    ['xgboost', latin('{L\0\0')],
    ['ctranslate2', latin('\x06\0\0\0\x10\0TransformerSpec\0\x07\0')],
    ['openvino', Buffer.from('<?xml version="1.0"?>\n<net name="m" version="11">')],
    ['pmml', Buffer.from('<?xml version="1.0"?>\n<PMML version="4.4">')],
    ['ncnn', Buffer.from('7767517\n75 83\nInput data 0 1 data\n')],
    ['sentencepiece', Buffer.from('0a0e0a053c756e6b3e150000000018020a0c0a033c733e15000000001803', 'hex')],
    ['tensorflow-graph', Buffer.from('0a0d0a016112084964656e746974790a0d0a016212084964656e74697479', 'hex')],
    ['gzip', latin('\x1f\x8b\x08\0')],
    ['bzip2', latin('BZh9')],
    ['xz', latin('\xfd7zXZ\0')],
    ['zstd', latin('\x28\xb5\x2f\xfd')],
    ['lz4', latin('\x04\x22\x4d\x18')],
    ['archive-7z', latin('7z\xbc\xaf\x27\x1c')],
    ['rar', latin('Rar!\x1a\x07\x01')],
    ['tar', at(257, 'ustar\x0000')],
    ['executable', latin('\x7fELF\x02')],
    ['executable', latin('MZ\x90\0\x03')],
    ['executable', latin('\xcf\xfa\xed\xfe\x0c')],
    ['llamafile', latin("MZqFpD='\n")],
    ['script', latin('#!/bin/sh\n')],
    ['wasm', latin('\0asm\x01')],
    ['shortcut', latin('L\0\0\0\x01\x14\x02\0')],
    ['pdf', latin('%PDF-1.7')],
    ['sqlite', latin('SQLite format 3\0')],
    ['picture', latin('\x89PNG\r\n\x1a\n')],
    ['picture', latin('\xff\xd8\xff\xe0')],
    ['picture', latin('RIFF\x10\0\0\0WEBPVP8 ')],
    ['media', latin('RIFF\x10\0\0\0WAVEfmt ')],
    ['media', latin('\0\0\0\x18ftypmp42')],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['json', Buffer.from('{ "architectures": ["LlamaForCausalLM"] }')],
    ['xml', Buffer.from('<?xml version="1.0"?><feed/>')],
    ['text', Buffer.from('# A model card\n\nGrüße\n')],
    ['html', Buffer.from('\n <!DOCTYPE html><html>')],
    ['html', Buffer.from('\ufeff<html lang="de">')],
    ['error-message', Buffer.from('{"error":"Unauthorized"}')],
    ['error-message', Buffer.from('Entry not found')],
    ['error-message', Buffer.from('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>')],
    ['link-text', Buffer.from(`../../blobs/${'ab'.repeat(32)}`)],
    ['all-zero', Buffer.alloc(5000)],
    ['empty', Buffer.alloc(0)],
    ['unknown', latin('\xa5\xa5')],
    ['unknown', latin('MZ\xa5\xa5')],
    ['unknown', latin('BZhx')],
  ])('%s', (kind, bytes) => expect(kindOf(bytes)).toBe(kind))

  it('a git-lfs pointer tells what the real file would be', () => {
    const pointer = Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 4920734272\n`,
    )
    expect(identify(pointer, pointer.length, 'model.safetensors')).toEqual({
      kind: 'git-lfs-pointer',
      label: 'a git-lfs pointer, not the file itself',
      family: 'download-remains',
      details: { expectedBytes: 4_920_734_272, sha256: 'ab'.repeat(32) },
    })
  })

  it('the name counts only where the content says nothing', () => {
    const noise = latin('\xa5\xa5')
    for (const name of ['model.gguf.part', 'x.crdownload', 'x.aria2', 'incomplete-model.gguf', 'model.gguf-partial'])
      expect(kindOf(noise, name)).toBe('incomplete-download')
    expect(kindOf(latin('GGUF\x03\0\0\0'), 'model.gguf.part')).toBe('gguf')
  })

  it('no beginning of any length makes it fail', () => {
    let state = 1
    const next = () => {
      state = (state * 48_271) % 2_147_483_647
      return state & 255
    }
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(Array.from({ length: round % 300 }, next))
      expect(identify(bytes, bytes.length + (round % 2) * 10_000, null).label.length).toBeGreaterThan(3)
    }
  })
})
