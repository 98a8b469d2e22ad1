import type { Check } from '../../../../shared/contract/checks.ts'
import type { Classification } from './classification.ts'

/** How trainers and tools begin the name of an architecture (lower case), and the family we call so. Longest first. */
const families: readonly (readonly [beginning: string, family: string])[] = [
  ['stable-diffusion-xl-v1-refiner', 'sdxl-refiner'],
  ['stable-diffusion-xl', 'sdxl'],
  ['sdxl', 'sdxl'],
  ['stable-diffusion-v1', 'sd1'],
  ['sd_v1', 'sd1'],
  ['stable-diffusion-v2', 'sd2'],
  ['sd_v2', 'sd2'],
  ['stable-diffusion-v3', 'sd3'],
  ['stable-diffusion-3', 'sd3'],
  ['sd3', 'sd3'],
  ['flux.2', 'flux-2'],
  ['flux-2', 'flux-2'],
  ['flux2', 'flux-2'],
  ['flux.1', 'flux-1'],
  ['flux-1', 'flux-1'],
  ['flux1', 'flux-1'],
  ['chroma', 'chroma'],
  ['lumina', 'lumina'],
  ['qwen-image', 'qwen-image'],
  ['qwen_image', 'qwen-image'],
  ['z-image', 'z-image'],
  ['zimage', 'z-image'],
  ['wan', 'wan'],
  ['hunyuan-video', 'hunyuan-video'],
  ['hunyuan_video', 'hunyuan-video'],
  ['hunyuan-image', 'hunyuan-image'],
  ['hunyuan_image', 'hunyuan-image'],
  ['lightricks-ltx', 'ltx'],
  ['nvidia-sana', 'sana'],
  ['hidream', 'hidream'],
  ['omnigen-2', 'omnigen-2'],
  ['auraflow', 'auraflow'],
  ['anima', 'anima'],
  ['ernie-image', 'ernie-image'],
  ['kandinsky5', 'kandinsky5'],
  ['genmo-mochi', 'mochi'],
  ['minimax-h3', 'minimax-h3'],
  ['seedvr2', 'seedvr2'],
  ['mage-flow', 'mage-flow'],
]

const keysInOrder = [
  'modelspec.architecture',
  'architecture',
  'general.architecture',
  'model_type',
  'ss_base_model_version',
  'ss_network_module',
] as const

interface Declared {
  readonly key: string
  readonly value: string
  readonly family: string
  readonly isAdapter: boolean
}

/** The network modules of kohya's trainer name only some of the bases. */
const modules: ReadonlyMap<string, string> = new Map([
  ['networks.lora_flux', 'flux-1'],
  ['networks.oft_flux', 'flux-1'],
  ['networks.lora_sd3', 'sd3'],
  ['networks.lora_lumina', 'lumina'],
  ['networks.lora_hunyuan_image', 'hunyuan-image'],
  ['networks.lora_wan', 'wan'],
])

/** What the metadata says the model is, by the first key that says something known. */
const declaredIn = (metadata: ReadonlyMap<string, string>): Declared | null => {
  for (const key of keysInOrder) {
    const value = metadata.get(key)?.slice(0, 200)
    if (value === undefined) continue
    const lower = value.trim().toLowerCase()
    const family = modules.get(lower) ?? families.find(([beginning]) => lower.startsWith(beginning))?.[1]
    if (family !== undefined) return { key, value, family, isAdapter: lower.endsWith('/lora') }
  }
  return null
}

/** The same model under two names is no disagreement: a variant begins with its family; 3.5 is of the family 3. */
const agrees = (architecture: string, family: string): boolean =>
  architecture.replace('sd3.5', 'sd3').startsWith(family) || (family === 'sdxl' && sdxlRelatives.has(architecture))

const sdxlRelatives = new Set(['ssd-1b', 'segmind-vega', 'koala', 'playground-2.5'])

/** Metadata may lie, for files are merged and renamed: where it and the tensors differ, both are told. */
export const compareDeclared = (kind: Classification, metadata: ReadonlyMap<string, string>): Classification => {
  const declared = declaredIn(metadata)
  if (declared === null) return kind
  const said = `${JSON.stringify(declared.value)} (${declared.key})`
  if (kind.architecture === null)
    return kind.role === 'adapter' || kind.role === 'textual-inversion'
      ? { ...kind, architecture: declared.family, base: kind.base ?? declared.family, source: declared.key }
      : kind
  const notes: Check[] = []
  if (!agrees(kind.architecture, declared.family))
    notes.push(disagreement(`The metadata calls the architecture ${said}; the tensors are those of ${kind.label}.`))
  else if (declared.isAdapter && kind.role !== 'adapter')
    notes.push(disagreement(`The metadata calls it an adapter, ${said}; the tensors are those of ${kind.label}.`))
  return notes.length === 0 ? kind : { ...kind, notes: [...kind.notes, ...notes] }
}

const disagreement = (message: string): Check => ({
  rung: 'meaning',
  code: 'metadata-disagrees',
  outcome: 'warning',
  message,
  advice: 'Trust the tensors: metadata stays behind when files are merged or renamed.',
  evidence: null,
})
