import { describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.ts'
import { readGguf } from './gguf/readGguf.ts'

const pad = (head: string | Buffer, size = 200) => {
  const bytes = Buffer.alloc(size, 0x41)
  Buffer.from(head as string, 'latin1').copy(bytes)
  return bytes
}
const refusal = (bytes: Uint8Array) =>
  readGguf(bytesSource(bytes)).then(
    () => 'accepted',
    (error: unknown) => error,
  )

describe('what a file is that is not GGUF', () => {
  it('a git-lfs pointer tells the size of the real file', async () => {
    const digest = 'ab'.repeat(32)
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize 4920734272\n`
    expect(await refusal(Buffer.from(pointer))).toMatchObject({
      code: 'GIT_LFS_POINTER',
      details: { expectedBytes: 4920734272, sha256: digest },
      message: expect.stringContaining('4920734272 bytes'),
    })
  })

  it('a web page or an error message', async () => {
    const pages = [
      '<!DOCTYPE html><html><head><title>404</title>',
      '\n  <!doctype HTML>',
      '<html lang="en">',
      '{"error":"Unauthorized"}',
      '{ "message": "Not Found" }',
      'Invalid username or password.',
      'Entry not found',
      'Repository not found',
    ]
    for (const page of pages) expect(await refusal(Buffer.from(page))).toMatchObject({ code: 'ERROR_PAGE' })
  })

  it('a download that reserved its space and was never filled', async () => {
    expect(await refusal(Buffer.alloc(4 << 20))).toMatchObject({ code: 'ALL_ZERO' })
    expect(await refusal(Buffer.alloc(1))).toMatchObject({ code: 'ALL_ZERO' })
  })

  it('an empty or a very short file', async () => {
    expect(await refusal(Buffer.alloc(0))).toMatchObject({ code: 'TOO_SHORT' })
    for (const text of ['G', 'GG', 'GGUF', 'GGUF\x03\0\0\0', 'GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0'])
      expect(await refusal(Buffer.from(text, 'latin1'))).toMatchObject({ code: 'TOO_SHORT' })
    expect(await refusal(Buffer.from('abc'))).toMatchObject({ code: 'TOO_SHORT' })
  })

  it('another format, by its name', async () => {
    const found: Record<string, string | Buffer> = {
      'zip archive': 'PK\x03\x04',
      'gzip archive': '\x1f\x8b\x08',
      pickle: '\x80\x02}q',
      safetensors: Buffer.concat([Buffer.from([0x40, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":{"dtype"')]),
      HDF5: '\x89HDF\r\n\x1a\n',
      'before GGUF': 'tjgg\x03\0\0\0',
      program: '\x7fELF',
      PDF: '%PDF-1.7',
    }
    for (const [word, head] of Object.entries(found))
      expect(await refusal(pad(head))).toMatchObject({
        code: 'OTHER_FORMAT',
        message: expect.stringContaining(word),
      })
  })

  it('anything else, with its first bytes made harmless', async () => {
    expect(await refusal(pad('ab\x1b[31m\0'))).toMatchObject({
      code: 'UNKNOWN_FORMAT',
      message: expect.stringContaining('"ab.[31m."'),
    })
  })
})
