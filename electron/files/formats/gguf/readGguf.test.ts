import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { isArray } from './ggufFile.ts'
import { rawFile, rawWriter } from './rawGguf.ts'
import { readGguf, readGgufSummary } from './readGguf.ts'

const w = rawWriter()
const read = (bytes: Uint8Array) => readGguf(bytesSource(bytes))
const findingsOf = async (bytes: Uint8Array) => (await read(bytes)).findings.map((finding) => finding.code)
const f32 = (name: string, offset: number | bigint = 0, dimensions: readonly (number | bigint)[] = [8]) =>
  w.tensor(name, dimensions, 0, offset)

/** Both readers must agree on every refusal. */
const faultOf = async (bytes: Uint8Array): Promise<string> => {
  const faults = await Promise.all(
    [readGguf, readGgufSummary].map((reader) =>
      reader(bytesSource(bytes)).then(
        () => 'accepted',
        (error: unknown) => {
          if (!(error instanceof FormatError)) throw error
          return error.code
        },
      ),
    ),
  )
  expect(faults[1]).toBe(faults[0])
  return faults[0] ?? ''
}

describe('what is accepted', () => {
  const accepted: Record<string, Buffer> = {
    'an empty version 3 header': rawFile({}),
    'an empty version 2 header': rawFile({}, rawWriter({ version: 2 })),
    'a key that is not UTF-8': rawFile({ keys: [w.uint32('a', 1), w.string(Buffer.from([0x61, 0xff]), 'x')] }),
    'a key of 70,000 characters': rawFile({ keys: [w.string('k'.repeat(70_000), 'x')] }),
    'a truth value of 7': rawFile({ keys: [w.pair('b', 7, Buffer.from([7]))] }),
    'an empty array': rawFile({ keys: [w.array('a', 4, 0)] }),
    'an empty array of strings': rawFile({ keys: [w.array('a', 8, 0)] }),
    'alignment 1': rawFile({
      keys: [w.uint32('general.alignment', 1)],
      tensors: [f32('t')],
      dataBytes: 32,
      alignment: 1,
    }),
    'alignment 2': rawFile({
      keys: [w.uint32('general.alignment', 2)],
      tensors: [f32('t')],
      dataBytes: 32,
      alignment: 2,
    }),
    'alignment 4': rawFile({
      keys: [w.uint32('general.alignment', 4)],
      tensors: [f32('t')],
      dataBytes: 32,
      alignment: 4,
    }),
    'alignment 2^20': rawFile({
      keys: [w.uint32('general.alignment', 2 ** 20)],
      tensors: [f32('t')],
      dataBytes: 2 ** 20,
      alignment: 2 ** 20,
    }),
    'alignment 2^31 without tensors': rawFile({ keys: [w.uint32('general.alignment', 2 ** 31)] }),
    'a scalar (no dimensions)': rawFile({ tensors: [f32('t', 0, [])], dataBytes: 32 }),
    'a dimension of zero': rawFile({ tensors: [f32('t', 0, [0, 5]), f32('u')], dataBytes: 32 }),
    'an empty tensor name': rawFile({ tensors: [f32('')], dataBytes: 32 }),
    'a tensor name of 63 bytes': rawFile({ tensors: [f32('n'.repeat(63))], dataBytes: 32 }),
    MXFP4: rawFile({ tensors: [w.tensor('t', [32], 39, 0)], dataBytes: 32 }),
    NVFP4: rawFile({ tensors: [w.tensor('t', [64], 40, 0)], dataBytes: 64 }),
    'Q8_1 and Q8_K': rawFile({
      tensors: [w.tensor('t', [32, 1], 9, 0), w.tensor('u', [256, 1], 15, 64)],
      dataBytes: 384,
    }),
    'two tensors one behind the other': rawFile({ tensors: [f32('t', 0, [3]), f32('u', 32)], dataBytes: 64 }),
    'the last padding missing': rawFile({ tensors: [f32('t', 0, [3])], dataBytes: 12 }),
    'bytes behind the last tensor': rawFile({ tensors: [f32('t')], dataBytes: 40 }),
    'keys named like parts of objects': rawFile({
      keys: [w.string('__proto__', 'x'), w.string('constructor', 'y'), w.string('toString', 'z')],
    }),
  }
  for (const [name, bytes] of Object.entries(accepted))
    it(name, async () => {
      expect(await faultOf(bytes)).toBe('accepted')
    })

  it('every value type, with its value', async () => {
    const i64 = w.u64
    const { metadata } = await read(
      rawFile({
        keys: [
          w.pair('u8', 0, Buffer.from([200])),
          w.pair('i8', 1, Buffer.from([200])),
          w.pair('u16', 2, w.u16(65_000)),
          w.pair('i16', 3, w.u16(-5)),
          w.pair('u32', 4, w.u32(4e9)),
          w.pair('i32', 5, w.u32(-7)),
          w.pair('f32', 6, w.f32(0.5)),
          w.pair('bool', 7, Buffer.from([1])),
          w.string('string', 'Grüße 🚢'),
          w.array('array', 4, 2, w.u32(1), w.u32(2)),
          w.pair('u64', 10, w.u64(2n ** 53n - 1n)),
          w.pair('large', 10, w.u64(2n ** 64n - 1n)),
          w.pair('i64', 11, i64(-9)),
          w.pair('f64', 12, Buffer.from(new Float64Array([1e300]).buffer)),
        ],
      }),
    )
    const value = (key: string) => metadata.get(key)?.value
    expect([value('u8'), value('i8'), value('u16'), value('i16')]).toEqual([200, -56, 65_000, -5])
    expect([value('u32'), value('i32'), value('f32'), value('bool')]).toEqual([4e9, -7, 0.5, true])
    expect([value('string'), value('u64'), value('large'), value('i64'), value('f64')]).toEqual([
      'Grüße 🚢',
      2 ** 53 - 1,
      2n ** 64n - 1n,
      -9,
      1e300,
    ])
    expect(value('array')).toMatchObject({ elementType: 'uint32', count: 2, values: new Uint32Array([1, 2]) })
  })

  it('arrays of every element type, kept as typed lists', async () => {
    const bytes = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])
    const { metadata } = await read(
      rawFile({
        keys: [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12].map((type) => {
          const width = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type] ?? 1
          return w.array(`a${type}`, type, 8 / width, bytes)
        }),
      }),
    )
    for (const { value } of metadata.values()) {
      if (!isArray(value) || value.elementType === 'string' || value.values === null) throw new Error('not kept')
      expect(Buffer.from(value.values.buffer, value.values.byteOffset, value.values.byteLength)).toEqual(bytes)
    }
  })

  it('the strings of an array, one by one', async () => {
    const words = ['', 'a', 'Ġhello', '\u2581x', 'z'.repeat(300)]
    const { metadata } = await read(rawFile({ keys: [w.array('a', 8, words.length, ...words.map(w.text))] }))
    const value = metadata.get('a')?.value
    if (value === undefined || !isArray(value) || value.elementType !== 'string') throw new Error('no strings')
    expect([...(value.values ?? [])]).toEqual(words)
    expect(value.values?.at(2)).toBe('Ġhello')
    expect(value.values?.at(5)).toBeUndefined()
  })

  it('dimensions, types, sizes and places of tensors', async () => {
    const file = await read(
      rawFile({ tensors: [w.tensor('t', [64, 3], 2, 0), w.tensor('u', [2, 2, 2, 2], 30, 128)], dataBytes: 160 }),
    )
    expect(file.tensors).toMatchObject([
      { name: 't', dimensions: [64, 3], elements: 192, sizeBytes: 108, offset: 0, type: { name: 'Q4_0' } },
      { name: 'u', dimensions: [2, 2, 2, 2], elements: 16, sizeBytes: 32, offset: 128, type: { name: 'BF16' } },
    ])
    expect(file).toMatchObject({ dataBytes: 140, alignment: 32, version: 3, byteOrder: 'little' })
    expect(file.dataOffset % 32).toBe(0)
  })

  it('versions 1 and 2 and both byte orders, flagged where no runtime takes them', async () => {
    for (const big of [false, true])
      for (const version of [1, 2, 3]) {
        const write = rawWriter({ version, big })
        const tokens = write.array('tokens', 8, 2, write.text('ab'), write.text('c'))
        const numbers = write.array('numbers', 4, 2, write.u32(7), write.u32(8))
        const keys = [write.string('name', 'x'), write.uint32('n', 513), numbers, tokens]
        const bytes = rawFile({ keys, tensors: [write.tensor('t', [3, 2], 0, 0)], dataBytes: 32 }, write)
        const file = await read(bytes)
        expect(file).toMatchObject({ version, byteOrder: big ? 'big' : 'little' })
        expect(file.metadata.get('n')?.value).toBe(513)
        expect(file.metadata.get('numbers')?.value).toMatchObject({ values: new Uint32Array([7, 8]) })
        const strings = file.metadata.get('tokens')?.value
        if (strings === undefined || !isArray(strings) || strings.elementType !== 'string')
          throw new Error('no strings')
        expect([...(strings.values ?? [])]).toEqual(['ab', 'c'])
        expect(file.tensors[0]).toMatchObject({ dimensions: [3, 2], sizeBytes: 24 })
        const blocking = file.findings.filter((finding) => finding.outcome === 'broken').map(({ code }) => code)
        expect(blocking).toEqual([...(version === 1 ? ['old-version'] : []), ...(big ? ['big-endian'] : [])])
      }
  })

  it('what is odd becomes a finding', async () => {
    expect(await findingsOf(rawFile({ tensors: [f32('t', 0, [3])], dataBytes: 12 }))).toEqual(['missing-final-padding'])
    expect(await findingsOf(rawFile({ tensors: [f32('t')], dataBytes: 40 }))).toEqual(['trailing-data'])
    expect(await findingsOf(rawFile({ dataBytes: 40 }))).toEqual(['trailing-data'])
    expect(await findingsOf(rawFile({ tensors: [f32('t')], dataBytes: 32 }))).toEqual([])
    expect(await findingsOf(rawFile({ keys: [w.pair('b', 7, Buffer.from([7]))] }))).toEqual(['odd-bool'])
    expect(await findingsOf(rawFile({ keys: [w.string('k', Buffer.from([0xc3]))] }))).toEqual(['invalid-utf8'])
    expect(await findingsOf(rawFile({ keys: [w.string('k', '\ufffd')] }))).toEqual([])
    const ik = rawFile({ tensors: [w.tensor('t', [256, 2], 144, 0)], dataBytes: 288 })
    expect(await findingsOf(ik)).toEqual(['ik-llama-type'])
    expect((await read(ik)).dataBytes).toBe(2 * (4 + 136))
    expect(await findingsOf(rawFile({ tensors: [w.tensor('t', [32], 31, 0)], dataBytes: 32 }))).toEqual([
      'removed-type',
    ])
    expect(await findingsOf(rawFile({ tensors: [w.tensor('t', [4, 2], 24, 0)], dataBytes: 32 }))).toEqual([
      'intermediate-type',
    ])
  })

  it('two keys that differ only in bytes that are not UTF-8 stay two keys', async () => {
    const { metadata } = await read(
      rawFile({ keys: [w.string(Buffer.from([0xff]), '1'), w.string(Buffer.from([0xfe]), '2')] }),
    )
    expect([...metadata.keys()]).toEqual(['\\xff', '\\xfe'])
  })

  it('object members stay as they are when a key is called __proto__', async () => {
    const { metadata } = await read(rawFile({ keys: [w.string('__proto__', 'x'), w.string('constructor', 'y')] }))
    expect(metadata.get('__proto__')?.value).toBe('x')
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect({}.constructor).toBe(Object)
  })
})

