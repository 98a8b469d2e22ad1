import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { ggmlTypes } from './ggmlTypes.ts'
import { encodeGgufHeader, type GgufWriteEntry } from './ggufWriter.ts'
import { readGguf } from './readGguf.ts'

const readBack = ({ bytes, dataBytes }: { bytes: Uint8Array; dataBytes: number }) =>
  readGguf(bytesSource(Buffer.concat([bytes, Buffer.alloc(dataBytes)])))

describe('encodeGgufHeader', () => {
  it('writes every value so that it reads back the same', async () => {
    const metadata: GgufWriteEntry[] = [
      { key: 'u8', type: 'uint8', value: 255 },
      { key: 'i8', type: 'int8', value: -128 },
      { key: 'u16', type: 'uint16', value: 65_535 },
      { key: 'i16', type: 'int16', value: -32_768 },
      { key: 'u32', type: 'uint32', value: 4_294_967_295 },
      { key: 'i32', type: 'int32', value: -1 },
      { key: 'f32', type: 'float32', value: 0.25 },
      { key: 'bool', type: 'bool', value: true },
      { key: 'string', type: 'string', value: 'Ä 🚢' },
      { key: 'u64', type: 'uint64', value: 2n ** 63n },
      { key: 'i64', type: 'int64', value: -5 },
      { key: 'f64', type: 'float64', value: 1e-300 },
    ]
    const file = await readBack(encodeGgufHeader({ metadata, tensors: [] }))
    expect([...file.metadata.values()].map(({ key, type, value }) => ({ key, type, value }))).toEqual(metadata)
  })

  it('writes arrays, longer than its first buffer too', async () => {
    const tokens = Array.from({ length: 20_000 }, (_, index) => `tökén ${index}`)
    const scores = Float32Array.from(tokens, (_, index) => -index)
    const file = await readBack(
      encodeGgufHeader({
        metadata: [
          { key: 'tokens', type: 'array', elementType: 'string', value: tokens },
          { key: 'scores', type: 'array', elementType: 'float32', value: scores },
          { key: 'flags', type: 'array', elementType: 'bool', value: [true, false] },
        ],
        tensors: [],
      }),
    )
    const list = file.metadata.get('tokens')?.value
    expect(typeof list === 'object' && list.elementType === 'string' ? [...(list.values ?? [])] : null).toEqual(tokens)
    expect(file.metadata.get('scores')?.value).toMatchObject({ values: scores })
    expect(file.metadata.get('flags')?.value).toMatchObject({ values: new Uint8Array([1, 0]) })
  })

  it('places tensors of every type that has a size', async () => {
    const tensors = [...ggmlTypes.values()]
      .filter((type) => type.blockSize > 0)
      .map((type) => ({ name: `t${type.id}`, dimensions: [type.blockSize * 4, 3], type: type.name }))
    const header = encodeGgufHeader({ metadata: [], tensors })
    const file = await readBack(header)
    expect(file.tensors.map(({ name, offset, sizeBytes }) => ({ name, offset, sizeBytes }))).toEqual(
      header.tensors.map(({ name, offset, sizeBytes }) => ({ name, offset, sizeBytes })),
    )
    expect(file.dataOffset).toBe(header.bytes.length)
  })

  it('keeps another alignment', async () => {
    const header = encodeGgufHeader({
      metadata: [{ key: 'general.alignment', type: 'uint32', value: 256 }],
      tensors: [1, 2].map((n) => ({ name: `t${n}`, dimensions: [3], type: 'F32' })),
      alignment: 256,
    })
    expect(header.tensors.map((tensor) => tensor.offset)).toEqual([0, 256])
    expect(header).toMatchObject({ dataBytes: 512 })
    expect(header.bytes.length % 256).toBe(0)
    expect((await readBack(header)).alignment).toBe(256)
  })

  it('refuses rows that are no whole blocks and types that nobody has', () => {
    const write = (type: string, length: number) => () =>
      encodeGgufHeader({ metadata: [], tensors: [{ name: 't', dimensions: [length], type }] })
    expect(write('Q4_0', 33)).toThrow('whole number')
    expect(write('Q9_9', 32)).toThrow('no tensor type')
    expect(write('Q4_2', 32)).toThrow('no tensor type')
  })
})
