import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { type ByteSource, bytesSource } from '../byteSource.ts'
import { createProtobufReader, type Field, varint } from './protobufReader.ts'
import { message, packed, varintBytes } from './testProtobuf.ts'

const fieldsOf = async (bytes: Buffer, depth = 0) => {
  const reader = createProtobufReader(bytesSource(bytes))
  const fields: (Field & { text: string })[] = []
  await reader.walk({ start: 0, end: bytes.length }, depth, (field) => {
    fields.push({ ...field, text: reader.beginning(field).toString('latin1') })
    return undefined
  })
  return fields
}
const fault = (bytes: Buffer, depth = 0) =>
  fieldsOf(bytes, depth).then(
    () => 'accepted',
    (error: { code?: string }) => error.code,
  )

describe('protobuf', () => {
  it('numbers of every size, negative ones too', () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -1, -2, -(2 ** 53 - 1)]) {
      const bytes = varintBytes(value)
      expect(varint(bytes, 0, bytes.length)).toEqual({ value, next: bytes.length })
    }
    const big = (value: bigint) => varint(varintBytes(value), 0, 10)?.value
    expect(big(2n ** 53n)).toBe(Number.POSITIVE_INFINITY)
    expect(big(2n ** 63n)).toBe(Number.NEGATIVE_INFINITY)
    expect(varint(Buffer.from('ffffffffffffffffff01', 'hex'), 0, 10)).toEqual({ value: -1, next: 10 })
    expect(varint(Buffer.alloc(11, 0xff), 0, 11)).toBeNull()
  })

  it('fields in any order, unknown ones and four wire types', async () => {
    const bytes = Buffer.concat([
      message([7, 'graph'], [1, 14]),
      Buffer.from('0d01020304', 'hex'),
      Buffer.from('110102030405060708', 'hex'),
    ])
    const fields = await fieldsOf(bytes)
    expect(fields.map(({ number, wire, value, text }) => [number, wire, value, text])).toEqual([
      [7, 2, 0, 'graph'],
      [1, 0, 14, ''],
      [1, 5, 0, ''],
      [2, 1, 0, ''],
    ])
  })

  it('packed and single numbers', async () => {
    const bytes = message([1, packed(2, 300, -1)], [1, 5])
    const reader = createProtobufReader(bytesSource(bytes))
    const numbers: number[] = []
    await reader.walk({ start: 0, end: bytes.length }, 0, (field) => {
      expect(reader.countIntegers(field)).toBe(field.wire === 0 ? 1 : 3)
      numbers.push(...reader.integers(field))
      return undefined
    })
    expect(numbers).toEqual([2, 300, -1, 5])
  })

  it('what no parser takes', async () => {
    for (const hex of [
      '0b0c',
      '0e',
      '08',
      '0200',
      '3a056162',
      '00',
      '888080808001 05',
      `08${'ff'.repeat(10)}01`,
      '0d0000',
      `0a${'ff'.repeat(9)}01`,
    ])
      expect(await fault(Buffer.from(hex.replace(' ', ''), 'hex')), hex).toBe('BAD_MESSAGE')
    expect(await fault(message([1, 1]), 100)).toBe('accepted')
    expect(await fault(message([1, 1]), 101)).toBe('TOO_DEEP')
  })

  it('steps over large payloads without reading them', async () => {
    const large = 200 << 20
    const head = Buffer.concat([Buffer.from([0x3a]), varintBytes(large)])
    const tail = message([8, 'end'])
    let read = 0
    const source: ByteSource = {
      sizeBytes: head.length + large + tail.length,
      read: async (offset, length) => {
        read += length
        const bytes = Buffer.alloc(length)
        head.copy(bytes, 0, Math.min(offset, head.length))
        const from = offset - head.length - large
        if (from + length > 0) tail.copy(bytes, Math.max(0, -from), Math.max(0, from))
        return bytes
      },
    }
    const numbers: number[] = []
    await createProtobufReader(source).walk({ start: 0, end: source.sizeBytes }, 0, (field) => {
      numbers.push(field.number)
      return undefined
    })
    expect(numbers).toEqual([7, 8])
    expect(read).toBeLessThan(100_000)
  })

  it('millions of fields are more than an honest file has', async () => {
    const bytes = Buffer.alloc(9 << 20, Buffer.from([8, 1]))
    const start = cpuMs()
    const walked = createProtobufReader(bytesSource(bytes)).walk({ start: 0, end: bytes.length }, 0, () => undefined)
    await expect(walked).rejects.toMatchObject({ code: 'TOO_MUCH_WORK' })
    expect(cpuMs() - start).toBeLessThan(3000)
  })
})