describe('what is refused by name', () => {
  const tensorFile = (tensors: Buffer[], dataBytes = 4096) => rawFile({ tensors, dataBytes })
  const huge = 2n ** 63n - 1n
  const refused: Record<string, [Buffer, string]> = {
    'version 0': [rawFile({}, rawWriter({ version: 0 })), 'BAD_VERSION'],
    'version 4': [rawFile({}, rawWriter({ version: 4 })), 'BAD_VERSION'],
    'version 65,536 × 5 (big-endian 5)': [rawFile({}, rawWriter({ version: 5, big: true })), 'BAD_VERSION'],
    'the magic FUGG': [Buffer.concat([Buffer.from('FUGG'), rawFile({}).subarray(4)]), 'BYTE_SWAPPED_MAGIC'],
    '-1 keys': [w.header(0, -1), 'TOO_MANY_KEYS'],
    '2^63 − 1 keys': [w.header(0, huge), 'TOO_MANY_KEYS'],
    '65,537 keys': [Buffer.concat([w.header(0, 65_537), Buffer.alloc(65_537 * 14)]), 'TOO_MANY_KEYS'],
    '65,536 keys in a small file': [w.header(0, 65_536), 'OUT_OF_FILE'],
    '10^9 tensors in a 24-byte file': [w.header(1e9, 0), 'TOO_MANY_TENSORS'],
    '1,000,001 tensors': [w.header(1_000_001, 0), 'TOO_MANY_TENSORS'],
    '1,000,000 tensors in a small file': [w.header(1_000_000, 0), 'OUT_OF_FILE'],
    'an empty key': [rawFile({ keys: [w.uint32('', 1)] }), 'EMPTY_KEY'],
    'a key with a NUL': [rawFile({ keys: [w.uint32('llama.context_length\0x', 1)] }), 'NUL_IN_KEY'],
    'the same key twice': [rawFile({ keys: [w.uint32('a', 1), w.uint32('a', 2)] }), 'DUPLICATE_KEY'],
    'value type 13': [rawFile({ keys: [w.pair('a', 13, w.u64(0))] }), 'BAD_VALUE_TYPE'],
    'value type −1': [rawFile({ keys: [w.pair('a', 2 ** 32 - 1, w.u64(0))] }), 'BAD_VALUE_TYPE'],
    'array of type 13': [rawFile({ keys: [w.array('a', 13, 1, w.u64(0))] }), 'BAD_VALUE_TYPE'],
    'array in array': [rawFile({ keys: [w.array('a', 9, 1, w.u32(4), w.u64(1), w.u32(1))] }), 'NESTED_ARRAY'],
    'empty array of arrays': [rawFile({ keys: [w.array('a', 9, 0)] }), 'NESTED_ARRAY'],
    'string of 2^64 − 1': [rawFile({ keys: [w.pair('a', 8, w.u64(-1))] }), 'STRING_TOO_LONG'],
    'string one byte longer than the file': [
      rawFile({ keys: [w.pair('a', 8, w.u64(4), Buffer.alloc(3))] }),
      'OUT_OF_FILE',
    ],
    'string of 16 MiB + 1': [
      rawFile({ keys: [w.pair('a', 8, w.u64(2 ** 24 + 1), Buffer.alloc(2 ** 24 + 1, 97))] }),
      'STRING_TOO_LONG',
    ],
    'a string in an array of 2^64 − 1': [rawFile({ keys: [w.array('a', 8, 1, w.u64(-1))] }), 'STRING_TOO_LONG'],
    'a string in an array of 2^32 + 1': [
      rawFile({ keys: [w.array('a', 8, 1, w.u64(2 ** 32 + 1), Buffer.from('x'))] }),
      'STRING_TOO_LONG',
    ],
    'a string in an array of 2^31 (a negative int)': [
      rawFile({ keys: [w.array('a', 8, 1, w.u64(2 ** 31), Buffer.alloc(64))] }),
      'STRING_TOO_LONG',
    ],
    'a string in an array that leaves the file': [
      rawFile({ keys: [w.array('a', 8, 1, w.u64(9), Buffer.alloc(8))] }),
      'OUT_OF_FILE',
    ],
    'array of 2^61': [rawFile({ keys: [w.array('a', 4, 2n ** 61n)] }), 'ARRAY_TOO_LONG'],
    'array whose size wraps (2^62 × 8)': [rawFile({ keys: [w.array('a', 10, 2n ** 62n)] }), 'ARRAY_TOO_LONG'],
    'array longer than the file': [rawFile({ keys: [w.array('a', 0, 2 ** 20)] }), 'OUT_OF_FILE'],
    'array of strings with more elements than the file has room for': [
      rawFile({ keys: [w.array('a', 8, 100, w.text('x'))] }),
      'OUT_OF_FILE',
    ],
    'two arrays with more than 64 Mi elements together': [
      rawFile({
        keys: [w.array('a', 0, 2 ** 25 + 1, Buffer.alloc(2 ** 25 + 1)), w.array('b', 0, 2 ** 25)],
        dataBytes: 2 ** 25,
      }),
      'ARRAY_TOO_LONG',
    ],
    'more text than 32 MiB': [
      rawFile({ keys: [0, 1, 2].map((n) => w.string(`k${n}`, Buffer.alloc(2 ** 24 - 16, 97))) }),
      'HEADER_TOO_LARGE',
    ],
    'alignment 0': [rawFile({ keys: [w.uint32('general.alignment', 0)] }), 'BAD_ALIGNMENT'],
    'alignment 13': [rawFile({ keys: [w.uint32('general.alignment', 13)] }), 'BAD_ALIGNMENT'],
    'alignment 24': [
      rawFile({ keys: [w.uint32('general.alignment', 24)], tensors: [f32('t')], dataBytes: 64 }),
      'BAD_ALIGNMENT',
    ],
    'alignment as int32': [rawFile({ keys: [w.pair('general.alignment', 5, w.u32(32))] }), 'BAD_ALIGNMENT'],
    'alignment as uint64': [rawFile({ keys: [w.pair('general.alignment', 10, w.u64(32))] }), 'BAD_ALIGNMENT'],
    'alignment as float': [rawFile({ keys: [w.pair('general.alignment', 6, w.f32(32))] }), 'BAD_ALIGNMENT'],
    'alignment as text': [rawFile({ keys: [w.string('general.alignment', '32')] }), 'BAD_ALIGNMENT'],
    'alignment as array': [rawFile({ keys: [w.array('general.alignment', 4, 1, w.u32(32))] }), 'BAD_ALIGNMENT'],
    'alignment 2^30 with a tensor in a small file': [
      rawFile({ keys: [w.uint32('general.alignment', 2 ** 30)], tensors: [f32('t')], dataBytes: 32 }),
      'DATA_TRUNCATED',
    ],
    'alignment 2^31 with a tensor in a small file': [
      rawFile({ keys: [w.uint32('general.alignment', 2 ** 31)], tensors: [f32('t')], dataBytes: 32 }),
      'DATA_TRUNCATED',
    ],
    'offsets for another alignment than declared': [
      rawFile({
        keys: [w.uint32('general.alignment', 64)],
        tensors: [f32('t'), f32('u', 32)],
        dataBytes: 128,
        alignment: 64,
      }),
      'BAD_OFFSET',
    ],
    'no room for the padding before empty tensors': [
      rawFile({ tensors: [f32('t', 0, [0])] }).subarray(0, -1),
      'DATA_TRUNCATED',
    ],
    'a tensor name of 64 bytes': [tensorFile([f32('n'.repeat(64))]), 'NAME_TOO_LONG'],
    'a tensor name longer than the file': [
      rawFile({ tensors: [Buffer.concat([w.u64(2n ** 40n), Buffer.alloc(40)])] }),
      'OUT_OF_FILE',
    ],
    'a tensor name of 2^64 − 1': [rawFile({ tensors: [Buffer.concat([w.u64(-1), Buffer.alloc(40)])] }), 'OUT_OF_FILE'],
    'tensor names t\\0a and t\\0b': [tensorFile([f32('t\0a'), f32('t\0b', 32)]), 'NUL_IN_NAME'],
    'the same tensor name twice': [tensorFile([f32('t'), f32('t', 32)]), 'DUPLICATE_TENSOR'],
    'two empty tensor names': [tensorFile([f32(''), f32('', 32)]), 'DUPLICATE_TENSOR'],
    '5 dimensions': [tensorFile([f32('t', 0, [1, 1, 1, 1, 1])]), 'TOO_MANY_DIMENSIONS'],
    '2^32 − 1 dimensions': [
      rawFile({ tensors: [Buffer.concat([w.text('t'), w.u32(2 ** 32 - 1), Buffer.alloc(40)])] }),
      'TOO_MANY_DIMENSIONS',
    ],
    'a negative dimension': [tensorFile([f32('t', 0, [-1])]), 'BAD_DIMENSION'],
    'a dimension of 2^53': [tensorFile([f32('t', 0, [2n ** 53n])]), 'BAD_DIMENSION'],
    'dimensions whose product wraps to 4': [
      tensorFile([f32('t', 0, [4194305, 4194305, 211106198978564n])]),
      'SIZE_OVERFLOW',
    ],
    'dimensions [2^42 + 1, 2^42]': [tensorFile([f32('t', 0, [2n ** 42n + 1n, 2n ** 42n])]), 'SIZE_OVERFLOW'],
    'a size beyond 2^53': [tensorFile([f32('t', 0, [2n ** 52n])]), 'SIZE_OVERFLOW'],
    'sizes whose sum is beyond 2^53': [
      tensorFile([w.tensor('t', [2n ** 52n], 24, 0), w.tensor('u', [2n ** 52n], 24, 2n ** 52n)]),
      'SIZE_OVERFLOW',
    ],
    'two I8 tensors of 0x7FFFFFFFFFFFFFC0': [
      tensorFile([
        w.tensor('t', [0x7fffffffffffffc0n], 24, 0),
        w.tensor('u', [0x7fffffffffffffc0n], 24, 0x7fffffffffffffc0n),
      ]),
      'BAD_DIMENSION',
    ],
    'type 4 (Q4_2)': [tensorFile([w.tensor('t', [32], 4, 0)]), 'REMOVED_TENSOR_TYPE'],
    'type 38': [tensorFile([w.tensor('t', [256], 38, 0)]), 'REMOVED_TENSOR_TYPE'],
    'type 43': [tensorFile([w.tensor('t', [32], 43, 0)]), 'UNKNOWN_TENSOR_TYPE'],
    'type −1': [tensorFile([w.tensor('t', [32], 2 ** 32 - 1, 0)]), 'UNKNOWN_TENSOR_TYPE'],
    'a row that is no whole number of blocks': [tensorFile([w.tensor('t', [33], 2, 0)]), 'BAD_ROW_LENGTH'],
    'a quantised scalar': [tensorFile([w.tensor('t', [], 2, 0)]), 'BAD_ROW_LENGTH'],
    'a hole between tensors': [tensorFile([f32('t'), f32('u', 64)]), 'BAD_OFFSET'],
    'tensors in swapped order': [tensorFile([f32('t', 32), f32('u', 0)]), 'BAD_OFFSET'],
    'two tensors at offset 0': [tensorFile([f32('t'), f32('u')]), 'BAD_OFFSET'],
    'a first offset of 32': [tensorFile([f32('t', 32)]), 'BAD_OFFSET'],
    'offset 1': [tensorFile([f32('t', 1)]), 'BAD_OFFSET'],
    'offset 2^62': [tensorFile([f32('t', 2n ** 62n)]), 'BAD_OFFSET'],
    'data short by one byte': [rawFile({ tensors: [f32('t')], dataBytes: 31 }), 'DATA_TRUNCATED'],
    'no data at all': [rawFile({ tensors: [f32('t')] }), 'DATA_TRUNCATED'],
  }
  for (const [name, [bytes, code]] of Object.entries(refused))
    it(`${name}: ${code}`, async () => {
      expect(await faultOf(bytes)).toBe(code)
    })

  it('a cut file says how many bytes and which tensors are missing', async () => {
    const bytes = rawFile({ tensors: [f32('first'), f32('second', 32), f32('third', 64)], dataBytes: 96 })
    const cut = bytes.subarray(0, bytes.length - 40)
    await expect(read(cut)).rejects.toMatchObject({
      code: 'DATA_TRUNCATED',
      offset: cut.length,
      details: { expectedBytes: bytes.length, missingBytes: 40, missingTensors: 2, firstMissingTensor: 'second' },
      message: expect.stringContaining('2 of 3 tensors are incomplete (second, third)'),
    })
  })

  it('a tiny file cut at any byte', async () => {
    const keys = [
      w.string('general.name', 'x'),
      w.array('t', 8, 2, w.text('a'), w.text('bc')),
      w.array('n', 5, 1, w.u32(1)),
    ]
    const bytes = rawFile({ keys, tensors: [f32('t', 0, [3]), w.tensor('u', [32], 2, 32)], dataBytes: 64 })
    const dataEnd = bytes.length - 64 + 32 + 18
    expect(await faultOf(bytes)).toBe('accepted')
    for (let length = 0; length < bytes.length; length++) {
      const fault = await faultOf(bytes.subarray(0, length))
      if (length >= dataEnd) expect(fault).toBe('accepted')
      else expect(['TOO_SHORT', 'OUT_OF_FILE', 'DATA_TRUNCATED']).toContain(fault)
    }
  })

  it('a cancelled read', async () => {
    const stop = AbortSignal.abort(new Error('enough'))
    await expect(readGguf(bytesSource(rawFile({})), { signal: stop })).rejects.toThrow('enough')
  })
})
