import { type ByteSource, bytesSource } from '../byteSource.ts'
import { diagnose } from '../diagnose.ts'
import { createFindings } from '../findings.ts'
import { headBytes, type InspectOptions, type ModelFileFormat } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { identify } from '../identify/identify.ts'
import type { Inspection } from '../modelFile.ts'
import { startsLikePickle } from '../pickle/looksLikePickle.ts'
import { scanMembers } from '../pickle/scanMembers.ts'
import { openZip, startsLikeZip } from '../zip/readZip.ts'
import { inspectTorch } from './inspectTorch.ts'
import { readPlainPickle } from './readPlainPickle.ts'
import { readTorchLegacy, startsLikeLegacy } from './readTorchLegacy.ts'
import { readTorchZip } from './readTorchZip.ts'
import type { TorchContent } from './torchContent.ts'
import { torchKindOf } from './torchKind.ts'
import { type Packing, packingOf, unpackWhole } from './unpackWhole.ts'

/** Pickles in all their containers: PyTorch since 0.1, TorchScript, exports, packages, plain pickles, joblib. */
export const torchFormat: ModelFileFormat = {
  name: 'PyTorch',
  recognizes: (head, sizeBytes) =>
    isPickle(head, sizeBytes) || (startsLikeZip(head) && hasTorchName(head)) || isPacked(head, sizeBytes),
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

/** The sign of a pickle is weak: of a text it must be a sure one. */
const isPickle = (head: Uint8Array, sizeBytes: number): boolean => {
  const { kind, family } = identify(head, sizeBytes, null)
  return (
    kind === 'pickle' ||
    ((family === 'unknown' || family === 'model' || family === 'archive') && startsLikePickle(head))
  )
}

/** joblib packs its pickles; whatever else is packed is said to be unknown. */
const isPacked = (head: Uint8Array, sizeBytes: number): boolean => {
  if (packingOf(head) === null) return false
  const { family } = identify(head, sizeBytes, null)
  return family === 'archive' || family === 'unknown'
}

/** PyTorch pads its members with an extra field `FB`, and its first member has one of these names. */
const hasTorchName = (head: Uint8Array): boolean => {
  const text = Buffer.from(head.subarray(0, 400)).toString('latin1', 30)
  return /^[^/]{1,250}\/(data\.pkl|data\/|constants|code\/|models\/|\.data\/|version|byteorder|\.format_version|archive_format|.{0,80}\0?FB)/i.test(
    text,
  )
}

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  options.signal?.throwIfAborted()
  return inspectTorch(await readTorch(source, options), source.sizeBytes)
}

/** Whatever of PyTorch's containers the file is. */
export const readTorch = async (source: ByteSource, options: InspectOptions): Promise<TorchContent> => {
  const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
  if (startsLikeZip(head)) {
    const archive = await openZip(source, options)
    const kind = torchKindOf(archive)
    if (kind === null) throw diagnose(head, source.sizeBytes, 'PyTorch')
    return await readTorchZip(archive, kind, options)
  }
  if (startsLikePickle(head)) return await withPolyglot(source, await readPickle(source, head, options), options)
  const packing = packingOf(head)
  if (packing === null) throw diagnose(head, source.sizeBytes, 'PyTorch')
  return await readPacked(source, packing, options)
}

const readPickle = (source: ByteSource, head: Uint8Array, options: InspectOptions): Promise<TorchContent> =>
  startsLikeLegacy(head) ? readTorchLegacy(source, options) : readPlainPickle(source, options)

/** A pickle that is a zip archive as well: one program loads the one, another the other. Both are looked into. */
const withPolyglot = async (
  source: ByteSource,
  content: TorchContent,
  options: InspectOptions,
): Promise<TorchContent> => {
  const archive = await openZip(source, options).catch((error: unknown) => {
    if (error instanceof FormatError) return null
    throw error
  })
  if (archive === null || archive.entries.length === 0) return content
  const findings = createFindings('safety')
  const message = 'The file is a pickle and a zip archive at once: programs load different things from it.'
  findings.add('dangerous', 'pickle-and-zip', message, 0)
  const members = await scanMembers(archive, options)
  return {
    ...content,
    level: 'dangerous',
    checks: [...content.checks, ...findings.list, ...members.checks, ...archive.checks],
  }
}

/** joblib packs the whole pickle; what cannot be unpacked here is said to be unknown, never well. */
const readPacked = async (source: ByteSource, packing: Packing, options: InspectOptions): Promise<TorchContent> => {
  const unpacked = await unpackWhole(source, packing)
  const findings = createFindings('safety')
  if (unpacked === null)
    findings.add('unknown', 'cannot-unpack', `The file is packed with ${packing}: it cannot be looked into.`, 0)
  else if (!unpacked.isWhole)
    findings.add('unknown', 'not-unpacked-in-full', 'Only the beginning of this packed file could be looked into.', 0)
  const inside = unpacked === null ? null : identify(unpacked.bytes.subarray(0, headBytes), unpacked.bytes.length, null)
  const isOther = unpacked !== null && !startsLikePickle(unpacked.bytes.subarray(0, headBytes))
  if (isOther)
    findings.add('unknown', 'packed-file', `${inside?.label ?? 'Something'} is packed in it and was not looked into.`, {
      advice: 'Unpack it with a program that you trust, and drop what is in it.',
    })
  const content =
    unpacked === null || isOther ? null : await readPlainPickle(bytesSource(unpacked.bytes), options, packing)
  return {
    ...(content ?? opaque),
    checks: [...(content?.checks ?? []), ...findings.list],
    level:
      content === null || (unpacked !== null && !unpacked.isWhole && content.level !== 'dangerous')
        ? 'unreadable'
        : content.level,
  }
}

const opaque: TorchContent = {
  format: 'Packed file',
  formatVersion: null,
  tensors: [],
  dataBytes: 0,
  parameterCount: null,
  root: null,
  imports: [],
  level: 'unreadable',
  checks: [],
  metadata: [],
  reason: 'This is a packed file. Unpack it with a program that you trust, and drop what is in it.',
}
