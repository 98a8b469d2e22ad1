import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { limits } from './limits.ts'
import { readSafetensors } from './readSafetensors.ts'
import { fileOf, sourceOf } from './testFile.ts'

/** `accepted`, the code of a broken check, or the code of the refusal. */
const verdict = async (header: string | Buffer, dataBytes = 0, length?: bigint): Promise<string> => {
  try {
    const { findings } = await readSafetensors(sourceOf(header, dataBytes, length))
    return findings.find((check) => check.outcome === 'broken')?.code ?? 'accepted'
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}
const codes = async (header: string, dataBytes = 0) =>
  (await readSafetensors(sourceOf(header, dataBytes))).findings.map((check) => `${check.outcome} ${check.code}`)
const record = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`
const one = (dtype: string, shape: string, offsets: string) => `{"t":${record(dtype, shape, offsets)}}`
const i32 = record('I32', '[2,2]', '[0,16]')

describe('the length of the header', () => {
  it('refuses a file too short for one', async () => {
    for (const size of [0, 7])
      await expect(readSafetensors(bytesSource(Buffer.alloc(size, 1)))).rejects.toMatchObject({ code: 'TOO_SHORT' })
  })
  it('refuses one beyond the limit before it looks at the file’s size', async () => {
    expect(await verdict('{}', 0, 2n ** 64n - 1n)).toBe('HEADER_TOO_LARGE')
    expect(await verdict('{}', 0, 100_000_001n)).toBe('HEADER_TOO_LARGE')
  })
  it('refuses one that leaves the file, and says how much is missing', async () => {
    expect(await verdict('{}', 0, 100_000_000n)).toBe('BAD_HEADER_LENGTH')
    await expect(readSafetensors(sourceOf('{}', 0, 3n))).rejects.toMatchObject({
      code: 'BAD_HEADER_LENGTH',
      details: { missingBytes: 1 },
    })
    expect(await verdict('{}', 0, 0n)).toBe('BAD_HEADER_LENGTH')
  })
  it('refuses a header that only the library reads, before it is read', async () => {
    const length = limits.headerBytes + 1
    const source = {
      sizeBytes: length + 8,
      read: async (_: number, wanted: number) => fileOf('{', 4096, BigInt(length)).subarray(0, wanted),
    }
    await expect(readSafetensors(source)).rejects.toMatchObject({ code: 'HEADER_TOO_LARGE' })
  })
  it('names another kind of file', async () => {
    await expect(readSafetensors(bytesSource(Buffer.from('PK\x03\x04 a zip archive')))).rejects.toMatchObject({
      code: 'OTHER_FORMAT',
    })
    await expect(readSafetensors(bytesSource(Buffer.from('<!doctype html><html></html>')))).rejects.toMatchObject({
      code: 'ERROR_PAGE',
    })
    await expect(readSafetensors(bytesSource(Buffer.alloc(64)))).rejects.toMatchObject({ code: 'ALL_ZERO' })
  })
})

describe('the JSON of the header', () => {
  it.each([
    ['bytes that are no UTF-8', Buffer.from([0xff]), 'BAD_HEADER_LENGTH'],
    ['bytes that are no UTF-8 in a name', Buffer.from('7b22ff223a317d', 'hex'), 'BAD_HEADER'],
    ['an open brace alone', '{ ', 'BAD_HEADER'],
    ['an array', '[]', 'BAD_HEADER'],
    ['null', 'null', 'BAD_HEADER'],
    ['a byte order mark', '\ufeff{}', 'BAD_HEADER'],
    ['a form feed before', '\f{}', 'BAD_HEADER'],
    ['a NUL behind', '{}\0', 'BAD_HEADER'],
    ['something behind', '{} x', 'BAD_HEADER'],
    ['a comma at the end', `{"t":${i32},}`, 'BAD_HEADER'],
    ['a raw control character in a name', '{"a\tb":1}', 'BAD_HEADER'],
    ['half of a surrogate pair in a name', `{"\\ud800":${i32}}`, 'BAD_HEADER'],
    ['half of a surrogate pair in an ignored field', one('I32', '[2,2]', '[0,16],"x":"\\ud800"'), 'BAD_HEADER'],
    ['an unknown escape', `{"\\x":${i32}}`, 'BAD_HEADER'],
    ['a number no computer counts in an ignored field', one('I32', '[2,2]', '[0,16],"x":1e999'), 'BAD_HEADER'],
    ['a leading zero in an ignored field', one('I32', '[2,2]', '[0,16],"x":01'), 'BAD_HEADER'],
  ])('refuses %s', async (_, header, code) => {
    expect(await verdict(header, 16)).toBe(code)
  })

  it.each([
    ['nothing', '{}', 0],
    ['empty metadata', '{"__metadata__":{}}', 0],
    ['null for metadata', '{"__metadata__":null}', 0],
    ['spaces behind', `{"t":${i32}}    `, 16],
    ['white space before', `\n\t\r {"t":${i32}}`, 16],
    ['spaces inside', `{ "t" : { "dtype" : "I32" , "shape" : [ 2 , 2 ] , "data_offsets" : [ 0 , 16 ] } }`, 16],
    ['fields in another order', `{"t":{"data_offsets":[0,16],"shape":[2,2],"dtype":"I32"}}`, 16],
    ['records in another order', `{"b":${record('U8', '[2]', '[3,5]')},"a":${record('U8', '[3]', '[0,3]')}}`, 5],
    ['an extra field of any kind', one('I32', '[2,2]', '[0,16],"x":{"y":[1,-0,1e5,null,true,"\\ud83d\\ude00"]}'), 16],
    ['a record as an array', '{"t":["I32",[1],[0,4]]}', 4],
    ['no name', `{"":${i32}}`, 16],
    ['names of other alphabets', `{"Größe 大きさ":${i32}}`, 16],
    [
      'a name that every object has',
      `{"__proto__":${record('U8', '[1]', '[0,1]')},"constructor":${record('U8', '[1]', '[1,2]')}}`,
      2,
    ],
  ])('takes %s', async (_, header, data) => {
    expect(await verdict(header, data)).toBe('accepted')
  })

  it('refuses more than 127 levels in an ignored field, and does not run out of stack', async () => {
    const nested = (levels: number) => one('I32', '[2,2]', `[0,16],"x":${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(await verdict(nested(125), 16)).toBe('accepted')
    expect(await verdict(nested(126), 16)).toBe('TOO_DEEP')
    expect(await verdict(nested(100_000), 16)).toBe('TOO_DEEP')
    expect(await verdict(`{"__metadata__":{"a":${'['.repeat(100_000)}}}`)).toBe('BAD_METADATA')
  })
})

