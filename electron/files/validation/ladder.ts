import { realpath, stat } from 'node:fs/promises'
import type { Check } from '../../../shared/contract/checks.ts'
import { errnoOf, messageOf } from '../../lib/appError.ts'
import { pathFault } from '../../lib/pathFault.ts'
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
    const { files, fingerprint, unread } = await identityOf(subject)
    emit({ rung: 'fingerprint', checks: unread })
    const [only] = files.length === 1 ? files : []
    return {
      kind: subject.kind,
      label: inspection === null ? subject.label : labelOf(inspection),
      checks: [...subject.identityChecks, ...checks, ...values, ...unread],
      inspection: inspection && withoutTensors(inspection),
      files,
      fingerprint,
      known: only ? await knownHash(path, real, only) : null,
    }
  } finally {
    await subject.open.close()
  }
}

const subjectAt = async (path: string, real: string): Promise<Subject | null> => {
  try {
    return (await stat(real)).isDirectory() ? await folderSubject(path, real) : await fileSubject(path, real)
  } catch (error) {
    throw errnoOf(error) === null || error instanceof FormatError ? error : unreachable(path, error)
  }
}

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
    throw unreachable(path, error)
  })

/** A folder that may not be read, or that went away while it was. */
const unreachable = (path: string, error: unknown): FormatError => {
  const isGone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
  return new FormatError(isGone ? 'FILE_MISSING' : 'NO_PERMISSION', pathFault(path, error), { cause: error })
}

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

interface ContentIdentity {
  readonly files: readonly ExaminedFile[]
  readonly fingerprint: string | null
  /** files of a folder that nobody could look into */
  readonly unread: readonly Check[]
}

const identityOf = async (subject: Subject): Promise<ContentIdentity> => {
  const files: ExaminedFile[] = []
  const prints: string[] = []
  const unread: Check[] = []
  for (const name of subject.names) {
    try {
      const source = await subject.open.get(name)
      if (source === null) continue
      prints.push(await fingerprint(source))
      files.push({ path: subject.pathOf(name), sizeBytes: source.sizeBytes, modifiedAt: Math.trunc(source.modifiedAt) })
      await subject.open.release(name)
    } catch (error) {
      // one of many that may not be read, or that is gone: the rest of the model is there all the same
      if (name === null || !(error instanceof FormatError)) throw error
      unread.push(checkOf('fingerprint', 'unknown', 'not-readable', `${name}: ${error.message}`, { file: name }))
    }
  }
  const [first, ...rest] = prints
  return { files, unread, fingerprint: first === undefined ? null : rest.length === 0 ? first : combine(prints) }
}

/** Hundreds of thousands of rows would cross a thread for nothing. */
const withoutTensors = ({ tensors: _, ...inspection }: Inspection): Omit<Inspection, 'tensors'> => inspection
