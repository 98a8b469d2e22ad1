import type { FolderEntry } from '../folderSource.ts'
import type { FolderKind } from './folderKind.ts'

const weights = /\.(safetensors|bin|pt|pth|ckpt|h5|msgpack|onnx|gguf|ot)$|\.(safetensors|bin)\.index\.json$/i

/** llama.cpp's own tools and everybody else call them so. */
export const isProjectorName = (name: string): boolean => /(^|[^a-z])mmproj/i.test(name)

/**
 * By names alone; null: just a folder of files, or a store of many models. `transformers` may turn out to be `mlx` when its
 * configuration is read.
 */
export const recognizeFolder = (entries: readonly FolderEntry[]): FolderKind | null => {
  const top = new Set<string>()
  const folders = new Set<string>()
  for (const { name } of entries) {
    const at = name.indexOf('/')
    if (at < 0) top.add(name)
    else folders.add(name.slice(0, at))
  }
  if (folders.has('manifests') && folders.has('blobs')) return null // Ollama's store
  if (folders.has('snapshots') && folders.has('blobs')) return null // one model of the Hugging Face cache, all revisions
  const has = (name: string) => top.has(name)
  const some = (pattern: RegExp) => [...top].some((name) => pattern.test(name))
  const hasModel = has('config.json') && entries.some(({ name }) => weights.test(name))

  if (has('model_index.json')) return 'diffusers'
  if (has('genai_config.json')) return 'onnxruntime-genai'
  if (has('mlc-chat-config.json') || (some(/^params_shard_\d+\.bin$/) && some(/^(ndarray|tensor)-cache\.json$/)))
    return 'mlc'
  if (some(/^rank\d+\.engine$/)) return 'tensorrt-llm'
  if (has('adapter_config.json') && some(/^adapter_model\.(safetensors|bin|pt)$/)) return 'peft'
  if (has('adapter_config.json') && some(/^adapters\.(safetensors|npz)$/)) return 'mlx-adapter'
  if (has('modules.json') && hasModel) return 'sentence-transformers'
  if (some(/^openvino_\w*model\.xml$/)) return 'openvino'
  if (has('saved_model.pb')) return 'savedmodel'
  if (has('model.bin') && has('config.json') && some(/^(shared_)?vocabulary\.(txt|json)$/)) return 'ctranslate2'
  if (some(/\.nemo$/) || (has('model_config.yaml') && some(/^model_weights\.(ckpt|safetensors)$/))) return 'nemo'
  if (hasModel) return 'transformers'
  if (has('params.json') && some(/^consolidated\.(\d\d\.)?(safetensors|pth)$|^consolidated\.safetensors\.index\.json$/))
    return 'mistral'
  const models = [...top].filter((name) => /\.gguf$/i.test(name))
  // several models beside one projector are several choices, not one model
  if (models.some(isProjectorName) && models.filter((name) => !isProjectorName(name)).length === 1) return 'gguf-pair'
  return null
}
