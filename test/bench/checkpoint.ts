import { existsSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'

const TENSORS = 400
/** floats in each */
const WIDTH = 1_310_720

const int = (value: number): Buffer => {
  const bytes = Buffer.from([0x4a, 0, 0, 0, 0]) // BININT
  bytes.writeInt32LE(value, 1)
  return bytes
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  const head = Buffer.from([0x58, 0, 0, 0, 0]) // BINUNICODE
  head.writeUInt32LE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

/** A state dict as torch.save writes it, protocol 2: one tensor of floats for each storage. */
const stateDict = (): Buffer => {
  const tensor = (index: number): Buffer[] => [
    text(`layers.${index}.weight`),
    Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('),
    text('storage'),
    Buffer.from('ctorch\nFloatStorage\n'),
    text(String(index)),
    text('cpu'),
    int(WIDTH),
    Buffer.from('tQ'),
    int(0),
    int(WIDTH),
    Buffer.from([0x85]), // TUPLE1: the shape
    int(1),
    Buffer.from([0x85, 0x89]), // the stride, no gradient
    Buffer.from('ccollections\nOrderedDict\n)RtR'),
  ]
  const tensors = Array.from({ length: TENSORS }, (_, index) => tensor(index)).flat()
  return Buffer.concat([Buffer.from([0x80, 2, 0x7d, 0x28]), ...tensors, Buffer.from('u.')])
}

interface Member {
  readonly name: string
  /** null: a hole of the size of a storage */
  readonly data: Buffer | null
}

const sizeOf = ({ data }: Member): number => data?.length ?? WIDTH * 4

/** The fields that both headers share, from the version on. */
const fields = (member: Member): Buffer => {
  const bytes = Buffer.alloc(26)
  bytes.writeUInt16LE(20, 0)
  bytes.writeUInt32LE(sizeOf(member), 14)
  bytes.writeUInt32LE(sizeOf(member), 18)
  bytes.writeUInt16LE(Buffer.byteLength(member.name), 22)
  return bytes
}

const localHeader = (member: Member): Buffer =>
  Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields(member), Buffer.from(member.name)])

const centralHeader = (member: Member, offset: number): Buffer => {
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(offset, 10)
  const made = Buffer.from([20, 0])
  return Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), made, fields(member), rest, Buffer.from(member.name)])
}

/** A PyTorch checkpoint of 2 GB whose weights are holes: it takes next to no room on the disk. */
export async function sparseCheckpoint(path: string): Promise<string> {
  if (existsSync(path)) return path
  const members: Member[] = [
    { name: 'archive/data.pkl', data: stateDict() },
    { name: 'archive/byteorder', data: Buffer.from('little') },
    ...Array.from({ length: TENSORS }, (_, index) => ({ name: `archive/data/${index}`, data: null })),
    { name: 'archive/version', data: Buffer.from('3\n') },
  ]
  const file = await open(`${path}.part`, 'w')
  const directory: Buffer[] = []
  let offset = 0
  for (const member of members) {
    directory.push(centralHeader(member, offset))
    const head = localHeader(member)
    await file.write(head, 0, head.length, offset)
    if (member.data) await file.write(member.data, 0, member.data.length, offset + head.length)
    offset += head.length + sizeOf(member)
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  await file.write(Buffer.concat([central, end]), 0, central.length + end.length, offset)
  await file.close()
  await rename(`${path}.part`, path)
  return path
}
