import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { startsLikePickle } from '../pickle/looksLikePickle.ts'
import { createBudget } from '../pickle/machine.ts'
import { worstLevel } from '../pickle/pickleReport.ts'
import { shownText } from '../pickle/pickleValue.ts'
import { type PickleScan, scanPickle } from '../pickle/scanPickle.ts'
import { windowOf } from '../zip/zipContent.ts'
import type { TorchContent } from './torchContent.ts'

interface TarEntry {
  readonly name: string
  /** '0' file, '5' folder, '1' and '2' links, '3', '4' and '6' devices */
  readonly type: string
  readonly offset: number
  readonly sizeBytes: number
}

const blockBytes = 512
const mostEntries = 10_000

export const startsLikeTar = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar'

/** PyTorch 0.1.9 and before: a tar with `sys_info`, `pickle`, `storages` and `tensors`. Any other tar is listed too. */
export const readTar = async (source: ByteSource, options: ReadOptions): Promise<TorchContent> => {
  const safety = createFindings('safety')
  const entries = await entriesOf(source, options)
  const budget = createBudget()
  const scans: PickleScan[] = []
  for (const entry of entries) {
    checkEntry(entry, safety)
    const inside = windowOf(source, entry.offset, entry.sizeBytes)
    if (!startsLikePickle(await inside.read(0, Math.min(200, inside.sizeBytes)))) continue
    // `storages` and `tensors` are a count, then records of pickles and raw numbers
    const scan = await scanPickle(inside, { ...options, file: entry.name, budget })
    scans.push(scan)
  }
  const isTorch = ['pickle', 'storages', 'tensors'].every((name) => entries.some((entry) => entry.name === name))
  if (isTorch)
    safety.add(
      'unknown',
      'tar-not-listed',
      'This is a checkpoint from before 2017: its tensors are not listed, and PyTorch runs its pickles when it is loaded.',
    )
  return {
    format: isTorch ? 'PyTorch checkpoint' : 'tar archive',
    formatVersion: isTorch ? 'tar' : null,
    tensors: [],
    dataBytes: 0,
    parameterCount: null,
    root: null,
    imports: scans.flatMap(({ globals }) => globals),
    level: worstLevel(scans.map(({ level }) => level)),
    checks: [...safety.list, ...scans.flatMap(({ checks }) => checks)],
    metadata: entries
      .slice(0, 1000)
      .map(({ name, sizeBytes }) => ({ key: shownText(name), type: 'file', value: `${sizeBytes} bytes` })),
  }
}

const entriesOf = async (source: ByteSource, { signal }: ReadOptions): Promise<TarEntry[]> => {
  const entries: TarEntry[] = []
  for (let at = 0; at + blockBytes <= source.sizeBytes; ) {
    signal?.throwIfAborted()
    const block = Buffer.from(await source.read(at, blockBytes))
    if (block.every((byte) => byte === 0)) break
    const sizeBytes = sizeOf(block)
    const offset = at + blockBytes
    if (block.toString('latin1', 257, 262) !== 'ustar' || sizeBytes === null || offset + sizeBytes > source.sizeBytes)
      throw new FormatError('BAD_ARCHIVE', 'The tar archive is damaged or incomplete.', { offset: at })
    if (entries.length >= mostEntries)
      throw new FormatError('TOO_MANY_ENTRIES', `There are more than ${mostEntries} files in this archive.`)
    const name = [textAt(block, 345, 155), textAt(block, 0, 100)].filter((part) => part !== '').join('/')
    entries.push({ name, type: textAt(block, 156, 1), offset, sizeBytes })
    at = offset + Math.ceil(sizeBytes / blockBytes) * blockBytes
  }
  return entries
}

const textAt = (block: Buffer, at: number, length: number): string => {
  const text = block.toString('utf8', at, at + length)
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/** Octal text, or base 256 when the first bit is set. */
const sizeOf = (block: Buffer): number | null => {
  if (((block[124] ?? 0) & 0x80) !== 0) {
    const size = Number(block.readBigUInt64BE(128))
    return Number.isSafeInteger(size) ? size : null
  }
  const text = textAt(block, 124, 12).trim()
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : text === '' ? 0 : null
}

const checkEntry = ({ name, type }: TarEntry, safety: ReturnType<typeof createFindings>): void => {
  const shown = shownText(name)
  if (name.split(/[/\\]/).includes('..') || /^([/\\]|[A-Za-z]:)/.test(name))
    safety.add(
      'dangerous',
      'tar-name-escapes',
      `The entry "${shown}" would be unpacked outside the folder that was chosen.`,
      { file: name },
    )
  if (type === '1' || type === '2')
    safety.add('dangerous', 'tar-link', `The entry "${shown}" is a link.`, { file: name })
  if (type === '3' || type === '4' || type === '6')
    safety.add('dangerous', 'tar-device', `The entry "${shown}" is a device.`, { file: name })
}
