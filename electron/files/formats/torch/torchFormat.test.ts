import { mkdtempSync, rmSync } from 'node:fs'
import { open, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource, openFileSource } from '../byteSource.ts'
import { bytes, dict, global, int, op, pickle, reduce, tensor, text, tuple } from '../pickle/testPickle.ts'
import { type ZipMember, type ZipParts, zipOf } from '../zip/testZip.ts'
import { torchFormat } from './torchFormat.ts'

const folder = mkdtempSync(join(tmpdir(), 'berth-torch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inspect = (data: Uint8Array) => torchFormat.inspect(bytesSource(data))
const codesOf = async (data: Uint8Array) =>
  (await inspect(data)).summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)

const system = pickle(reduce(global('os', 'system'), text('id')))
const good = pickle(dict({ w: tensor('0', 'FloatStorage', 6, [2, 3], [3, 1]) }))
const plain = (root: Buffer = good, data = 24): ZipMember[] => [
  { name: 'a/data.pkl', data: root },
  { name: 'a/byteorder', data: Buffer.from('little') },
  { name: 'a/data/0', data: Buffer.alloc(data) },
  { name: 'a/version', data: Buffer.from('3\n') },
]
const with1 = (...members: ZipMember[]) => [...plain(), ...members]

describe('a checkpoint', () => {
  it('is whole when nothing is wrong', async () => {
    const { summary, tensors } = await inspect(zipOf(plain()))
    expect(summary).toMatchObject({
      format: 'PyTorch checkpoint',
      tensorCount: 1,
      parameterCount: 6,
      dataBytes: 24,
      quantization: 'F32',
    })
    expect(summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'passed tensors-in-file',
      'passed zip-structure',
      'passed pickle-only-data',
    ])
    expect(tensors).toMatchObject([{ name: 'w', type: 'F32', shape: [2, 3], elements: 6, bytes: 24 }])
    expect(torchFormat.recognizes(zipOf(plain()), 1000)).toBe(true)
  })

  const tensorOf = (...args: Parameters<typeof tensor>) => plain(pickle(dict({ w: tensor(...args) })))
  const broken: readonly (readonly [string, ZipMember[], string])[] = [
    ['its data is missing', plain().filter(({ name }) => name !== 'a/data/0'), 'broken tensor-data-missing'],
    ['its data is too short', plain(good, 23), 'broken tensor-data-size'],
    ['its data is too long', plain(good, 25), 'broken tensor-data-size'],
    ['a tensor goes beyond its data', tensorOf('0', 'FloatStorage', 6, [2, 4], [4, 1]), 'broken bad-tensor'],
    ['a stride is negative', tensorOf('0', 'FloatStorage', 6, [2, 3], [-3, 1]), 'broken bad-tensor'],
    ['a size is negative', tensorOf('0', 'FloatStorage', 6, [-2, 3], [3, 1]), 'broken bad-tensor'],
    ['strides are missing', tensorOf('0', 'FloatStorage', 6, [2, 3], [3]), 'broken bad-tensor'],
    ['a size is beyond any memory', tensorOf('0', 'FloatStorage', 6, [2 ** 30, 2 ** 30], [0, 0]), 'broken bad-tensor'],
    ['there is no version', plain().filter(({ name }) => name !== 'a/version'), 'broken bad-version'],
    ['the version is 11', with1({ name: 'a/.data/version', data: Buffer.from('11') }), 'broken bad-version'],
    [
      'the byte order is odd',
      [...plain().filter(({ name }) => name !== 'a/byteorder'), { name: 'a/byteorder', data: Buffer.from('middle') }],
      'broken bad-byte-order',
    ],
    ['a member is outside', with1({ name: 'b/x', data: Buffer.from('x') }), 'broken member-outside-folder'],
    ['a member is new', with1({ name: 'a/readme.md', data: Buffer.from('x') }), 'note unexpected-member'],
    ['data is unused', with1({ name: 'a/data/7', data: Buffer.from('x') }), 'note unused-data'],
  ]
  it.each(broken)('%s', async (_, members, wanted) => {
    expect(await codesOf(zipOf(members))).toContain(wanted)
  })

  it('a stride of 0 takes no memory, whatever the size', async () => {
    const { summary, tensors } = await inspect(zipOf(tensorOf('0', 'FloatStorage', 6, [2 ** 20, 2 ** 20], [0, 0])))
    expect(tensors).toMatchObject([{ shape: [2 ** 20, 2 ** 20], elements: 2 ** 40, bytes: 2 ** 42 }])
    expect(summary).toMatchObject({ dataBytes: 24, parameterCount: 6 })
    expect(summary.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed'])
  })
})

describe('archives that show a scanner something else', () => {
  const evil = { name: 'a/data.pkl', data: system }
  const cases: readonly (readonly [string, ZipMember[], ZipParts?])[] = [
    ['CVE-2025-1889: a pickle with another name', with1({ name: 'a/config.p', data: system })],
    ['a pickle as data', with1({ name: 'a/data/1', data: system })],
    ['a pickle as data, deflated', with1({ name: 'a/data/1', data: system, deflate: true })],
    ['a text pickle as data', with1({ name: 'a/data/1', data: Buffer.from("cos\nsystem\n(S'id'\ntR.") })],
    ['CVE-2025-1944: two names', [{ ...evil, local: { name: 'a/data.txt' } }, ...plain().slice(1)]],
    ['CVE-2025-1945: flag 0x1', [{ ...evil, central: { flags: 1 } }, ...plain().slice(1)]],
    ['CVE-2025-1945: flag 0x20', [{ ...evil, central: { flags: 0x20 } }, ...plain().slice(1)]],
    ['CVE-2025-1945: flag 0x40', [{ ...evil, local: { flags: 0x40 } }, ...plain().slice(1)]],
    ['CVE-2025-10156: a wrong checksum', [{ ...evil, central: { crc: 7 } }, ...plain().slice(1)]],
    ['a second data.pkl', with1(evil)],
    ['a second data.pkl in capitals', with1({ ...evil, name: 'a/DATA.PKL' })],
    ['a hidden member', with1({ ...evil, name: 'a/x', hidden: true })],
    ['a second archive behind', plain(), { behind: zipOf([evil]) }],
    ['a second archive before', plain(), { before: zipOf([evil]) }],
    ['a second archive in the comment', plain(), { comment: zipOf([evil]) }],
    ['an archive in the archive', with1({ name: 'a/inner.zip', data: zipOf([evil]), deflate: true })],
    ['a debug pickle', with1({ name: 'a/code/x.py.debug_pkl', data: system, deflate: true })],
    ['TorchScript constants', with1({ name: 'a/constants.pkl', data: system })],
    [
      'a wrong opcode after the payload',
      [{ ...evil, data: Buffer.concat([system.subarray(0, -1), Buffer.from([0xff])]) }, ...plain().slice(1)],
    ],
  ]
  it.each(cases.map(([name, members, parts]) => ({ name, members, parts })))('$name', async ({ members, parts }) => {
    const { summary } = await inspect(zipOf(members, parts))
    expect(summary.checks.map(({ outcome }) => outcome)).toContain('dangerous')
    expect(summary.checks.map(({ code }) => code)).not.toContain('pickle-only-data')
    expect(summary.loadable).toBe(false)
  })

  it('a pickle that is a zip archive too', async () => {
    expect(await codesOf(Buffer.concat([good, zipOf(plain())]))).toContain('dangerous pickle-and-zip')
    expect(await codesOf(Buffer.concat([good, zipOf(plain(system))]))).toContain('dangerous pickle-dangerous-import')
  })

  it('archives in archives end 5 deep, and members that share bytes end too', async () => {
    let inner = zipOf(plain(system))
    for (let depth = 0; depth < 6; depth++) inner = zipOf(with1({ name: `a/${depth}.zip`, data: inner }))
    const codes = await codesOf(inner)
    expect(codes).toContain('unknown member-not-read')
    const shared = zipOf([
      ...plain(),
      {
        name: 'a/inner.zip',
        data: zipOf(Array.from({ length: 3000 }, (_, index) => ({ name: `${index}`, data: Buffer.alloc(1) }))),
      },
      ...Array.from({ length: 300 }, (_, index): ZipMember => ({ name: `a/${index}.zip`, data: Buffer.alloc(0) })),
    ])
    const start = cpuMs()
    await inspect(shared)
    expect(cpuMs() - start).toBeLessThan(2000)
  })

  it('other packings are never passed over in silence', async () => {
    for (const start of [
      '377abcaf271c0004',
      '526172211a0701',
      '28b52ffd04',
      'fd377a585a00',
      '425a683931',
      '04224d1864',
      '5d00008000',
    ]) {
      const { summary } = await inspect(Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(64, 1)]))
      expect(summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)).toContain('unknown cannot-unpack')
    }
  })
})

