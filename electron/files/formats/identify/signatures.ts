import type { Family } from './identity.ts'

/** [first bytes as Latin-1, where they stand, kind, label, family] */
export type Signature = readonly [bytes: string, offset: number, kind: string, label: string, family: Family]

const models: readonly Signature[] = [
  ['GGUF', 0, 'gguf', 'a GGUF model', 'model'],
  ['FUGG', 0, 'gguf-swapped', 'a GGUF file in swapped byte order', 'model'],
  ['lmgg', 0, 'ggml', 'a GGML model from before GGUF (whisper or early llama.cpp)', 'model'],
  ['fmgg', 0, 'ggmf', 'a GGMF model from before GGUF (early llama.cpp)', 'model'],
  ['tjgg', 0, 'ggjt', 'a GGJT model from before GGUF (early llama.cpp)', 'model'],
  ['algg', 0, 'ggla', 'a LoRA adapter from before GGUF (early llama.cpp)', 'model'],
  ['\x89HDF\r\n\x1a\n', 0, 'hdf5', 'an HDF5 file (perhaps Keras)', 'model'],
  ['\x93NUMPY', 0, 'numpy', 'a NumPy array', 'model'],
  ['TFL3', 4, 'tflite', 'a TensorFlow Lite (LiteRT) model', 'model'],
  ['LITERTLM', 0, 'litertlm', 'a LiteRT-LM model', 'model'],
  ['ET12', 4, 'executorch', 'an ExecuTorch model', 'model'],
  ['ORTM', 4, 'onnxruntime', 'an ONNX Runtime optimised model', 'model'],
  ['CIR0', 4, 'circle', 'a Circle model', 'model'],
  ['MSL0', 4, 'mindspore-lite', 'a MindSpore Lite model', 'model'],
  ['MSL1', 4, 'mindspore-lite', 'a MindSpore Lite model', 'model'],
  ['MSL2', 4, 'mindspore-lite', 'a MindSpore Lite model', 'model'],
  ['TOSA', 4, 'tosa', 'a TOSA model', 'model'],
  ['KaNN', 4, 'kann', 'a KaNN model', 'model'],
  ['EDL2', 0, 'espdl', 'an ESP-DL model', 'model'],
  ['ptrt', 0, 'tensorrt', 'a TensorRT engine', 'model'],
  ['ftrt', 0, 'tensorrt', 'a TensorRT engine', 'model'],
  ['RKNN', 0, 'rknn', 'an RKNN model', 'model'],
  ['IMOD', 0, 'huawei-om', 'a Huawei offline model', 'model'],
  ['PICO', 0, 'huawei-om', 'a Huawei offline model', 'model'],
  ['CBM1', 0, 'catboost', 'a CatBoost model', 'model'],
  ['{L\0\0', 0, 'xgboost', 'an XGBoost model', 'model'],
  ['binf', 0, 'xgboost', 'an XGBoost model', 'model'],
  ['bs64', 0, 'xgboost', 'an XGBoost model', 'model'],
  ['RDX3', 0, 'r-data', 'an R data file', 'model'],
  ['RDX2', 0, 'r-data', 'an R data file', 'model'],
]

const archives: readonly Signature[] = [
  ['PK\x03\x04', 0, 'zip', 'a zip archive (perhaps a PyTorch checkpoint)', 'archive'],
  ['PK\x05\x06', 0, 'zip', 'an empty zip archive', 'archive'],
  ['\x1f\x8b\x08', 0, 'gzip', 'a gzip archive', 'archive'],
  ['BZh', 0, 'bzip2', 'a bzip2 archive', 'archive'],
  ['\xfd7zXZ\0', 0, 'xz', 'an xz archive', 'archive'],
  ['\x28\xb5\x2f\xfd', 0, 'zstd', 'a Zstandard archive', 'archive'],
  ['\x04\x22\x4d\x18', 0, 'lz4', 'an LZ4 archive', 'archive'],
  ['7z\xbc\xaf\x27\x1c', 0, 'archive-7z', 'a 7-Zip archive', 'archive'],
  ['Rar!\x1a\x07', 0, 'rar', 'a RAR archive', 'archive'],
  ['MSCF\0\0\0\0', 0, 'cab', 'a Windows cabinet', 'archive'],
  ['ustar', 257, 'tar', 'a tar archive', 'archive'],
]

