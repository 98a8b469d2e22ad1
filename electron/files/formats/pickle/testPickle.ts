import { opcodeBytes } from './opcodes.ts'

/** A small assembler of pickles for tests: every opcode at any place, so also what no pickler writes. */

const byte = (name: string): number => {
  const found = opcodeBytes.get(name)
  if (found === undefined) throw new Error(`no opcode ${name}`)
  return found
}

/** One opcode with its argument's bytes as they are. */
export const op = (name: string, ...argument: (Uint8Array | string)[]): Buffer =>
  Buffer.concat([
    Buffer.from([byte(name)]),
    ...argument.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
  ])

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

export const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}

export const text = (value: string): Buffer => op('BINUNICODE', u32(Buffer.byteLength(value)), value)
export const shortText = (value: string): Buffer =>
  op('SHORT_BINUNICODE', Buffer.from([Buffer.byteLength(value)]), value)
export const bytes = (value: Uint8Array): Buffer => op('BINBYTES', u32(value.length), value)
export const int = (value: number): Buffer => op('BININT', u32(value))
export const global = (module: string, name: string): Buffer => op('GLOBAL', `${module}\n${name}\n`)
export const stackGlobal = (module: string, name: string): Buffer =>
  Buffer.concat([shortText(module), shortText(name), op('STACK_GLOBAL')])
export const proto = (version: number): Buffer => op('PROTO', Buffer.from([version]))
export const tuple = (...items: Buffer[]): Buffer => Buffer.concat([op('MARK'), ...items, op('TUPLE')])
export const stop = op('STOP')

/** callable(*args) by REDUCE */
export const reduce = (callable: Buffer, ...args: Buffer[]): Buffer =>
  Buffer.concat([callable, tuple(...args), op('REDUCE')])

/** A whole pickle of protocol 2. */
export const pickle = (...parts: Buffer[]): Buffer => Buffer.concat([proto(2), ...parts, stop])

/** What a one-tensor state dict of PyTorch looks like. */
export const tensor = (
  key: string,
  type: string,
  numel: number,
  shape: readonly number[],
  strides: readonly number[],
): Buffer =>
  reduce(
    global('torch._utils', '_rebuild_tensor_v2'),
    Buffer.concat([tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(numel)), op('BINPERSID')]),
    int(0),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    op('NEWFALSE'),
    reduce(global('collections', 'OrderedDict')),
  )

export const dict = (entries: Readonly<Record<string, Buffer>>): Buffer =>
  Buffer.concat([
    op('EMPTY_DICT'),
    op('MARK'),
    ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]),
    op('SETITEMS'),
  ])