describe('joblib', () => {
  const wrapper = (shape: number, descr: string, padding: number | null) =>
    Buffer.concat([
      global('joblib.numpy_pickle', 'NumpyArrayWrapper'),
      op('EMPTY_TUPLE'),
      op('NEWOBJ'),
      dict({
        subclass: global('numpy', 'ndarray'),
        shape: tuple(int(shape)),
        order: text('C'),
        dtype: reduce(global('numpy', 'dtype'), text(descr), op('NEWFALSE'), op('NEWTRUE')),
        allow_mmap: op('NEWTRUE'),
        ...(padding === null ? {} : { numpy_array_alignment_bytes: int(16) }),
      }),
      op('BUILD'),
      ...(padding === null ? [] : [Buffer.from([padding]), Buffer.alloc(padding, 0xff)]),
    ])
  const array = (descr: string, size: number, padding: number | null) =>
    Buffer.concat([wrapper(4, descr, padding), Buffer.alloc(4 * size, 0x80)])
  const file = (...parts: Buffer[]) =>
    pickle(dict({ coef: array('<f8', 8, 5), names: array('<U3', 12, null) }), op('POP'), ...parts)

  it('arrays in the stream are stepped over, packed or not', async () => {
    const data = pickle(dict({ coef: array('<f8', 8, 5), names: array('<U3', 12, null) }))
    for (const packed of [data, gzipSync(data), deflateSync(data)]) {
      const { summary, tensors } = await inspect(packed)
      expect(summary.format).toBe('joblib')
      expect(tensors).toMatchObject([
        { name: 'coef', shape: [4], type: 'F64' },
        { name: 'names', shape: [4], type: 'U3', bytes: 48 },
      ])
      const outcomes = summary.checks.map(({ outcome }) => outcome)
      expect(outcomes).toContain('unknown')
      expect(outcomes).not.toContain('broken')
      expect(outcomes).not.toContain('dangerous')
    }
  })

  it('and what stands behind them is found', async () => {
    const payload = reduce(global('os', 'system'), text('id'))
    for (const packed of [file(payload), gzipSync(file(payload)), deflateSync(file(payload))])
      expect(await codesOf(packed)).toContain('dangerous pickle-dangerous-import')
    const objects = pickle(dict({ a: Buffer.concat([wrapper(1, 'O', null), system]) }))
    expect(await codesOf(objects)).toContain('dangerous pickle-dangerous-import')
    expect(await codesOf(pickle(wrapper(4, 'Q7x', null), op('NONE')))).toContain('unknown pickle-not-read-in-full')
  })

  it('something else that is packed is named and not called whole', async () => {
    const { summary } = await inspect(gzipSync(Buffer.from('%PDF-1.7 and so on')))
    expect(summary).toMatchObject({ format: 'Packed file', role: 'unknown' })
    const [check] = summary.checks
    expect(check).toMatchObject({ outcome: 'unknown', code: 'packed-file' })
    expect(check?.message).toContain('a PDF document')
    expect(await codesOf(Buffer.from('fd377a585a000004', 'hex'))).toContain('unknown cannot-unpack')
  })

  it('a bomb is unpacked only in part, and says so', async () => {
    expect(await codesOf(gzipSync(pickle(bytes(Buffer.alloc(100 << 20)))))).toContain('unknown not-unpacked-in-full')
  })
})