describe('metadata', () => {
  it.each([
    ['a number', '{"__metadata__":{"a":1}}'],
    ['null for a value', '{"__metadata__":{"a":null}}'],
    ['an object', '{"__metadata__":{"a":{}}}'],
    ['text in its place', '{"__metadata__":"a"}'],
    ['it twice', '{"__metadata__":{},"__metadata__":{}}'],
    ['it twice, once with an escape', '{"__metadata__":{},"__metadata\\u005f_":{}}'],
  ])('refuses %s', async (_, header) => {
    expect(await verdict(header)).toBe('BAD_METADATA')
  })
  it('keeps the last of a key given twice, and says so', async () => {
    const file = await readSafetensors(sourceOf('{"__metadata__":{"a":"1","a":"2","__proto__":"3"}}'))
    expect([...file.metadata]).toEqual([
      ['a', '2'],
      ['__proto__', '3'],
    ])
    expect(file.findings.map((check) => check.code)).toContain('duplicate-key')
    expect(Object.prototype).not.toHaveProperty('a')
  })
  it('takes another spelling for a tensor', async () => {
    expect(await verdict('{"__Metadata__":{"format":"pt"}}')).toBe('BAD_TENSOR_RECORD')
  })
})

describe('a tensor’s record', () => {
  it.each([
    ['an unknown type', one('I4', '[2,2]', '[0,16]'), 'UNKNOWN_TENSOR_TYPE'],
    ['a type in lower case', one('f32', '[2,2]', '[0,16]'), 'UNKNOWN_TENSOR_TYPE'],
    ['a type that is no text', `{"t":{"dtype":5,"shape":[2,2],"data_offsets":[0,16]}}`, 'BAD_TENSOR_RECORD'],
    ['a fraction', one('I32', '[4.0]', '[0,16]'), 'BAD_TENSOR_RECORD'],
    ['text for a number', one('I32', '["4"]', '[0,16]'), 'BAD_TENSOR_RECORD'],
    ['a negative number', one('I32', '[-4]', '[0,16]'), 'BAD_TENSOR_RECORD'],
    ['minus zero', one('I32', '[4]', '[-0,16]'), 'BAD_TENSOR_RECORD'],
    ['an exponent', one('U8', '[1e1]', '[0,10]'), 'BAD_TENSOR_RECORD'],
    ['more than 64 bits', one('U8', '[0,18446744073709551616]', '[0,0]'), 'BAD_TENSOR_RECORD'],
    ['three offsets', one('I32', '[2,2]', '[0,16,16]'), 'BAD_TENSOR_RECORD'],
    ['one offset', one('I32', '[2,2]', '[0]'), 'BAD_TENSOR_RECORD'],
    ['a field twice', one('I32', '[2,2]', '[0,16],"dtype":"I32"'), 'BAD_TENSOR_RECORD'],
    ['a field twice, once with an escape', one('I32', '[2,2]', '[0,16],"\\u0064type":"I32"'), 'BAD_TENSOR_RECORD'],
    ['no type', '{"t":{"shape":[2,2],"data_offsets":[0,16]}}', 'BAD_TENSOR_RECORD'],
    ['no shape', '{"t":{"dtype":"I32","data_offsets":[0,16]}}', 'BAD_TENSOR_RECORD'],
    ['no offsets', '{"t":{"dtype":"I32","shape":[2,2]}}', 'BAD_TENSOR_RECORD'],
    ['an array that is too long', '{"t":["I32",[1],[0,4],1]}', 'BAD_TENSOR_RECORD'],
    ['an array that is too short', '{"t":["I32",[1]]}', 'BAD_TENSOR_RECORD'],
    ['a number in its place', '{"t":1}', 'BAD_TENSOR_RECORD'],
    ['a size that is not that of its shape', one('I32', '[2,2]', '[0,4]'), 'BAD_TENSOR_RECORD'],
    ['a product that wraps', one('I32', '[9223372036854775808,4]', '[0,16]'), 'SIZE_OVERFLOW'],
    ['a product that wraps before a zero', one('I32', '[9223372036854775808,4,0]', '[0,0]'), 'SIZE_OVERFLOW'],
    ['a dimension that cannot be shown', one('I32', '[0,9223372036854775808]', '[0,0]'), 'BAD_DIMENSION'],
    ['more dimensions than anyone has', one('U8', `[${'1,'.repeat(64)}1]`, '[0,1]'), 'TOO_MANY_DIMENSIONS'],
    ['half a byte', one('F4', '[1]', '[0,1]'), 'MISALIGNED_SLICE'],
    ['a scalar of half a byte', one('F4', '[]', '[0,1]'), 'MISALIGNED_SLICE'],
    ['six bits', one('F6_E2M3', '[3]', '[0,3]'), 'MISALIGNED_SLICE'],
    ['a start that is not 0', one('I32', '[3]', '[4,16]'), 'BAD_OFFSET'],
    ['an end before the start', one('I32', '[0]', '[16,0]'), 'BAD_OFFSET'],
    ['offsets beyond 2^53', one('U8', '[1]', '[0,9007199254740993]'), 'BAD_OFFSET'],
    ['offsets that would be right when rounded', one('U8', '[16]', '[0,16.0]'), 'BAD_TENSOR_RECORD'],
  ])('refuses %s', async (_, header, code) => {
    expect(await verdict(header, 16)).toBe(code)
  })

  it.each([
    ['an empty tensor', one('I32', '[2,0]', '[0,0]'), 0],
    ['a scalar', one('I32', '[]', '[0,4]'), 4],
    ['a zero that saves what follows it', one('I32', '[0,4503599627370496,8192]', '[0,0]'), 0],
    ['half bytes that add up', one('F4', '[2]', '[0,1]'), 1],
    ['rows of half bytes', one('F4', '[3,2]', '[0,3]'), 3],
    ['six bits that add up', one('F6_E2M3', '[4]', '[0,3]'), 3],
    ['numbers of eight bytes', one('C64', '[2]', '[0,16]'), 16],
    ['an odd offset', `{"a":${record('U8', '[1]', '[0,1]')},"b":${record('F32', '[1]', '[1,5]')}}`, 5],
    [
      'an empty tensor between two',
      `{"a":${record('U8', '[1]', '[0,1]')},"e":${record('F32', '[0]', '[1,1]')},"b":${record('U8', '[1]', '[1,2]')}}`,
      2,
    ],
  ])('takes %s', async (_, header, data) => {
    expect(await verdict(header, data)).toBe('accepted')
  })
})