/** The llamafile comes before the program it is. */
const programs: readonly Signature[] = [
  ["MZqFpD='", 0, 'llamafile', 'a program that runs on every system (llamafile, APE)', 'program'],
  ['MZ', 0, 'executable', 'a program (Windows)', 'program'],
  ['\x7fELF', 0, 'executable', 'a program or library (ELF)', 'program'],
  ['\xfe\xed\xfa\xce', 0, 'executable', 'a program or library (macOS)', 'program'],
  ['\xfe\xed\xfa\xcf', 0, 'executable', 'a program or library (macOS)', 'program'],
  ['\xce\xfa\xed\xfe', 0, 'executable', 'a program or library (macOS)', 'program'],
  ['\xcf\xfa\xed\xfe', 0, 'executable', 'a program or library (macOS)', 'program'],
  ['\xca\xfe\xba\xbe', 0, 'executable', 'a program (macOS or Java)', 'program'],
  ['\0asm', 0, 'wasm', 'a WebAssembly program', 'program'],
  ['dex\n', 0, 'executable', 'an Android program', 'program'],
  ['!<arch>\n', 0, 'static-library', 'a program library or a Debian package', 'program'],
  ['\xed\xab\xee\xdb', 0, 'installer', 'an RPM package', 'program'],
  ['BC\xc0\xde', 0, 'llvm-bitcode', 'a compiled program part (LLVM)', 'program'],
  ['L\0\0\0\x01\x14\x02\0', 0, 'shortcut', 'a Windows shortcut', 'program'],
  ['#!', 0, 'script', 'a script', 'program'],
  ['@echo off', 0, 'script', 'a Windows script', 'program'],
]

const documents: readonly Signature[] = [
  ['%PDF', 0, 'pdf', 'a PDF document', 'document'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 0, 'ole', 'an old Office document or a Windows installer', 'document'],
  ['{\\rtf', 0, 'rtf', 'a rich text document', 'document'],
  ['%!PS', 0, 'postscript', 'a PostScript document', 'document'],
  ['SQLite format 3\0', 0, 'sqlite', 'an SQLite database', 'document'],
  ['PAR1', 0, 'parquet', 'a Parquet table', 'document'],
  ['ARROW1', 0, 'arrow', 'an Arrow table', 'document'],
]

const pictures: readonly Signature[] = [
  ['\x89PNG\r\n\x1a\n', 0, 'picture', 'a picture (PNG)', 'picture'],
  ['\xff\xd8\xff', 0, 'picture', 'a picture (JPEG)', 'picture'],
  ['GIF87a', 0, 'picture', 'a picture (GIF)', 'picture'],
  ['GIF89a', 0, 'picture', 'a picture (GIF)', 'picture'],
  ['WEBP', 8, 'picture', 'a picture (WebP)', 'picture'],
  ['II*\0', 0, 'picture', 'a picture (TIFF)', 'picture'],
  ['MM\0*', 0, 'picture', 'a picture (TIFF)', 'picture'],
  ['8BPS', 0, 'picture', 'a picture (Photoshop)', 'picture'],
  ['ftypavif', 4, 'picture', 'a picture (AVIF)', 'picture'],
  ['ftypheic', 4, 'picture', 'a picture (HEIC)', 'picture'],
  ['ftypmif1', 4, 'picture', 'a picture (HEIF)', 'picture'],
]

const media: readonly Signature[] = [
  ['ftyp', 4, 'media', 'a video (MP4)', 'media'],
  ['\x1a\x45\xdf\xa3', 0, 'media', 'a video (Matroska or WebM)', 'media'],
  ['AVI ', 8, 'media', 'a video (AVI)', 'media'],
  ['WAVE', 8, 'media', 'a sound (WAV)', 'media'],
  ['ID3', 0, 'media', 'a sound (MP3)', 'media'],
  ['OggS', 0, 'media', 'a sound (Ogg)', 'media'],
  ['fLaC', 0, 'media', 'a sound (FLAC)', 'media'],
]

/** The first that fits is what a file is: what stands at its beginning goes before what stands deeper. */
export const signatures: readonly Signature[] = [
  ...models,
  ...archives,
  ...programs,
  ...documents,
  ...pictures,
  ...media,
].sort(([, one], [, other]) => Number(one === 257) - Number(other === 257))

const isRiff = (head: Buffer) => head.toString('latin1', 0, 4) === 'RIFF'

/** Four letters after the magic are no version but a word: a text about GGUF files. */
export const isGgufVersion = (head: Uint8Array): boolean =>
  head.length < 8 || head.subarray(4, 8).some((byte) => byte < 0x20 || byte > 0x7e)

/** Short signatures say too little by themselves: weights begin with any bytes. */
const alsoNeeded: Readonly<Record<string, (head: Buffer) => boolean>> = {
  MZ: (head) => {
    if (head[2] === 0x90 && head[3] === 0) return true // what every linker writes
    const header = head.length >= 64 ? head.readUInt32LE(60) : head.length
    return head.toString('latin1', header, header + 4) === 'PE\0\0'
  },
  GGUF: (head) => isGgufVersion(head),
  BZh: (head) => (head[3] ?? 0) >= 0x31 && (head[3] ?? 0) <= 0x39,
  '#!': (head) => head[2] === 0x2f || head[2] === 0x20,
  WEBP: isRiff,
  'AVI ': isRiff,
  WAVE: isRiff,
}

export const hasSignature = (head: Buffer, [bytes, offset]: Signature): boolean =>
  head.toString('latin1', offset, offset + bytes.length) === bytes && (alsoNeeded[bytes]?.(head) ?? true)
