import { headBytes } from './format.ts'
import { FormatError } from './formatError.ts'
import { identify } from './identify/identify.ts'
import type { Identity } from './identify/identity.ts'

/** How many first bytes `diagnose` wants to see. */
export const diagnoseBytes = headBytes

/** Names what a file is that is not of the wanted format, from its first bytes. */
export const diagnose = (head: Uint8Array, sizeBytes: number, wanted: string): FormatError => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const text = bytes.toString('latin1', 0, 120)
  const identity = identify(bytes, sizeBytes, null)
  return (
    (identity.family === 'download-remains' ? remainsFault(identity, text) : otherFault(identity, wanted)) ??
    (wanted.startsWith(text.slice(0, 4)) || sizeBytes < 24
      ? new FormatError('TOO_SHORT', `The file is too short to be a ${wanted} file: ${sizeBytes} bytes.`, {
          offset: sizeBytes,
        })
      : new FormatError(
          'UNKNOWN_FORMAT',
          `This is not a ${wanted} file; it begins with "${printable(text.slice(0, 8))}".`,
          { offset: 0 },
        ))
  )
}

const remainsFault = (identity: Identity, text: string): FormatError => {
  switch (identity.kind) {
    case 'empty':
      return new FormatError('TOO_SHORT', 'The file is empty. Download it again.', { offset: 0 })
    case 'all-zero':
      return new FormatError(
        'ALL_ZERO',
        'The file begins with nothing but zeros: space that a download reserved and never filled. Download it again.',
        { offset: 0 },
      )
    case 'git-lfs-pointer':
      return lfsPointer(identity)
    case 'link-text':
      return new FormatError(
        'OTHER_FORMAT',
        'This is only the name of another file: a link that was copied as text. Copy the file it names.',
        { offset: 0, details: { found: identity.label, beginning: printable(text) } },
      )
    default:
      return new FormatError(
        'ERROR_PAGE',
        'This is a web page or an error message that was saved instead of the model. Download it again, signed in if the site asks for it.',
        { offset: 0, details: { beginning: printable(text) } },
      )
  }
}

/** What Berth has a name for. A text or a file of the wanted kind itself is told by what it lacks. */
const otherFault = ({ kind, label, family }: Identity, wanted: string): FormatError | null => {
  if (kind === 'gguf-swapped')
    return new FormatError(
      'BYTE_SWAPPED_MAGIC',
      'This is a GGUF file in swapped byte order (FUGG). Only big-endian builds of Ollama wrote these.',
      { offset: 0 },
    )
  const isOther = family !== 'unknown' && kind !== 'text' && kind !== wanted.toLowerCase()
  return isOther
    ? new FormatError('OTHER_FORMAT', `This is ${label}, not a ${wanted} file.`, {
        offset: 0,
        details: { found: label },
      })
    : null
}

const lfsPointer = ({ details }: Identity): FormatError => {
  const { expectedBytes, sha256 } = details
  return new FormatError(
    'GIT_LFS_POINTER',
    `This is a git-lfs pointer, not the model itself${expectedBytes === null ? '' : ` (${expectedBytes} bytes)`}. Run "git lfs pull" in its folder, or download the file.`,
    { offset: 0, details: { expectedBytes: expectedBytes ?? null, sha256: sha256 ?? null } },
  )
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '.')
