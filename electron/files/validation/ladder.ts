import { realpath, stat } from 'node:fs/promises'
import type { Check } from '../../../shared/contract/checks.ts'
import { errnoOf, messageOf } from '../../lib/appError.ts'
import { checkOf } from '../formats/findings.ts'
import { FormatError, isSourceFault } from '../formats/formatError.ts'
import type { Inspection } from '../formats/modelFile.ts'
import { checkTemplate } from '../formats/template/checkTemplate.ts'
import { sampleValues } from '../formats/values/sampleValues.ts'
import { combine, fingerprint } from '../hashing/fingerprint.ts'
import { knownHash } from '../provenance/knownHashes.ts'
import type { Examination, ExaminedFile, RungEvent } from './examination.ts'
import { labelOf } from './labelOf.ts'
import { fileSubject, folderSubject, type Subject } from './subject.ts'

interface ClimbOptions {
  readonly signal?: AbortSignal | undefined
  /** called when a rung ends */
  readonly emit: (event: RungEvent) => void
}

/**
 * Takes a file or a model's folder up the ladder as far as it goes: what it is, whether it is whole, what it means, whether
 * it can run code, and its fingerprint. Whatever the bytes are, the answer is an examination.
 * @param path as it was found; a link is followed, because a person chose it
 * @returns null for a folder that is no model itself
 * @throws FormatError when there is nothing at this path that could be opened
 */
export const climb = async (path: string, { signal, emit }: ClimbOptions): Promise<Examination | null> => {
  const real = await resolved(path)
  const subject = await subjectAt(path, real)
  if (subject === null) return null
  try {
    emit({ rung: 'identity', checks: subject.identityChecks })
    const { inspection, checks } = await read(subject, signal)
    for (const rung of ['structure', 'meaning', 'safety'] as const)
      emit({ rung, checks: checks.filter((check) => check.rung === rung) })
    // what the tensors hold belongs to the structure, and costs more than all the rest
    const values = inspection === null ? [] : await sample(subject, inspection, signal)
    emit({ rung: 'structure', checks: values })
    const { files, fingerprint } = await identityOf(subject)
    emit({ rung: 'fingerprint', checks: [] })
    const [only] = files.length === 1 ? files : []
    return {
      kind: subject.kind,
      label: inspection === null ? subject.label : labelOf(inspection),
      checks: [...subject.identityChecks, ...checks, ...values],
      inspection: inspection && withoutTensors(inspection),
      files,
      fingerprint,
      known: only ? await knownHash(path, real, only) : null,
    }
  } finally {
    await subject.open.close()
  }
}

const subjectAt = async (path: string, real: string): Promise<Subject | null> =>
  (await stat(real)).isDirectory() ? await folderSubject(path, real) : await fileSubject(path, real)

/**
 * All that a model's own reader finds in it, tensors included.
 * @throws FormatError where there is no model that can be read
 */
export const inspectPath = async (path: string, signal?: AbortSignal): Promise<Inspection> => {
  const subject = await subjectAt(path, await resolved(path))
  if (subject === null) throw new FormatError('UNKNOWN_FORMAT', `${path} is a folder that is no model itself.`)
  try {
    const inspection = await subject.inspect(signal)
    if (inspection === null) throw new FormatError('UNKNOWN_FORMAT', `${path} is ${subject.label}, not a model.`)
    return inspection
  } finally {
    await subject.open.close()
  }
}

const resolved = (path: string): Promise<string> =>
  realpath(path).catch((error: unknown) => {
    const isGone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
    throw new FormatError(
      isGone ? 'FILE_MISSING' : 'NO_PERMISSION',
      isGone ? `There is no ${path}.` : `This path cannot be followed: ${messageOf(error)}`,
      { cause: error },
    )
  })

const read = async (
  subject: Subject,
  signal: AbortSignal | undefined,
): Promise<{ inspection: Inspection | null; checks: readonly Check[] }> => {
  try {
    const inspection = await subject.inspect(signal)
    if (inspection === null) return { inspection, checks: [] }
    const templates = inspection.templates.flatMap((template) => checkTemplate(template).checks)
    return { inspection, checks: [...inspection.summary.checks, ...usage(inspection), ...templates] }
  } catch (error) {
    signal?.throwIfAborted()
    return { inspection: null, checks: [faultCheck(error)] }
  }
}

const sample = async (
  { open }: Subject,
  { tensors }: Inspection,
  signal: AbortSignal | undefined,
): Promise<readonly Check[]> => {
  try {
    return await sampleValues(({ file }) => open.get(file), tensors, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    return [faultCheck(error)]
  }
}

/** What a person does with a file that the embedded engine does not load by itself. */
const usage = ({ summary: { reason, checks } }: Inspection): Check[] =>
  reason === null || checks.some(({ message }) => message === reason) ? [] : [checkOf('meaning', 'note', 'use', reason)]

/** What a reader refused, as a check among the others. Anything but a FormatError is a fault of the reader itself. */
const faultCheck = (error: unknown): Check => {
  if (!(error instanceof FormatError))
    return checkOf('structure', 'unknown', 'reader-failed', `Berth's reader failed on this file: ${messageOf(error)}`)
  const outcome = isSourceFault(error) ? 'unknown' : 'broken'
  return checkOf('structure', outcome, error.code.toLowerCase().replaceAll('_', '-'), error.message, error.offset)
}

const identityOf = async (
  subject: Subject,
): Promise<{ files: readonly ExaminedFile[]; fingerprint: string | null }> => {
  const files: ExaminedFile[] = []
  const prints: string[] = []
  for (const name of subject.names) {
    const source = await subject.open.get(name)
    if (source === null) continue
    files.push({ path: subject.pathOf(name), sizeBytes: source.sizeBytes, modifiedAt: Math.trunc(source.modifiedAt) })
    prints.push(await fingerprint(source))
    await subject.open.release(name)
  }
  const [first, ...rest] = prints
  return { files, fingerprint: first === undefined ? null : rest.length === 0 ? first : combine(prints) }
}

/** Hundreds of thousands of rows would cross a thread for nothing. */
const withoutTensors = ({ tensors: _, ...inspection }: Inspection): Omit<Inspection, 'tensors'> => inspection
