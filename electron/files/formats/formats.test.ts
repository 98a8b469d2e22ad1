import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { headBytes } from './format.ts'
import { formats } from './formats.ts'

const readerOf = (bytes: Buffer): string | null =>
  formats.find(({ recognizes }) => recognizes(bytes.subarray(0, headBytes), bytes.length))?.name ?? null

/** The beginning, then bytes that are nothing. */
const latin = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(700, 0xa5)])
const text = (content: string) => Buffer.from(content)
/** A local header of zip with a first member of this name. */
const zip = (name: string) => {
  const header = Buffer.alloc(30)
  header.write('PK\x03\x04', 'latin1')
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, Buffer.from(name), Buffer.alloc(200)])
}
const tar = (name: string) => {
  const header = Buffer.alloc(1024)
  header.write(name)
  header.write('ustar\x0000', 257)
  return header
}
const pickleWith = (mark: string) => {
  const bytes = Buffer.alloc(600, 0x30)
  bytes.write('\x80\x02}q\0', 'latin1')
  bytes.write(mark, 257)
  return bytes
}

describe('which reader takes a file', () => {
  it.each<[string | null, string, Buffer]>([
    ['GGUF', 'its magic', latin('GGUF\x03\0\0\0')],
    ['GGML', 'whisper.cpp', latin('lmgg')],
    ['GGML', 'llama.cpp of 2023', latin('tjgg\x03\0\0\0')],
    ['safetensors', 'a length and a header', latin('\x40\0\0\0\0\0\0\0{"a":{"dtype"')],
    ['safetensors', 'a length that looks like a program', latin('MZ\0\0\0\0\0\0{"__metadata__"')],
    ['Keras', 'HDF5', latin('\x89HDF\r\n\x1a\n\0')],
    ['Keras', 'HDF5 behind a user block', Buffer.concat([Buffer.alloc(512, 0x20), latin('\x89HDF\r\n\x1a\n\0')])],
    ['Keras', 'a Keras archive', zip('metadata.json')],
    ['NumPy', 'an array', latin('\x93NUMPY\x01\0')],
    ['NumPy', 'an archive of arrays', zip('weights.npy')],
    ['PyTorch', 'a checkpoint', zip('archive/data.pkl')],
    ['PyTorch', 'a checkpoint whose first member is its version', zip('model/version')],
    ['zip', 'any other archive', zip('readme.txt')],
    ['zip', 'an empty archive', Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1')],
    ['PyTorch', 'a pickle of protocol 2', latin('\x80\x02}q\0')],
    ['PyTorch', 'a pickle of protocol 4', latin('\x80\x04\x95\x10\0\0\0\0\0\0\0')],
    ['PyTorch', 'a pickle in text', text("cos\nsystem\n(S'id'\ntR.")],
    ['PyTorch', 'a pickle in text behind values of no use', text("N0I1\n0S'x'\n0cos\nsystem\n(S'id'\ntR.")],
    ['PyTorch', 'a pickle with the sign of a tar in it', pickleWith('ustar\x0000')],
    ['PyTorch', 'joblib, gzip', latin('\x1f\x8b\x08\0')],
    ['PyTorch', 'joblib, zlib', latin('\x78\x9c\xed\xbd')],
    ['PyTorch', 'joblib of before 0.10', latin('ZF0x1a2b           \x78\x9c\xed')],
    ['PyTorch', 'joblib, bzip2', latin('BZh91AY&SY')],
    ['PyTorch', 'joblib, xz', latin('\xfd7zXZ\0')],
    ['PyTorch', 'joblib, lzma', latin('\x5d\0\0\x80\0')],
    ['PyTorch', 'joblib, lz4', latin('\x04\x22\x4d\x18')],
    ['PyTorch', 'packed with Zstandard', latin('\x28\xb5\x2f\xfd')],
    ['PyTorch', 'packed with 7-Zip', latin('7z\xbc\xaf\x27\x1c')],
    ['PyTorch', 'packed with RAR', latin('Rar!\x1a\x07\x01')],
    ['other', 'a Windows cabinet', latin('MSCF\0\0\0\0')],
    ['tar', 'PyTorch of 2016', tar('sys_info')],
    ['tar', 'a NeMo model', tar('./model_config.yaml')],
    ['TensorFlow Lite', 'its identifier', latin('\x1c\0\0\0TFL3')],
    ['ONNX', 'the version of its format, and who made it', Buffer.from('08083a0612047465737442021011', 'hex')],
    ['TensorFlow', 'a graph', Buffer.from('0a0d0a016112084964656e746974790a0d0a016212084964656e74697479', 'hex')],
    ['OpenVINO', 'the structure', text('<?xml version="1.0"?>\n<net name="m" version="11">')],
    ['PMML', 'a model of statistics', text('<?xml version="1.0"?>\n<PMML version="4.4">')],
    ['other', 'TensorRT', latin('ptrt\x61\0\0\0')],
    ['other', 'ONNX Runtime', latin('\x1c\0\0\0ORTM')],
    ['other', 'a llamafile', latin("MZqFpD='\n")],
    ['other', 'a program', latin('\x7fELF\x02')],
    ['other', 'a script', latin('#!/bin/sh\n')],
    [null, 'nothing', Buffer.alloc(0)],
    [null, 'zeros', Buffer.alloc(5000)],
    [null, 'noise', latin('\xa5\xa5')],
    [null, 'a web page', text('<!DOCTYPE html><html>')],
    [null, 'a git-lfs pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')],
    [null, 'a picture', latin('\x89PNG\r\n\x1a\n')],
    [null, 'a database', latin('SQLite format 3\0\n')],
    [null, 'a configuration', text('{ "architectures": ["LlamaForCausalLM"] }')],
    [null, 'a model card', text('# Some model\n\nVery good.\n')],
    [null, 'a text that begins like a text in a pickle', text('Some words\nand more of them\n')],
    [null, 'a list of words', text('import\nfoo\nlike\ncat\nin\nto\n')],
    [null, 'a text that begins like zlib', text('x^2 + y^2 = z^2, as everybody knows\n')],
    [null, 'a text that begins like old joblib', text('ZF is a maker of gears\n')],
  ])('%s: %s', (name, _, bytes) => {
    expect(readerOf(bytes)).toBe(name)
  })
})

describe('every fixture goes to its reader', () => {
  const root = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url))
  const readers: Readonly<Record<string, string>> = {
    gguf: 'GGUF',
    keras: 'Keras',
    numpy: 'NumPy',
    onnx: 'ONNX',
    safetensors: 'safetensors',
    tensorflow: 'TensorFlow Lite',
    torch: 'PyTorch',
  }
  // what stands beside the models, and weights without a header
  const isModel = (name: string) => !/\.(md|py|json|data)$/.test(name)

  it.each(Object.entries(readers))('%s → %s', (folder, reader) => {
    const names = readdirSync(join(root, folder)).filter(isModel)
    expect(names.length).toBeGreaterThan(0)
    const told = names.map((name) => [name, readerOf(readFileSync(join(root, folder, name)))])
    expect(told).toEqual(names.map((name) => [name, reader]))
  })

  it('and what stands beside them goes to none', () => {
    for (const folder of Object.keys(readers))
      for (const name of readdirSync(join(root, folder)).filter((one) => /\.(md|json)$/.test(one)))
        expect([name, readerOf(readFileSync(join(root, folder, name)))]).toEqual([name, null])
  })
})
