import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { checkPolyglot } from './checkPolyglot.ts'
import { identify } from './identify.ts'

const found = async (bytes: Buffer) => {
  const checks = await checkPolyglot(bytesSource(bytes), identify(bytes.subarray(0, 4096), bytes.length, null))
  return checks.map(({ outcome, code }) => `${outcome}: ${code}`)
}
const text = (value: string) => Buffer.from(value, 'latin1')
const gguf = Buffer.concat([text('GGUF\x03\0\0\0'), Buffer.alloc(5000, 0xa5)])

/** one empty entry, with a comment of this length */
const zip = (comment = 0) => {
  const local = Buffer.concat([text('PK\x03\x04\x14'), Buffer.alloc(21), text('\x01\0\0\0a')])
  const central = Buffer.concat([
    text('PK\x01\x02\x14\0\x14'),
    Buffer.alloc(21),
    text('\x01'),
    Buffer.alloc(17),
    text('a'),
  ])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  end.writeUInt16LE(comment, 20)
  return Buffer.concat([local, central, end, Buffer.alloc(comment, 0x41)])
}

describe('files that are two things at once', () => {
  it('an archive behind a model, a pickle or a picture', async () => {
    for (const front of [gguf, text('\x80\x02}q\0.'), text('\x89PNG\r\n\x1a\n'), text('\x40\0\0\0\0\0\0\0{"a":1}')])
      for (const comment of [0, 1, 65_535])
        expect(await found(Buffer.concat([front, zip(comment)]))).toEqual(['dangerous: two-formats'])
    expect(await found(Buffer.concat([gguf, zip(), Buffer.alloc(3000, 1)]))).toEqual(['dangerous: two-formats'])
  })

  it('the end of a zip with 64-bit sizes', async () => {
    const end = zip().subarray(-22)
    end.writeUInt32LE(0xffffffff, 12)
    const locator = Buffer.concat([text('PK\x06\x07'), Buffer.alloc(16)])
    expect(await found(Buffer.concat([gguf, locator, end]))).toEqual(['dangerous: two-formats'])
  })

  it('a second beginning where another program looks for it', async () => {
    const tar = Buffer.from(gguf)
    tar.write('ustar\x0000', 257, 'latin1')
    expect(await found(tar)).toEqual(['dangerous: two-formats'])
    for (const offset of [512, 2048, 4096]) {
      const hdf5 = Buffer.from(gguf)
      hdf5.write('\x89HDF\r\n\x1a\n', offset, 'latin1')
      expect(await found(hdf5), `${offset}`).toEqual(['dangerous: two-formats'])
    }
    const pdf = Buffer.from(gguf)
    pdf.write('%PDF-1.7', 600, 'latin1')
    expect(await found(pdf)).toEqual(['dangerous: two-formats'])
  })

  it('a safetensors header whose length reads as the beginning of a zip', async () => {
    const both = Buffer.concat([text('PK\x03\x04\0\0\0\0{"a":'), Buffer.alloc(500, 0x20), zip()])
    expect(await found(both)).toContain('dangerous: two-formats')
  })

  it('a llamafile is a program that carries an archive by design', async () => {
    expect(await found(Buffer.concat([text("MZqFpD='\n"), Buffer.alloc(500, 1), zip()]))).toEqual([
      'note: program-with-archive',
    ])
    expect(await found(Buffer.concat([text('\x7fELF\x02'), Buffer.alloc(500, 1), zip()]))).toEqual([
      'warning: two-formats',
    ])
  })

  it('one thing alone, the four bytes by chance included', async () => {
    expect(await found(gguf)).toEqual(['passed: one-format'])
    expect(await found(zip(100))).toEqual(['passed: one-format'])
    expect(await found(Buffer.concat([gguf, text('PK\x05\x06'), Buffer.alloc(400, 0xa5)]))).toEqual([
      'passed: one-format',
    ])
    expect(await found(Buffer.concat([gguf, text('PK\x05\x06')]))).toEqual(['passed: one-format'])
    expect(await found(text('GG'))).toEqual(['passed: one-format'])
    expect(await found(Buffer.alloc(0))).toEqual([])
  })
})
