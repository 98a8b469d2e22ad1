/** What a name says besides which model it is: how it was packed, or how a router should treat it. */
const packing =
  /^(gguf|ggml|mlx|awq|gptq|exl2|safetensors|(i?q\d\w*(_\w+)*)|[bf]?f?p?(16|32)|bf16|fp8|int[48]|mxfp4|nvfp4|\d+bit|imat|imatrix)$/
const routing = new Set([
  'latest',
  'free',
  'extended',
  'thinking',
  'online',
  'nitro',
  'floor',
  'exacto',
  'cloud',
  'local',
])
/** Names that many files have. */
const common = new Set([
  'model',
  'main',
  'default',
  'ggml-model',
  'pytorch-model',
  'consolidated',
  'unsloth',
  'test',
  'tiny',
])

/**
 * What two names of one model have in common, whatever their provider makes of it: `qwen3:8b`, `Qwen/Qwen3-8B` and
 * `Qwen3-8B-Q4_K_M.gguf` are all `qwen3-8b`. A weak hint and no more; null where a name says too little for one.
 */
export const nameHint = (key: string): string | null => {
  const last = key
    .slice(key.lastIndexOf('/') + 1)
    .slice(0, 200)
    .toLowerCase()
  const words = last
    .replace(/\.(gguf|safetensors|bin|ggml)$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .split(/[-\s:@.]+/)
    .filter((word) => word !== '' && !packing.test(word) && !routing.has(word))
  const hint = words.join('-')
  return hint.length < 4 || !/[a-z]/.test(hint) || common.has(hint) ? null : hint
}
