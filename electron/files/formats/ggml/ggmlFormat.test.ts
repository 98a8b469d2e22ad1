import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { ggmlFormat } from './ggmlFormat.ts'

const u32 = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index)
  })
  return bytes
}
const text = (value: string) => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)])
const words = (count: number, score = 0) =>
  Array.from({ length: count }, (_, index) => Buffer.concat([text(`w${index}`), Buffer.alloc(score)]))

/** @param row length first, as the file has it */
const tensor = (name: string, dimensions: readonly number[], type: number, bytes: number, at: number | null = null) => {
  const head = Buffer.concat([u32(dimensions.length, name.length, type, ...dimensions), Buffer.from(name)])
  const pad = at === null ? 0 : (32 - ((at + head.length) % 32)) % 32
  return Buffer.concat([head, Buffer.alloc(pad + bytes)])
}

const whisper = (numbers = [51_865, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1]) =>
  Buffer.concat([
    Buffer.from('lmgg'),
    u32(...numbers),
    u32(80, 2),
    Buffer.alloc(80 * 2 * 4),
    u32(3),
    ...words(3),
    tensor('encoder.conv1.weight', [3, 80, 4], 1, 3 * 80 * 4 * 2),
    tensor('decoder.token_embedding.weight', [32, 2], 2, 2 * 20),
  ])

const llama = (magic: string, version: number | null, block: number) => {
  const head = Buffer.concat([
    Buffer.from(magic),
    version === null ? Buffer.alloc(0) : u32(version),
    u32(4, 64, 256, 2, 1, 32, 2),
    ...words(4, version === null ? 0 : 4),
  ])
  const isAligned = magic === 'tjgg'
  const first = tensor('tok_embeddings.weight', [64, 4], 2, 8 * block, isAligned ? head.length : null)
  return Buffer.concat([
    head,
    first,
    tensor('norm.weight', [64], 0, 256, isAligned ? head.length + first.length : null),
  ])
}
const lora = () => {
  const head = Buffer.concat([Buffer.from('algg'), u32(1, 16, 32)])
  return Buffer.concat([head, tensor('layers.0.attention.wq.weight.loraA', [8, 2], 0, 64, head.length)])
}

const inspect = (bytes: Buffer) => ggmlFormat.inspect(bytesSource(bytes))

describe('models from before GGUF', () => {
  it('whisper, which is still written', async () => {
    const { summary, facts } = await inspect(whisper())
    expect(summary).toMatchObject({
      format: 'GGML',
      name: 'whisper tiny',
      role: 'speech',
      architecture: 'whisper',
      quantization: 'F16',
      parameterCount: 1024,
      tensorCount: 2,
      contextLength: 448,
    })
    expect(summary.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
    expect(facts[0]?.facts).toContainEqual({ label: 'Languages', value: 'many', source: 'n_vocab' })
    const turbo = await inspect(whisper([51_866, 1500, 1280, 20, 32, 448, 1280, 20, 4, 128, 1]))
    expect(turbo.summary.name).toBe('whisper large-v3-turbo')
  })

  it.each<[string, number | null, number]>([
    ['lmgg', null, 20],
    ['fmgg', 1, 20],
    ['tjgg', 1, 20],
    ['tjgg', 2, 20],
    ['tjgg', 3, 18],
  ])('%s version %s: read to its end, and said to have ended', async (magic, version, block) => {
    const { summary, tensors } = await inspect(llama(magic, version, block))
    expect(summary).toMatchObject({
      role: 'llm',
      loadable: false,
      tensorCount: 2,
      parameterCount: 320,
      quantization: 'Q4_0',
    })
    expect(summary.reason).toContain('convert_llama_ggml_to_gguf.py')
    const type = block === 20 ? 'Q4_0 (wide scale)' : 'Q4_0'
    expect(tensors[0]).toMatchObject({ name: 'tok_embeddings.weight', type, shape: [4, 64], bytes: 8 * block })
    expect(summary.checks).toContainEqual(expect.objectContaining({ code: 'ended-format', outcome: 'broken' }))
  })

  it('an adapter, and a voice detector of which only the beginning is known', async () => {
    expect((await inspect(lora())).summary).toMatchObject({ role: 'adapter', format: 'GGLA', tensorCount: 1 })
    const detector = Buffer.concat([Buffer.from('lmgg'), text('silero-16k'), u32(5, 1, 2), Buffer.alloc(100)])
    const { summary } = await inspect(detector)
    expect(summary).toMatchObject({ role: 'speech', parameterCount: null })
    expect(summary.checks).toContainEqual(expect.objectContaining({ code: 'partial-check', outcome: 'unknown' }))
  })

  it('a type that nobody knows ends the walk, and is said', async () => {
    const { summary } = await inspect(Buffer.concat([whisper(), tensor('x', [2], 77, 8)]))
    expect(summary).toMatchObject({ tensorCount: 2, parameterCount: null })
    expect(summary.checks).toContainEqual(expect.objectContaining({ code: 'partial-check', outcome: 'unknown' }))
  })

  it('damaged files are refused by name', async () => {
    const fault = (bytes: Buffer) =>
      inspect(bytes).then(
        () => 'accepted',
        (error: FormatError) => error.code,
      )
    const whole = whisper()
    expect(await fault(whole.subarray(0, -1))).toBe('DATA_TRUNCATED')
    expect(await fault(whole.subarray(0, 30))).toBe('OUT_OF_FILE')
    expect(await fault(Buffer.concat([Buffer.from('tjgg'), u32(4), Buffer.alloc(100)]))).toBe('BAD_VERSION')
    expect(await fault(Buffer.concat([Buffer.from('lmgg'), u32(4_000_000_000), Buffer.alloc(100)]))).toBe('OUT_OF_FILE')
    expect(await fault(Buffer.concat([whole, tensor('x', [1, 1, 1, 1, 1], 0, 4)]))).toBe('TOO_MANY_DIMENSIONS')
    expect(await fault(Buffer.concat([whole, tensor('x', [33], 2, 40)]))).toBe('BAD_DIMENSION')
    expect(await fault(Buffer.concat([whole, u32(4, 1, 0, 0xffffffff, 0xffffffff, 9, 9), Buffer.from('x')]))).toBe(
      'BAD_DIMENSION',
    )
    expect(await fault(Buffer.from('lmgg'))).toBe('TOO_SHORT')
  })

  it('3000 damaged files are refused by name or stay inside the file', async () => {
    let state = 7
    const below = (limit: number) => {
      state = (state * 48_271) % 2_147_483_647
      return state % limit
    }
    const valid = [whisper(), llama('lmgg', null, 20), llama('tjgg', 3, 18), lora()]
    for (let round = 0; round < Number(process.env.BERTH_FUZZ ?? 3000); round++) {
      const bytes = Buffer.from(valid[below(valid.length)] ?? whisper())
      for (let times = below(3); times >= 0; times--) {
        if (below(2) === 0) bytes[below(bytes.length)] = below(256)
        else bytes.writeUInt32LE([0, 1, 0xffff, 0x7fffffff, 0xffffffff][below(5)] ?? 0, below(bytes.length - 4))
      }
      const found = await inspect(bytes).catch((error: unknown) => error)
      if (found instanceof Error) expect(found).toBeInstanceOf(FormatError)
      else
        for (const { offset, bytes: size } of (found as Awaited<ReturnType<typeof inspect>>).tensors) // what inspect gives
          expect((offset ?? 0) + size).toBeLessThanOrEqual(bytes.length)
    }
  }, 60_000)
})
