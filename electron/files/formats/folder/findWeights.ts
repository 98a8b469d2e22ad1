/** The files of one copy of the weights. */
export interface WeightSet {
  /** what the files are by their names; what they are in truth is for the formats to say */
  readonly kind:
    | 'safetensors'
    | 'pytorch'
    | 'gguf'
    | 'onnx'
    | 'keras'
    | 'flax'
    | 'npz'
    | 'nemo'
    | 'engine'
    | 'openvino'
    | 'saved-model'
    | 'ctranslate2'
  /** the file that maps tensors to parts; null: there is none */
  readonly index: string | null
  /** names of its files that are there, sorted */
  readonly files: readonly string[]
}

/** What programs take first, of files that would all do. */
const preferred: readonly RegExp[] = [
  /^(model|diffusion_pytorch_model|adapter_model|adapters)\.safetensors/,
  /^consolidated.*\.safetensors/,
  /^(?!.*\.(fp16|bf16|fp32|non_ema)[.-]).*\.safetensors/,
  /\.safetensors/,
  /^(pytorch_model|diffusion_pytorch_model|adapter_model)\.bin/,
  /\.gguf$/,
]

const kinds: readonly (readonly [pattern: RegExp, kind: WeightSet['kind']])[] = [
  [/\.safetensors(\.index\.json)?$/, 'safetensors'],
  [/\.gguf$/i, 'gguf'],
  [/\.onnx$/i, 'onnx'],
  [/\.nemo$/, 'nemo'],
  [/^rank\d+\.engine$/, 'engine'],
  [/^openvino_\w*\.xml$/, 'openvino'],
  [/^saved_model\.pb$/, 'saved-model'],
  [/^tf_model\.h5$|\.keras$/, 'keras'],
  [/\.msgpack$/, 'flax'],
  [/^(adapters|weights)\.npz$/, 'npz'],
  [/\.(pt|pth|ckpt|pkl)$|\.bin\.index\.json$/, 'pytorch'],
  [/^(pytorch_model|diffusion_pytorch_model|adapter_model|model)([.-].*)?\.bin$/, 'pytorch'],
]

/** Not weights, though they end like them: the state of a training, tensors of a tokenizer. */
const others = /^(training_args|optimizer|scheduler|scaler|rng_state.*)\.(bin|pt|pth)$/

const rank = (base: string): number => {
  const at = preferred.findIndex((pattern) => pattern.test(base))
  return at < 0 ? preferred.length : at
}

/**
 * The copies of the weights in one folder, the one that programs take first at the beginning.
 * @param names of the folder's own files, without those of folders below it
 */
export const findWeights = (names: readonly string[]): readonly WeightSet[] => {
  const groups = new Map<string, { kind: WeightSet['kind']; index: string | null; files: string[] }>()
  for (const name of [...names].sort()) {
    const kind = others.test(name) ? undefined : kinds.find(([pattern]) => pattern.test(name))?.[1]
    if (kind === undefined) continue
    const isIndex = name.endsWith('.index.json')
    // `model-00001-of-00004.safetensors` and `model.safetensors.index.json` are one copy
    const key = name
      .replace(/\.index\.json$/, '')
      .replace(/-\d{1,5}-of-\d{1,5}(?=\.\w+$)/, '')
      .replace(/^(consolidated|rank)\.?\d+(?=\.)/, '$1')
    const group = groups.get(key) ?? { kind, index: null, files: [] }
    if (isIndex) group.index = name
    else group.files.push(name)
    groups.set(key, group)
  }
  const firstName = (set: WeightSet) => set.index ?? set.files[0] ?? ''
  return [...groups.values()].sort((one, other) => rank(firstName(one)) - rank(firstName(other)))
}