describe('the data', () => {
  const two = (first: string, second: string) =>
    `{"a":${record('U8', '[4]', first)},"b":${record('U8', '[4]', second)}}`
  it.each([
    ['the same bytes twice', two('[0,4]', '[0,4]')],
    ['a hole', two('[0,4]', '[5,9]')],
    ['an overlap', two('[0,4]', '[3,7]')],
    ['an empty tensor inside another', `{"a":${record('U8', '[4]', '[0,4]')},"e":${record('U8', '[0]', '[2,2]')}}`],
  ])('refuses %s', async (_, header) => {
    expect(await verdict(header, 9)).toBe('BAD_OFFSET')
  })

  it('is broken when it is short, and the check names the tensors', async () => {
    const { findings, tensors, isTruncated } = await readSafetensors(sourceOf(two('[0,4]', '[4,8]'), 7))
    expect(isTruncated).toBe(true)
    expect(tensors).toHaveLength(2)
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'data-truncated',
        outcome: 'broken',
        message: '1 bytes are missing at the end: 1 of 2 tensors are incomplete ("b").',
      }),
    )
    expect(await verdict(`{"t":${i32}}`, 15)).toBe('data-truncated')
  })
  it('is broken when something follows it', async () => {
    expect(await verdict(`{"t":${i32}}`, 17)).toBe('trailing-data')
    expect(await verdict('{}', 1)).toBe('trailing-data')
  })
})

