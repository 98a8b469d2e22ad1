import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { createFindings, type Findings } from '../findings.ts'
import { headBytes } from '../format.ts'
import type { Identity } from './identity.ts'
import { hasSignature, signatures } from './signatures.ts'

/** End record of a zip, the longest comment, and what stands before the record in a zip of more than 4 GiB. */
const tailBytes = 22 + 0xffff + 20 + 56

/**
 * Whether a file is two things at once: one program then sees a harmless model where another finds an archive with code.
 * Reads the first 4 KiB, the last 66 KiB, and 8 bytes at each power of two.
 */
export const checkPolyglot = async (source: ByteSource, identity: Identity): Promise<readonly Check[]> => {
  const findings = createFindings('identity')
  if (identity.family === 'download-remains') return findings.list
  const head = toBuffer(await source.read(0, Math.min(headBytes, source.sizeBytes)))
  addSecondHead(head, identity, findings)
  await addHdf5Behind(source, identity, findings)
  if (identity.kind !== 'zip') await addZipBehind(source, identity, findings)
  if (findings.list.length === 0)
    findings.passed('one-format', 'Nothing else is hidden in the file: no archive at its end, no second beginning.')
  return findings.list
}

const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Two signatures at different places of the beginning: tar has its own at byte 257, a PDF may begin later. */
const addSecondHead = (head: Buffer, identity: Identity, findings: Findings): void => {
  const second = signatures.find(
    (signature) => signature[0].length >= 4 && signature[2] !== identity.kind && hasSignature(head, signature),
  )
  if (second !== undefined && !(identity.family === 'program' && second[4] === 'program'))
    addTwo(identity, second[3], second[1], findings)
  const pdf = head.subarray(0, 1024).indexOf('%PDF-1.')
  if (pdf > 0 && identity.kind !== 'pdf' && identity.family !== 'text')
    addTwo(identity, 'a PDF document', pdf, findings)
}

const hdf5Magic = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

/** HDF5 looks for its beginning at 0, 512, 1024, 2048 … */
const addHdf5Behind = async (source: ByteSource, identity: Identity, findings: Findings): Promise<void> => {
  if (identity.kind === 'hdf5') return
  for (let at = 512; at + 8 <= source.sizeBytes; at *= 2)
    if (hdf5Magic.equals(await source.read(at, 8))) addTwo(identity, 'an HDF5 file', at, findings)
}

/** A zip is found from its end: what stands before it may be anything. */
const addZipBehind = async (source: ByteSource, identity: Identity, findings: Findings): Promise<void> => {
  const length = Math.min(tailBytes, source.sizeBytes)
  const start = source.sizeBytes - length
  const tail = toBuffer(await source.read(start, length))
  for (let at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at !== -1; ) {
    if (isEndRecord(tail, at, start)) {
      addTwo(identity, 'a zip archive', start + at, findings)
      return
    }
    at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1')
  }
}

/** By chance the four bytes stand in one of 65,000 files: the counts and the directory's place must fit too. */
const isEndRecord = (tail: Buffer, at: number, start: number): boolean => {
  if (at + 22 > tail.length) return false
  const [onDisk, inAll] = [tail.readUInt16LE(at + 8), tail.readUInt16LE(at + 10)]
  const directoryBytes = tail.readUInt32LE(at + 12)
  const isZip64 = at >= 20 && tail.readUInt32LE(at - 20) === 0x07064b50
  if (isZip64) return true
  return onDisk === inAll && inAll > 0 && directoryBytes >= 46 * inAll && directoryBytes <= start + at
}

const addTwo = (identity: Identity, second: string, offset: number, findings: Findings): void => {
  if (identity.kind === 'llamafile' && second === 'a zip archive') {
    findings.add(
      'note',
      'program-with-archive',
      'The program carries a zip archive at its end: a llamafile keeps its model there.',
      offset,
    )
    return
  }
  findings.add(
    identity.family === 'program' ? 'warning' : 'dangerous',
    'two-formats',
    `This file is two things at once: ${identity.label}, and ${second}. Programs that look for the one do not see the other.`,
    { offset, advice: 'Do not load it. Honest files are one thing.' },
  )
}
