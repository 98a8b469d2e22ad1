import { crc32, deflateRawSync } from 'node:zlib'

/** One member, every field of its two headers at the test's choice. */
export interface ZipMember {
  readonly name: string
  readonly data: Uint8Array
  readonly deflate?: boolean
  /** fields as they stand in the local header; what is left out is as in the directory */
  readonly local?: Partial<ZipFields>
  readonly central?: Partial<ZipFields>
  /** not in the directory */
  readonly hidden?: boolean
}

interface ZipFields {
  name: string
  flags: number
  method: number
  crc: number
  packed: number
  size: number
  offset: number
}

export interface ZipParts {
  readonly comment?: Uint8Array
  readonly before?: Uint8Array
  readonly behind?: Uint8Array
  /** entry count as the end record says */
  readonly count?: number
  /** as the Zip64 end record says; without it there is none */
  readonly zip64?: Partial<{ count: number; bytes: number; offset: number }>
}

const bytesOf = (write: (bytes: Buffer) => void, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  write(bytes)
  return bytes
}

const localHeader = (fields: ZipFields): Buffer => {
  const name = Buffer.from(fields.name)
  const head = bytesOf((bytes) => {
    bytes.writeUInt32LE(0x04034b50, 0)
    bytes.writeUInt16LE(20, 4)
    bytes.writeUInt16LE(fields.flags, 6)
    bytes.writeUInt16LE(fields.method, 8)
    bytes.writeUInt32LE(fields.crc, 14)
    bytes.writeUInt32LE(fields.packed, 18)
    bytes.writeUInt32LE(fields.size, 22)
    bytes.writeUInt16LE(name.length, 26)
  }, 30)
  return Buffer.concat([head, name])
}

const centralHeader = (fields: ZipFields): Buffer => {
  const name = Buffer.from(fields.name)
  const head = bytesOf((bytes) => {
    bytes.writeUInt32LE(0x02014b50, 0)
    bytes.writeUInt16LE(20, 4)
    bytes.writeUInt16LE(20, 6)
    bytes.writeUInt16LE(fields.flags, 8)
    bytes.writeUInt16LE(fields.method, 10)
    bytes.writeUInt32LE(fields.crc, 16)
    bytes.writeUInt32LE(fields.packed, 20)
    bytes.writeUInt32LE(fields.size, 24)
    bytes.writeUInt16LE(name.length, 28)
    bytes.writeUInt32LE(fields.offset, 42)
  }, 46)
  return Buffer.concat([head, name])
}

const zip64End = (offset: number, said: { count: number; bytes: number; offset: number }): Buffer =>
  bytesOf((bytes) => {
    bytes.writeUInt32LE(0x06064b50, 0)
    bytes.writeBigUInt64LE(44n, 4)
    bytes.writeBigUInt64LE(BigInt(said.count), 24)
    bytes.writeBigUInt64LE(BigInt(said.count), 32)
    bytes.writeBigUInt64LE(BigInt(said.bytes), 40)
    bytes.writeBigUInt64LE(BigInt(said.offset), 48)
    bytes.writeUInt32LE(0x07064b50, 56)
    bytes.writeBigUInt64LE(BigInt(offset), 64)
    bytes.writeUInt32LE(1, 72)
  }, 76)

/** An archive written by hand, so that it can say what no honest writer would. Offsets do not count `before`. */
export const zipOf = (members: readonly ZipMember[], parts: ZipParts = {}): Buffer => {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const data = member.deflate ? deflateRawSync(member.data) : Buffer.from(member.data)
    const method = member.deflate ? 8 : 0
    const crc = crc32(member.data)
    const fields = { name: member.name, flags: 0, method, crc, packed: data.length, size: member.data.length, offset }
    const local = localHeader({ ...fields, ...member.central, name: member.name, ...member.local })
    pieces.push(local, data)
    if (!member.hidden) directory.push(centralHeader({ ...fields, ...member.central }))
    offset += local.length + data.length
  }
  const table = Buffer.concat(directory)
  const end = bytesOf((bytes) => {
    bytes.writeUInt32LE(0x06054b50, 0)
    bytes.writeUInt16LE(parts.count ?? directory.length, 8)
    bytes.writeUInt16LE(parts.count ?? directory.length, 10)
    bytes.writeUInt32LE(table.length, 12)
    bytes.writeUInt32LE(offset, 16)
    bytes.writeUInt16LE(parts.comment?.length ?? 0, 20)
  }, 22)
  const said = { count: directory.length, bytes: table.length, offset, ...parts.zip64 }
  const zip64 = parts.zip64 === undefined ? [] : [zip64End(offset + table.length, said)]
  const all = [parts.before, ...pieces, table, ...zip64, end, parts.comment, parts.behind]
  return Buffer.concat(all.filter((piece) => piece !== undefined))
}
