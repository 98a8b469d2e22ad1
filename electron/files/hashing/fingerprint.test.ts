import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource } from '../formats/byteSource.ts'
import { combine, fingerprint } from './fingerprint.ts'

const bytes = (length: number, seed = 1): Buffer => {
  const made = Buffer.alloc(length)
  for (let at = 0, state = seed; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    made[at] = state >>> 16
  }
  return made
}

const counted = (source: ByteSource) => {
  const reads: [offset: number, length: number][] = []
  const read: ByteSource['read'] = (offset, length) => {
    reads.push([offset, length])
    return source.read(offset, length)
  }
  return { reads, source: { sizeBytes: source.sizeBytes, read } }
}

const changedAt = async (original: Buffer, at: number): Promise<string> => {
  const changed = Buffer.from(original)
  changed[at] = (changed[at] ?? 0) ^ 1
  return await fingerprint(bytesSource(changed))
}

describe('fingerprint', () => {
  it('is the same for the same bytes and has the scheme before it', async () => {
    const one = await fingerprint(bytesSource(bytes(1_000_000)))
    expect(one).toMatch(/^f1:[0-9a-f]{64}$/)
    expect(await fingerprint(bytesSource(bytes(1_000_000)))).toBe(one)
    expect(await fingerprint(bytesSource(bytes(1_000_000, 2)))).not.toBe(one)
  })

  it('never changes within its scheme: stored ones must find their files again', async () => {
    const known = createHash('sha256').update('f1 file 3\nabc').digest('hex')
    expect(await fingerprint(bytesSource(Buffer.from('abc')))).toBe(`f1:${known}`)
    expect(await fingerprint(bytesSource(bytes(1_000_000)))).toBe(
      'f1:f17db6f9cef997e1a24f97e595b0e3ccef022e25ccf72945f5b7354aba0efd54',
    )
  })

  it('sees every byte of a file up to 248 KiB, the empty one included', async () => {
    const small = bytes(253_952)
    const one = await fingerprint(bytesSource(small))
    for (const at of [0, 70_000, 126_976, 200_000, 253_951]) expect(await changedAt(small, at)).not.toBe(one)
    const { reads, source } = counted(bytesSource(Buffer.alloc(0)))
    expect(await fingerprint(source)).toMatch(/^f1:/)
    expect(reads).toEqual([[0, 0]])
  })

  it('sees the ends of a large file, and not what lies between its pieces', async () => {
    const large = bytes(4_000_000)
    const one = await fingerprint(bytesSource(large))
    for (const at of [0, 65_535, 4_000_000 - 65_536, 3_999_999]) expect(await changedAt(large, at)).not.toBe(one)
    expect(await changedAt(large, 65_536 + 4096)).toBe(one)
  })

  it('tells files apart that differ in nothing but their size', async () => {
    const sizes = [0, 1, 253_952, 253_953, 1_000_000, 1_000_001]
    const all = await Promise.all(sizes.map((size) => fingerprint(bytesSource(Buffer.alloc(size)))))
    expect(new Set(all).size).toBe(sizes.length)
  })

  it('reads 248 KiB of a file of any size, inside it and without overlap', async () => {
    const huge: ByteSource = { sizeBytes: 7 * 2 ** 40 + 3, read: async (_, length) => Buffer.alloc(length) }
    for (const file of [huge, bytesSource(Buffer.alloc(253_953))]) {
      const { reads, source } = counted(file)
      await fingerprint(source)
      expect(reads).toHaveLength(32)
      expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(253_952)
      let end = 0
      for (const [offset, length] of reads) {
        expect(offset).toBeGreaterThanOrEqual(end)
        end = offset + length
      }
      expect(end).toBe(file.sizeBytes)
    }
  })
})

describe('combine', () => {
  it('keeps the one of a single file and depends on the order of several', () => {
    expect(combine(['f1:a'])).toBe('f1:a')
    expect(combine(['f1:a', 'f1:b'])).toMatch(/^f1:[0-9a-f]{64}$/)
    expect(combine(['f1:a', 'f1:b'])).not.toBe(combine(['f1:b', 'f1:a']))
    expect(combine(['f1:a', 'f1:b'])).not.toBe(combine(['f1:a', 'f1:b', 'f1:b']))
  })
})
