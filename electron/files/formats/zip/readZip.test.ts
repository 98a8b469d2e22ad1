import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { openZip } from './readZip.ts'
import { type ZipParts, zipOf } from './testZip.ts'

const text = (value: string) => Buffer.from(value)
const open = (bytes: Uint8Array) => openZip(bytesSource(bytes))
type Members = Parameters<typeof zipOf>[0]

const codesOf = async (members: Members, parts?: ZipParts) =>
  (await open(zipOf(members, parts))).checks.map((check) => `${check.outcome} ${check.code}`)

const plain: Members = [
  { name: 'a/data.pkl', data: text('one') },
  { name: 'a/version', data: text('3\n'.repeat(50)), deflate: true },
]

describe('an archive', () => {
  it('gives its members, stored and deflated', async () => {
    const archive = await open(zipOf(plain))
    const [first, second] = archive.entries
    if (first === undefined || second === undefined) throw new Error('no entries')
    expect(Buffer.from(await archive.read(first, 100)).toString()).toBe('one')
    expect(Buffer.from(await archive.head(second, 4)).toString()).toBe('3\n3\n')
    expect(Buffer.from(await archive.read(second, 100))).toHaveLength(100)
    const inside = await archive.source(first)
    expect(Buffer.from(await inside.read(1, 2)).toString()).toBe('ne')
    await expect(inside.read(2, 2)).rejects.toMatchObject({ code: 'OUT_OF_FILE' })
    expect((await (await archive.source(second)).read(98, 2)).length).toBe(2)
    expect(archive.checks).toMatchObject([{ outcome: 'passed', code: 'zip-structure' }])
    await expect(archive.read(second, 99)).rejects.toMatchObject({ code: 'TOO_MUCH_WORK' })
  })

  it('stored in an archive does not count as a second end', async () => {
    const inner = zipOf(plain)
    expect(await codesOf([{ name: 'inner.zip', data: inner }])).toEqual(['passed zip-structure'])
  })

  it('may be empty, and may not be cut', async () => {
    expect((await open(zipOf([]))).entries).toEqual([])
    const bytes = zipOf(plain)
    await expect(open(bytes.subarray(0, bytes.length - 30))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    await expect(open(Buffer.from('PK\x03\x04'))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it('with blank local headers or Zip64 end records is normal', async () => {
    const blank = { flags: 0x808, crc: 0, packed: 0, size: 0 }
    const members = plain.map((member) => ({ ...member, central: { flags: 0x808 }, local: blank }))
    expect(await codesOf(members, { zip64: {} })).toEqual(['passed zip-structure'])
  })
})

describe('tricks that show two programs two archives', () => {
  const bad = { name: 'a/data.pkl', data: text('evil') }
  const cases: readonly [string, Members, ZipParts | undefined, string][] = [
    ['another local name', [{ ...bad, local: { name: 'a/data.txt' } }], undefined, 'dangerous zip-headers-disagree'],
    ['another local size', [{ ...bad, local: { size: 3, packed: 3 } }], undefined, 'dangerous zip-headers-disagree'],
    ['another method', [{ ...bad, local: { method: 8 } }], undefined, 'dangerous zip-headers-disagree'],
    [
      'encrypted in one header',
      [{ ...bad, central: { flags: 1 }, local: { flags: 0 } }],
      undefined,
      'dangerous zip-headers-disagree',
    ],
    ['flag 0x1', [{ ...bad, central: { flags: 1 } }], undefined, 'unknown zip-entry-encrypted'],
    ['flag 0x20', [{ ...bad, central: { flags: 0x20 } }], undefined, 'unknown zip-entry-encrypted'],
    ['flag 0x40', [{ ...bad, central: { flags: 0x40 } }], undefined, 'unknown zip-entry-encrypted'],
    ['two checksums', [{ ...bad, local: { crc: 7 } }], undefined, 'warning zip-checksums-disagree'],
    ['a name twice', [...plain, bad], undefined, 'dangerous zip-duplicate-name'],
    [
      'a name in capitals',
      [...plain, { ...bad, name: 'A/DATA.PKL' }],
      undefined,
      'warning zip-same-name-in-other-case',
    ],
    ['a parent folder', [{ ...bad, name: '../../x' }], undefined, 'dangerous zip-name-escapes'],
    ['a parent folder, Windows', [{ ...bad, name: '..\\x' }], undefined, 'dangerous zip-name-escapes'],
    ['an absolute path', [{ ...bad, name: '/etc/x' }], undefined, 'dangerous zip-name-escapes'],
    ['a drive', [{ ...bad, name: 'C:/x' }], undefined, 'dangerous zip-name-escapes'],
    ['a backslash', [{ ...bad, name: 'a\\x' }], undefined, 'warning zip-name-with-backslash'],
    ['a NUL', [{ ...bad, name: 'a/data.pkl\0.txt' }], undefined, 'dangerous zip-name-with-nul'],
    [
      'overlapping members',
      [...plain, { ...bad, name: 'b', central: { offset: 0 }, local: { offset: 0 } }],
      undefined,
      'dangerous zip-entries-overlap',
    ],
    [
      'a member that runs into the directory',
      [{ ...bad, central: { packed: 9, size: 9 } }],
      undefined,
      'dangerous zip-entries-overlap',
    ],
    [
      'a hidden member',
      [...plain, { name: 'a/evil.pkl', data: text('x'.repeat(30)), hidden: true }],
      undefined,
      'dangerous zip-hidden-entry',
    ],
    ['bytes before', plain, { before: Buffer.alloc(50, 1) }, 'warning zip-data-before'],
    ['bytes behind', plain, { behind: Buffer.alloc(50, 1) }, 'note zip-data-behind'],
    ['an archive before', plain, { before: zipOf([bad]) }, 'dangerous zip-several-ends'],
    ['an archive in the comment', plain, { comment: zipOf([bad]) }, 'dangerous zip-several-ends'],
    ['an archive behind', plain, { behind: zipOf([bad]) }, 'dangerous zip-several-ends'],
    ['a wrong count', plain, { count: 1 }, 'dangerous zip-count-wrong'],
    ['Zip64 with another count', plain, { zip64: { count: 1 } }, 'dangerous zip64-disagrees'],
    ['Zip64 with another place', plain, { zip64: { offset: 4 } }, 'dangerous zip64-disagrees'],
    ['an unknown method', [{ ...bad, central: { method: 12 } }], undefined, 'unknown zip-unknown-method'],
    ['stored with two sizes', [{ ...bad, central: { size: 9 } }], undefined, 'dangerous zip-stored-size-wrong'],
    ['no local header', [{ ...bad, central: { offset: 3 } }], undefined, 'broken zip-no-local-header'],
  ]
  it.each(cases)('%s', async (_, members, parts, wanted) => {
    expect(await codesOf(members, parts)).toContain(wanted)
  })

  it('both readings are offered', async () => {
    const renamed = await open(zipOf([{ ...bad, local: { name: 'b', size: 2, packed: 2 } }]))
    expect(renamed.entries).toMatchObject([{ name: 'a/data.pkl', sizeBytes: 4 }])
    expect(renamed.others).toMatchObject([{ name: 'b', sizeBytes: 2, seenIn: 'local-header' }])
    const second = await open(zipOf(plain, { behind: zipOf([bad]) }))
    const names = [...second.entries, ...second.others].map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['a/data.pkl', 'a/version']))
    const contents = await Promise.all(
      [...second.entries, ...second.others].map(async (entry) => Buffer.from(await second.head(entry, 10)).toString()),
    )
    expect(contents).toEqual(expect.arrayContaining(['one', 'evil']))
    const hidden = await open(zipOf([...plain, { name: 'h', data: text('x'.repeat(30)), hidden: true }]))
    expect(hidden.others).toMatchObject([{ name: 'h', sizeBytes: 30 }])
  })
})

describe('damage and bombs', () => {
  it('a wrong checksum is told and does not stop the reading', async () => {
    const archive = await open(zipOf([{ name: 'a', data: text('one'), central: { crc: 1 }, local: { crc: 1 } }]))
    const [entry] = archive.entries
    if (entry === undefined) throw new Error('no entry')
    expect(Buffer.from(await archive.read(entry, 10)).toString()).toBe('one')
    expect(archive.checks.map(({ code }) => code)).toContain('zip-checksum-wrong')
  })

  it('a member that unpacks to more than it says stops at the limit', async () => {
    const bomb = zipOf([{ name: 'bomb', data: Buffer.alloc(200 << 20), deflate: true }])
    let packedRead = 0
    const source = bytesSource(bomb)
    const archive = await openZip({
      sizeBytes: bomb.length,
      read: (offset, length) => {
        packedRead += length
        return source.read(offset, length)
      },
    })
    packedRead = 0
    expect(archive.checks.map(({ code }) => code)).toContain('zip-bomb')
    const [entry] = archive.entries
    if (entry === undefined) throw new Error('no entry')
    await expect(archive.read(entry, 1 << 20)).rejects.toMatchObject({ code: 'TOO_MUCH_WORK' })
    await expect(archive.source(entry)).rejects.toMatchObject({ code: 'TOO_MUCH_WORK' })
    expect(packedRead).toBeLessThan(1.5 * bomb.length) // for both: neither went on unpacking to the end
    const small = await open(zipOf([{ name: 'a', data: Buffer.alloc(500_000), deflate: true, central: { size: 10 } }]))
    const [lying] = small.entries
    if (lying === undefined) throw new Error('no entry')
    await small.read(lying, 1e6)
    expect(small.checks.map(({ code }) => code)).toContain('zip-size-wrong')
  })

  it('damaged deflate data is an error by name', async () => {
    const bytes = zipOf([{ name: 'a', data: Buffer.from('x'.repeat(90)), central: { method: 8 } }])
    const archive = await open(bytes)
    const [entry] = archive.entries
    if (entry === undefined) throw new Error('no entry')
    await expect(archive.read(entry, 1000)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it('10,000 entries are read and 10,001 are too many', async () => {
    const members = Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}`, data: Buffer.alloc(0) }))
    expect((await open(zipOf(members.slice(1)))).entries).toHaveLength(10_000)
    await expect(open(zipOf(members))).rejects.toMatchObject({ code: 'TOO_MANY_ENTRIES' })
  })
})
