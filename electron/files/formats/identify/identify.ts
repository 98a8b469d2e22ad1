import { type Identity, identityOf } from './identity.ts'
import { incompleteName } from './incompleteName.ts'
import { pickleKind } from './pickleKind.ts'
import { protobufKind } from './protobufKinds.ts'
import { hasSignature, signatures } from './signatures.ts'
import { textKind } from './textKinds.ts'

/**
 * What a file is, by its content. Never throws and never reads more than it is given.
 * @param head the first bytes, as many as the file has up to 4096
 * @param fileName helps only where the content says nothing: a download that is not finished
 */
export const identify = (head: Uint8Array, sizeBytes: number, fileName: string | null): Identity => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  if (sizeBytes === 0) return identityOf('empty', 'an empty file', 'download-remains')
  if (bytes.every((byte) => byte === 0))
    return identityOf(
      'all-zero',
      'nothing but zeros: space that a download reserved and never filled',
      'download-remains',
    )
  return (
    safetensorsKind(bytes) ??
    bySignature(bytes) ??
    tensorrtWithHeader(bytes) ??
    pickleKind(bytes) ??
    hdf5WithUserBlock(bytes) ??
    textKind(bytes, sizeBytes) ??
    protobufKind(bytes, sizeBytes) ??
    ctranslate2(bytes) ??
    unfinished(fileName) ??
    identityOf('unknown', 'an unknown kind of file', 'unknown')
  )
}

const bySignature = (bytes: Buffer): Identity | null => {
  const found = signatures.find((signature) => hasSignature(bytes, signature))
  if (found === undefined) return null
  const [, , kind, label, family] = found
  return identityOf(kind, label, family)
}

/** u64 length of a JSON header, then its beginning. The high half is zero for every header a reader would take. */
const safetensorsKind = (bytes: Buffer): Identity | null => {
  if (bytes.length < 10 || bytes.readUInt32LE(4) !== 0 || bytes.readUInt32LE(0) < 2) return null
  return bytes[8] === 0x7b && '"} \n\r\t'.includes(String.fromCharCode(bytes[9] ?? 0))
    ? identityOf('safetensors', 'a safetensors model', 'model')
    : null
}

/** HDF5 may begin behind something else, at a power of two from 512 on. */
const hdf5WithUserBlock = (bytes: Buffer): Identity | null => {
  const at = [512, 1024, 2048].find((offset) => bytes.toString('latin1', offset, offset + 8) === '\x89HDF\r\n\x1a\n')
  return at === undefined ? null : identityOf('hdf5', 'an HDF5 file (perhaps Keras)', 'model', { superblockOffset: at })
}

/** A u32 length and a JSON text before the engine; byte 3 is the high byte of the length. */
const tensorrtWithHeader = (bytes: Buffer): Identity | null => {
  if (bytes.length < 12 || bytes[3] !== 0 || bytes[4] !== 0x7b) return null
  const magic = bytes.toString('latin1', 4 + bytes.readUInt32LE(0), 8 + bytes.readUInt32LE(0))
  return magic === 'ptrt' || magic === 'ftrt' ? identityOf('tensorrt', 'a TensorRT engine', 'model') : null
}

/** u32 version up to 6, u16 length of a name that ends in NUL and says Spec */
const ctranslate2 = (bytes: Buffer): Identity | null => {
  if (bytes.length < 12 || bytes.readUInt32LE(0) < 1 || bytes.readUInt32LE(0) > 6) return null
  const name = bytes.toString('latin1', 6, 6 + Math.min(bytes.readUInt16LE(4), 100))
  return /^[A-Za-z]{1,80}Spec\0?$/.test(name) ? identityOf('ctranslate2', 'a CTranslate2 model', 'model') : null
}

const unfinished = (fileName: string | null): Identity | null =>
  fileName !== null && incompleteName(fileName) !== null
    ? identityOf('incomplete-download', 'what is there so far of a download', 'download-remains')
    : null
