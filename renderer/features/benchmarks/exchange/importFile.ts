import type { Failure } from '../../../lib/failure.ts'
import { formatDisk } from '../../../lib/format.ts'

/** Of a file. */
const mostBytes = 7_000_000
/** Of the request that carries it. */
export const mostSentBytes = 8 * 1024 * 1024

/** Quotes and line ends of a text take two characters where it is sent. */
export const sentBytes = (text: string): number => new Blob([JSON.stringify({ text })]).size

/** A file that holds nothing is not sent. */
export const emptyFile = ({ size, name }: Pick<File, 'size' | 'name'>): Failure | null =>
  size > 0
    ? null
    : {
        code: 'FILE_INVALID',
        message: `${name} is empty.`,
        advice: 'Choose what llama-bench or an export of Berth wrote.',
        requestId: null,
      }

/** Why a file is not even read; null: it is. */
export const tooLarge = ({ size, name }: Pick<File, 'size' | 'name'>, most = mostBytes): Failure | null =>
  size <= most
    ? null
    : {
        code: 'TOO_LARGE',
        message: `${name} has ${formatDisk(size)}; at most ${formatDisk(most)} are taken in at once.`,
        advice: 'Divide it, or export fewer runs.',
        requestId: null,
      }
