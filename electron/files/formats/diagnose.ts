import { FormatError } from './formatError.ts'

/** How many first bytes `diagnose` wants to see. */
export const diagnoseBytes = 4096

const magics: readonly (readonly [string, string])[] = [
  ['GGUF', 'a GGUF model'],
  ['PK\x03\x04', 'a zip archive (perhaps a PyTorch checkpoint)'],
  ['\x1f\x8b', 'a gzip archive'],
  ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive'],
  ['\x28\xb5\x2f\xfd', 'a Zstandard archive'],
  ['\xfd7zXZ\x00', 'an xz archive'],
  ['\x89HDF', 'an HDF5 file (perhaps Keras)'],
  ['\x89PNG', 'a picture'],
  ['\x7fELF', 'a program'],
  ['MZ', 'a program'],
  ['%PDF', 'a PDF document'],
  ['SQLite format 3\0', 'an SQLite database'],
  ['lmgg', 'a GGML model from before GGUF (whisper or early llama.cpp)'],
  ['tjgg', 'a GGJT model from before GGUF (early llama.cpp)'],
  ['fmgg', 'a GGMF model from before GGUF (early llama.cpp)'],
]

/** A pickle starts with its protocol: opcode 0x80, then 2 to 5. */
const isPickle = (head: Buffer) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5

/** safetensors: u64 length of a JSON header, then `{`. */
const isSafetensors = (head: Buffer) =>
  head.length > 8 && head.readUInt32LE(4) === 0 && head.readUInt32LE(0) > 1 && head[8] === 0x7b

/** The words of sites that answer a page where a file was expected; some start with plain text. */
const errorPage =
  /^\s*(<!doctype html|<html|<\?xml|<head|\{\s*"(error|message|detail|statusCode)"|invalid username or password|entry not found|access to model|repository not found|not found)/i

/** Names what a file is that is not of the wanted format, from its first bytes. */
export const diagnose = (head: Uint8Array, sizeBytes: number, wanted: string): FormatError => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const text = bytes.toString('latin1', 0, bytes.length)
  if (sizeBytes === 0) return new FormatError('TOO_SHORT', 'The file is empty. Download it again.', { offset: 0 })
  if (text.startsWith('version https://git-lfs.github.com/spec/v1')) return lfsPointer(text)
  if (errorPage.test(text))
    return new FormatError(
      'ERROR_PAGE',
      'This is a web page or an error message that was saved instead of the model. Download it again, signed in if the site asks for it.',
      { offset: 0, details: { beginning: printable(text.slice(0, 120)) } },
    )
  if (bytes.every((byte) => byte === 0))
    return new FormatError(
      'ALL_ZERO',
      'The file begins with nothing but zeros: space that a download reserved and never filled. Download it again.',
      { offset: 0 },
    )
  if (text.startsWith('FUGG'))
    return new FormatError(
      'BYTE_SWAPPED_MAGIC',
      'This is a GGUF file in swapped byte order (FUGG). Only big-endian builds of Ollama wrote these.',
      { offset: 0 },
    )
  const other =
    magics.find(([magic]) => text.startsWith(magic) && magic !== wanted)?.[1] ??
    (isPickle(bytes) ? 'a pickle (it can run code when something loads it)' : null) ??
    (isSafetensors(bytes) && wanted !== 'safetensors' ? 'a safetensors model' : null)
  if (other !== null)
    return new FormatError('OTHER_FORMAT', `This is ${other}, not a ${wanted} file.`, {
      offset: 0,
      details: { found: other },
    })
  if (`${wanted}`.startsWith(text.slice(0, 4)) || sizeBytes < 24)
    return new FormatError('TOO_SHORT', `The file is too short to be a ${wanted} file: ${sizeBytes} bytes.`, {
      offset: sizeBytes,
    })
  return new FormatError(
    'UNKNOWN_FORMAT',
    `This is not a ${wanted} file; it begins with "${printable(text.slice(0, 8))}".`,
    {
      offset: 0,
    },
  )
}

const lfsPointer = (text: string): FormatError => {
  const size = /\nsize (\d{1,15})\b/.exec(text)?.[1]
  const digest = /\noid sha256:([0-9a-f]{64})\b/.exec(text)?.[1]
  return new FormatError(
    'GIT_LFS_POINTER',
    `This is a git-lfs pointer, not the model itself${size === undefined ? '' : ` (${size} bytes)`}. Run "git lfs pull" in its folder, or download the file.`,
    { offset: 0, details: { expectedBytes: size === undefined ? null : Number(size), sha256: digest ?? null } },
  )
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '.')
