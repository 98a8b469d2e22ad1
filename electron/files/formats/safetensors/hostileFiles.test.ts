import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource } from '../byteSource.ts'
import { limits } from './limits.ts'
import { safetensorsFormat } from './safetensorsFormat.ts'
import { fileOf } from './testFile.ts'

const record = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'

/** Bytes read, what came of it, and the processor time of this thread, which other work on the machine does not change. */
const attempt = async (bytes: Buffer, sizeBytes = bytes.length) => {
  let bytesRead = 0
  const source = {
    sizeBytes,
    read: async (offset: number, length: number) => {
      bytesRead += length
      return bytesSource(bytes).read(offset, length)
    },
  }
  const before = cpuMs()
  const outcome = await safetensorsFormat.inspect(source).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  )
  return { outcome, bytesRead, spentMs: cpuMs() - before }
}

describe('headers made to cost time or memory', () => {
  it('a header of 95 MB is refused before it is read', async () => {
    const { outcome, bytesRead } = await attempt(fileOf('{'.padEnd(70_000), 0, 95_000_000n), 95_000_008)
    expect(outcome).toBe('HEADER_TOO_LARGE')
    expect(bytesRead).toBeLessThan(70_000)
  })

  it('as many tensors as a header has room for', async () => {
    const members: string[] = []
    for (let index = 0; index <= limits.tensors; index++) members.push(`"${index}":${record}`)
    const { outcome, spentMs } = await attempt(fileOf(`{${members.join()}}`))
    expect(outcome).toBe('TOO_MANY_TENSORS')
    expect(spentMs).toBeLessThan(1000)
  })

  it('the largest table that is read', async () => {
    const members: string[] = []
    for (let index = 0; index < limits.tensors; index++) members.push(`"x${index.toString(36)}y":${record}`)
    const { outcome, spentMs } = await attempt(fileOf(`{${members.join()}}`))
    expect(outcome).toBe('accepted')
    expect(spentMs).toBeLessThan(1000)
  })

  it('as many dimensions as a header has room for', async () => {
    const wide = `{"dtype":"U8","shape":[${'0,'.repeat(63)}0],"data_offsets":[0,0]}`
    const members = Array.from({ length: 20_000 }, (_, index) => `"${index}":${wide}`)
    expect((await attempt(fileOf(`{${members.join()}}`))).outcome).toBe('TOO_MANY_DIMENSIONS')
  })

  it('one name again and again', async () => {
    const { outcome } = await attempt(fileOf(`{${Array(150_000).fill(`"a":${record}`).join()}}`))
    expect(outcome).toBe('DUPLICATE_TENSOR')
  })

  it('metadata that never ends', async () => {
    const pairs = Array.from({ length: limits.metadataKeys + 1 }, (_, index) => `"${index}":""`)
    expect((await attempt(fileOf(`{"__metadata__":{${pairs.join()}}}`))).outcome).toBe('TOO_MANY_KEYS')
    expect((await attempt(fileOf(`{"__metadata__":{"a":"${'x'.repeat(16_000_000)}"}}`))).outcome).toBe('accepted')
    expect((await attempt(fileOf(`{"__metadata__":{"a":"${'\\u0041'.repeat(2_700_000)}"}}`))).outcome).toBe('accepted')
  })

  it('numbers, spaces and strings of megabytes', async () => {
    for (const text of [
      '1'.repeat(10_000_000),
      `0.${'1'.repeat(10_000_000)}`,
      `"${'\\\\'.repeat(5_000_000)}"`,
      `-${'0'.repeat(1_000_000)}`,
    ]) {
      const { spentMs } = await attempt(fileOf(`{"t":{"x":${text}}}`))
      expect(spentMs).toBeLessThan(1000)
    }
    expect((await attempt(fileOf(`{${' '.repeat(16_000_000)}}`))).outcome).toBe('accepted')
    expect((await attempt(fileOf(`{"t":{"dtype":"U8","shape":[${'9'.repeat(5_000_000)}]`))).outcome).toBe(
      'BAD_TENSOR_RECORD',
    )
  })

  it('names of a million characters, in the checks too', async () => {
    const long = `{"dtype":"U8","shape":[9],"data_offsets":[0,9]}`
    const { summary, metadata } = await safetensorsFormat.inspect(
      bytesSource(
        fileOf(
          `{"__metadata__":{"${'k'.repeat(1_000_000)}\\u202e":"C:\\\\Users\\\\x"},"${'\u202e'.repeat(300_000)}":${long}}`,
        ),
      ),
    )
    expect(JSON.stringify(summary.checks).length).toBeLessThan(20_000)
    expect(JSON.stringify(metadata).length).toBeLessThan(5_000)
  })

  it('names that every object has leave objects as they are', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__']
    const members = names.map((name) => `"${name}":${record}`)
    const metadata = `"__metadata__":{${names.map((name) => `"${name}":"{\\"__proto__\\":{\\"r\\":1}}"`).join()},"lora_adapter_metadata":"{\\"__proto__\\":{\\"r\\":8}}"}`
    const { tensors, facts } = await safetensorsFormat.inspect(bytesSource(fileOf(`{${metadata},${members.join()}}`)))
    expect(tensors.map((row) => row.name)).toEqual(names)
    expect(JSON.stringify(facts)).not.toContain('Rank')
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as { r?: number }).r).toBeUndefined()
  })
})