describe('what is taken but told', () => {
  it('a name given twice: the last counts, whatever the first said', async () => {
    const twice = (first: string) => `{"t":${first},"a":${record('U8', '[1]', '[16,17]')},"t":${i32}}`
    for (const first of [i32, record('F32', '[2,2]', '[0,16]'), record('U8', '[1]', '[7,18446744073709551615]')]) {
      const file = await readSafetensors(sourceOf(twice(first), 17))
      expect(file.tensors.map(({ name, type }) => [name, type])).toEqual([
        ['t', 'I32'],
        ['a', 'U8'],
      ])
      expect(file.findings.map((check) => check.code)).toEqual(['duplicate-tensor', 'data-covered'])
    }
    expect(await verdict(`{"t":${record('U8', '[4]', '[0,4]')},"t":${record('U8', '[4]', '[4,8]')}}`, 8)).toBe(
      'BAD_OFFSET',
    )
    expect(await codes(`{"a":${i32},"\\u0061":${i32}}`, 16)).toContain('warning duplicate-tensor')
  })
  it('names without letters, with hidden characters, and odd records', async () => {
    expect(await codes(`{"":${i32}}`, 16)).toContain('warning empty-name')
    for (const name of ['a\\u202eb', 'a\\u0000', 'a\u200bb', 'a\x7f', '\\u009f'])
      expect(await codes(`{"${name}":${i32}}`, 16)).toContain('warning hidden-characters')
    expect(await codes('{"__metadata__":{"a\\u2066":"1"}}')).toContain('warning hidden-characters')
    expect(await codes('{"t":["I32",[1],[0,4]]}', 4)).toContain('warning record-as-array')
    expect(await codes(one('I32', '[2,2]', '[0,16],"x":1'), 16)).toContain('note extra-field')
    expect(await codes(` {"t":${i32}}`, 16)).toContain('warning space-before-header')
    expect(await codes(one('F8_E8M0', '[2]', '[0,2]'), 2)).toContain('note recent-type')
  })
  it('nothing, when all is well', async () => {
    expect(await codes(`{"t":${i32}}`, 16)).toEqual(['passed header-valid', 'passed data-covered'])
  })
})

it('gives offsets of the file, in the order of the data', async () => {
  const header = `{"b":${record('U8', '[2]', '[3,5]')},"a":${record('F6_E3M2', '[2,2]', '[0,3]')}}`
  const { tensors, dataOffset, dataBytes } = await readSafetensors(sourceOf(header, 5))
  expect(dataOffset).toBe(8 + header.length)
  expect(dataBytes).toBe(5)
  expect(tensors).toEqual([
    { name: 'a', type: 'F6_E3M2', shape: [2, 2], elements: 4, bytes: 3, offset: dataOffset, file: null },
    { name: 'b', type: 'U8', shape: [2], elements: 2, bytes: 2, offset: dataOffset + 3, file: null },
  ])
})

it('says where in the file a fault is, in bytes', async () => {
  await expect(readSafetensors(sourceOf('{"é":1}'))).rejects.toMatchObject({ offset: 8 + 6 })
})
