import type { Check, Rung } from '../../../shared/contract/checks.ts'
import type { FileKind, KnownHash } from '../../../shared/contract/files.ts'
import type { Inspection } from '../formats/modelFile.ts'

/** Where a model's bytes lie: absolute path, bytes, Unix milliseconds. */
export interface ExaminedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: number
}

/** All that the files themselves tell, without the machine they are on. Plain data: it travels between threads. */
export interface Examination {
  readonly kind: Exclude<FileKind, 'collection'>
  /** what it is, in a few words */
  readonly label: string
  readonly checks: readonly Check[]
  /** without its tensors, which can be many; null: it could not be read */
  readonly inspection: Omit<Inspection, 'tensors'> | null
  /** first shard first */
  readonly files: readonly ExaminedFile[]
  readonly fingerprint: string | null
  readonly known: KnownHash | null
}

/** A rung that ended, with what was found on it. */
export interface RungEvent {
  readonly rung: Rung
  readonly checks: readonly Check[]
}