describe('files before 1.6', () => {
  const number = op('LONG1', Buffer.from([10]), Buffer.from('6cfc9c46f9206aa85019', 'hex'))
  const parts = (keys: readonly string[]) => [
    pickle(number),
    pickle(int(1001)),
    pickle(dict({ protocol_version: int(1001), little_endian: op('NEWTRUE') })),
    good,
    pickle(op('EMPTY_LIST'), ...keys.flatMap((key) => [text(key), op('APPEND')])),
  ]
  const count = (value: bigint) => {
    const data = Buffer.alloc(8)
    data.writeBigInt64LE(value)
    return data
  }
  const file = (...behind: Buffer[]) => Buffer.concat([...parts(['0']), count(6n), Buffer.alloc(24, 1), ...behind])

  it('are read to their last byte', async () => {
    const { summary, tensors } = await inspect(file())
    expect(summary).toMatchObject({ formatVersion: 'before 1.6', dataBytes: 24, tensorCount: 1 })
    expect(summary.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
    expect(tensors[0]?.offset).toBe(Buffer.concat(parts(['0'])).length + 8)
  })

  it('cut, with another size, or with bytes behind', async () => {
    expect(await codesOf(file().subarray(0, -1))).toContain('broken data-truncated')
    expect(await codesOf(Buffer.concat(parts(['0'])))).toContain('broken data-truncated')
    expect(await codesOf(Buffer.concat(parts(['0']).slice(0, 3)))).toContain('broken legacy-incomplete')
    const wrong = Buffer.concat([...parts(['0']), count(5n), Buffer.alloc(20, 1)])
    expect(await codesOf(wrong)).toContain('broken tensor-data-size')
    expect(await codesOf(Buffer.concat([...parts(['0']), count(-1n), Buffer.alloc(24, 1)]))).toContain(
      'broken data-truncated',
    )
    expect(await codesOf(file(Buffer.alloc(9)))).toContain('note data-behind')
  })

  it('with a payload behind the fifth pickle, or another stream behind the magic number', async () => {
    expect(await codesOf(Buffer.concat([...parts(['0']), system]))).toContain('dangerous pickle-dangerous-import')
    expect(await codesOf(Buffer.concat([pickle(number), system]))).toContain('dangerous pickle-dangerous-import')
    expect(await codesOf(file(system))).toContain('dangerous pickle-dangerous-import')
  })
})

describe('size', () => {
  it('of a checkpoint of 2 GB only the pickle and the tables are read', async () => {
    const storages = 400
    const each = 5 << 20
    const root = pickle(
      dict(
        Object.fromEntries(
          Array.from({ length: storages }, (_, index) => [
            `layers.${index}.weight`,
            tensor(`${index}`, 'FloatStorage', each / 4, [each / 4], [1]),
          ]),
        ),
      ),
    )
    const path = join(folder, 'large.pt')
    const blank = Buffer.alloc(0)
    // headers as they would stand around 5 MiB of data each, written at their places in a sparse file
    const sized = (index: number): ZipMember => ({
      name: `a/data/${index}`,
      data: blank,
      central: { packed: each, size: each, offset: offsetOf(index) },
    })
    const first = zipOf(plain(root).filter(({ name }) => name !== 'a/data/0'))
    const start = first.length
    const header = (index: number) => 30 + `a/data/${index}`.length
    const offsets: number[] = []
    for (let index = 0, at = start; index < storages; index++) {
      offsets.push(at)
      at += header(index) + each
    }
    const offsetOf = (index: number) => offsets[index] ?? 0
    const all = zipOf([
      ...plain(root).filter(({ name }) => name !== 'a/data/0'),
      ...Array.from({ length: storages }, (_, index) => sized(index)),
    ])
    const end = (offsets.at(-1) ?? 0) + header(storages - 1) + each
    const directoryAt = all.readUInt32LE(all.length - 6)
    const tail = Buffer.from(all.subarray(directoryAt))
    tail.writeUInt32LE(end, tail.length - 6)
    await writeFile(path, first)
    await truncate(path, end)
    const handle = await open(path, 'r+')
    for (let index = 0; index < storages; index++) {
      const local = zipOf([{ ...sized(index), central: { packed: each, size: each } }]).subarray(0, header(index))
      await handle.write(local, 0, local.length, offsetOf(index))
    }
    await handle.write(tail, 0, tail.length, end)
    await handle.close()

    const source = await openFileSource(path)
    let read = 0
    const counted = {
      sizeBytes: source.sizeBytes,
      read: (offset: number, length: number) => {
        read += length
        return source.read(offset, length)
      },
    }
    expect(source.sizeBytes).toBeGreaterThan(2e9)
    await torchFormat.inspect(counted) // the first run compiles
    read = 0
    const began = cpuMs()
    const { summary } = await torchFormat.inspect(counted)
    const elapsedMs = cpuMs() - began
    await source.close()
    expect(summary.checks.filter(({ outcome }) => outcome !== 'passed').map(({ code }) => code)).toEqual([])
    expect(summary.tensorCount).toBe(storages)
    expect(read).toBeLessThan(4 << 20)
    expect(elapsedMs).toBeLessThan(1000)
  })
})
