/** What the ending of a name promises, and the kinds of content that keep the promise. */
export interface Expectation {
  readonly label: string
  readonly kinds: ReadonlySet<string>
  /** formats that hold data and no code, which people load without a second thought */
  readonly dataOnly: boolean
}

const pickles = ['zip', 'pickle', 'tar', 'gzip', 'bzip2', 'xz', 'zstd', 'lz4']

const data: readonly (readonly [string, string, readonly string[]])[] = [
  ['gguf', 'a GGUF model', ['gguf', 'gguf-swapped']],
  ['safetensors sft', 'a safetensors model', ['safetensors']],
  ['onnx', 'an ONNX model', ['onnx']],
  ['ort', 'an ONNX Runtime model', ['onnxruntime']],
  ['npy', 'a NumPy array', ['numpy']],
  ['tflite', 'a TensorFlow Lite model', ['tflite']],
  ['litertlm', 'a LiteRT-LM model', ['litertlm']],
  ['pte', 'an ExecuTorch model', ['executorch']],
  ['mlmodel', 'a Core ML model', ['coreml']],
  ['ggml', 'a GGML model', ['ggml', 'ggmf', 'ggjt', 'ggla', 'gguf']],
  ['json', 'a JSON text', ['json', 'xgboost']],
  ['txt md yaml yml jinja csv', 'a text', ['text', 'json', 'xml', 'script', 'ncnn']],
  ['xml', 'an XML text', ['xml', 'openvino', 'pmml', 'svg']],
  ['pmml', 'a PMML model', ['pmml', 'xml']],
  ['png jpg jpeg gif webp bmp tif tiff heic avif psd', 'a picture', ['picture']],
  ['svg', 'a picture', ['svg', 'xml']],
  ['mp4 mkv webm avi wav mp3 ogg flac', 'sound or video', ['media']],
  ['pdf', 'a PDF document', ['pdf']],
]

const others: readonly (readonly [string, string, readonly string[]])[] = [
  ['pt pth ckpt pkl pickle joblib th', 'a PyTorch or Python checkpoint', pickles],
  ['h5 hdf5', 'an HDF5 file', ['hdf5']],
  ['keras', 'a Keras model', ['zip']],
  ['npz', 'NumPy arrays', ['zip']],
  ['nemo', 'a NeMo model', ['tar', 'gzip', 'zip']],
  ['mar skops mlpackage', 'a zip archive', ['zip']],
  ['task', 'a MediaPipe model', ['zip', 'tflite']],
  ['engine plan trt', 'a TensorRT engine', ['tensorrt', 'sqlite']],
  ['pb', 'a TensorFlow model', ['saved-model', 'tensorflow-graph', 'onnx']],
  ['zip', 'a zip archive', ['zip']],
  ['tar', 'a tar archive', ['tar']],
  ['gz tgz', 'a gzip archive', ['gzip']],
  ['bz2', 'a bzip2 archive', ['bzip2']],
  ['xz', 'an xz archive', ['xz']],
  ['zst', 'a Zstandard archive', ['zstd']],
  ['7z', 'a 7-Zip archive', ['archive-7z']],
  ['rar', 'a RAR archive', ['rar']],
  ['llamafile', 'a llamafile', ['llamafile', 'executable', 'zip']],
  ['exe dll so dylib', 'a program', ['executable', 'llamafile']],
]

const table: ReadonlyMap<string, Expectation> = new Map(
  [data, others].flatMap((rows) =>
    rows.flatMap(([endings, label, kinds]) =>
      endings
        .split(' ')
        .map((ending): [string, Expectation] => [ending, { label, kinds: new Set(kinds), dataOnly: rows === data }]),
    ),
  ),
)

/** null: the ending promises nothing. `.bin`, `.model`, `.dat` and `.weights` hold anything. */
export const expectationOf = (extension: string): Expectation | null => table.get(extension) ?? null

/** What a double click starts, on one system or another. */
export const runnable: ReadonlySet<string> = new Set(
  (
    'exe com bat cmd scr pif msi msp ps1 vbs vbe js jse wsf wsh hta cpl lnk url reg jar app command dmg pkg ' +
    'deb rpm sh bash run py pyw pyc so dll dylib apk scf inf'
  ).split(' '),
)

/** Endings that a person takes for harmless when another one stands behind them. */
export const trusted: ReadonlySet<string> = new Set(
  [...table.keys(), ...'bin model dat weights doc docx xls xlsx'.split(' ')].filter(
    (extension) => !runnable.has(extension),
  ),
)

/** Lower case, without the dot; null for a name without one. Trailing spaces and dots do not count: Windows drops them. */
export const extensionOf = (fileName: string): string | null => {
  const name = fileName.replace(/^\.+/, '').slice(-1000)
  let end = name.length
  while (end > 0 && ' .\t\u00a0'.includes(name[end - 1] ?? '')) end--
  const dot = name.lastIndexOf('.', end - 1)
  return dot <= 0 ? null : name.slice(dot + 1, end).toLowerCase()
}
