import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ModelFileFormat, ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { identify } from '../identify/identify.ts'
import type { Inspection } from '../modelFile.ts'
import { checkTargets } from './checkTargets.ts'

/** tar archives: NeMo's models, and whatever else. Only headers and NeMo's configuration are read. */
export const tarFormat: ModelFileFormat = {
  name: 'tar',
  recognizes: (head, sizeBytes) => identify(head, sizeBytes, null).kind === 'tar',
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

interface TarEntry {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  /** where its data begins */
  readonly offset: number
}

const mostEntries = 10_000
const block = 512

const inspect = async (source: ByteSource, options: ReadOptions = {}): Promise<Inspection> => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  const entries = await readEntries(source, options, structure)
  checkEntries(entries, safety)
  const config = entries.find(({ name }) => /(^|\/)model_config\.yaml$/.test(name))
  if (config !== undefined) checkTargets(await textOf(source, config), safety)
  if (safety.list.length === 0)
    safety.add('unknown', 'members-not-read', 'What lies in the archive was listed and not read.')
  if (structure.list.length === 0) structure.passed('tar', `${entries.length} entries, all inside the file.`)
  const summary = fileSummary({
    format: config === undefined ? 'tar' : 'NeMo',
    sizeBytes: source.sizeBytes,
    checks: [...structure.list, ...safety.list],
    reason:
      config === undefined
        ? 'This is an archive. Unpack it and look at what is in it.'
        : 'NeMo models run with NVIDIA NeMo, in Python.',
  })
  const names = entries.slice(0, 30).map(({ name }) => name.slice(0, 100))
  return {
    summary,
    facts: [
      factGroup('Contents', [
        ['Entries', entries.length, 'tar headers'],
        ['Names', names.join(', '), 'tar headers'],
      ]),
    ],
    metadata: [],
    tensors: [],
    templates: [],
  }
}

const readEntries = async (
  source: ByteSource,
  { signal }: ReadOptions,
  structure: Findings,
): Promise<readonly TarEntry[]> => {
  const entries: TarEntry[] = []
  for (let at = 0; at + block <= source.sizeBytes; ) {
    signal?.throwIfAborted()
    const header = toBuffer(await source.read(at, block))
    if (header.every((byte) => byte === 0)) break
    const size = sizeOf(header)
    if (size === null || !isChecksum(header)) {
      structure.add('broken', 'bad-tar-header', 'A header of the archive is damaged: what follows cannot be found.', at)
      break
    }
    if (entries.length >= mostEntries)
      throw new FormatError('TOO_MANY_ENTRIES', `The archive has more than ${mostEntries} entries.`)
    const entry = {
      name: nameOf(header),
      type: String.fromCharCode(header[156] ?? 0),
      sizeBytes: size,
      offset: at + block,
    }
    if (entry.offset + size > source.sizeBytes)
      structure.add(
        'broken',
        'tar-entry-outside',
        `"${entry.name.slice(0, 120)}" ends behind the end of the file: the archive is incomplete.`,
        at,
      )
    entries.push(entry)
    at = entry.offset + Math.ceil(size / block) * block
  }
  return entries
}

const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
const field = (header: Buffer, at: number, length: number) =>
  header.toString('utf8', at, at + length).replace(/\0[\s\S]*$/, '')
const nameOf = (header: Buffer) => {
  const prefix = field(header, 345, 155)
  return prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`
}

/** Octal digits, or a large number in base 256 with its first bit set. */
const sizeOf = (header: Buffer): number | null => {
  if (((header[124] ?? 0) & 0x80) !== 0) {
    const size = header.subarray(125, 136).reduce((sum, byte) => sum * 256 + byte, 0)
    return Number.isSafeInteger(size) ? size : null
  }
  const text = field(header, 124, 12).trim()
  return /^[0-7]{0,12}$/.test(text) ? Number.parseInt(text || '0', 8) : null
}

/** The sum of all bytes, the eight of the sum itself counted as spaces. */
const isChecksum = (header: Buffer): boolean => {
  const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  return Number.parseInt(field(header, 148, 8).trim(), 8) === sum
}

const checkEntries = (entries: readonly TarEntry[], safety: Findings): void => {
  for (const { name, type } of entries) {
    const shown = name.slice(0, 120)
    if (/^[/\\]|^[a-z]:/i.test(name) || name.split(/[/\\]/).includes('..'))
      safety.add(
        'dangerous',
        'archive-escapes',
        `The entry "${shown}" would be written outside of the folder it is unpacked into.`,
        { file: shown },
      )
    if (type === '1' || type === '2')
      safety.add(
        'dangerous',
        'archive-link',
        `The entry "${shown}" is a link: what is unpacked after it can land anywhere.`,
        { file: shown },
      )
    if (['3', '4', '6'].includes(type))
      safety.add('dangerous', 'archive-device', `The entry "${shown}" is a device.`, { file: shown })
    if (/\.(ckpt|pt|pth|pkl|pickle|bin)$/i.test(name) || /^(\.\/)?pickle$/.test(name))
      safety.add(
        'dangerous',
        'pickle-inside',
        `"${shown}" is a checkpoint that can run code when it is loaded. Berth did not look into it here.`,
        { file: shown, advice: 'Unpack it and let Berth look at the checkpoint itself.' },
      )
    if (/\.(py|pyc|so|dll|exe|sh)$/i.test(name))
      safety.add('dangerous', 'code-inside', `"${shown}" is code.`, { file: shown })
  }
}

const mostTextBytes = 1 << 20

const textOf = async (source: ByteSource, { offset, sizeBytes }: TarEntry): Promise<string> =>
  toBuffer(
    await source.read(offset, Math.max(0, Math.min(sizeBytes, mostTextBytes, source.sizeBytes - offset))),
  ).toString('utf8')
