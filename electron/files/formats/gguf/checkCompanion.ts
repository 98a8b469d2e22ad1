import type { ModelRole } from '../../../../shared/contract/models.ts'
import type { Findings } from '../findings.ts'
import { typeName } from './checkTypes.ts'
import type { Facts } from './facts.ts'
import type { GgufFile } from './ggufFile.ts'

/** Files that serve a model are not loaded here by themselves, but the runtime crashes on their mistakes all the same. */
export const checkCompanion = (file: GgufFile, facts: Facts, role: ModelRole, findings: Findings): void => {
  if (role === 'projector') checkProjector(file, facts, findings)
  if (role === 'adapter') checkAdapter(file, facts, findings)
  if (role === 'control-vector') checkControlVector(file, findings)
}

const visionKeys = [
  'image_size',
  'patch_size',
  'embedding_length',
  'feed_forward_length',
  'block_count',
  'projection_dim',
  'attention.head_count',
]

const checkProjector = (file: GgufFile, facts: Facts, findings: Findings): void => {
  const projectors = [
    'clip.projector_type',
    'clip.vision.projector_type',
    'clip.audio.projector_type',
    'clip.gen.audio.projector_type',
  ]
  if (!projectors.some(facts.has))
    findings.add('warning', 'missing-key', 'The file does not say which kind of projector it is (clip.projector_type).')
  if (facts.truth('clip.use_gelu') === true && facts.truth('clip.use_silu') === true)
    findings.add(
      'warning',
      'contradiction',
      'clip.use_gelu and clip.use_silu are both set; llama.cpp refuses the file.',
    )
  if (facts.truth('clip.has_vision_encoder') !== true) return
  for (const key of visionKeys.map((name) => `clip.vision.${name}`)) {
    const entry = file.metadata.get(key)
    if (entry === undefined)
      findings.add('warning', 'missing-key', `The key "${key}" is missing; llama.cpp refuses the file.`)
    else if (entry.type !== 'uint32')
      findings.add(
        'warning',
        'wrong-type',
        `"${key}" is ${typeName(entry)} and must be uint32; llama.cpp crashes on it.`,
        entry.offset,
      )
  }
  const limits: readonly [key: string, least: number, most: number][] = [
    ['clip.vision.image_size', 1, 8192],
    ['clip.vision.patch_size', 1, 65_535],
    ['clip.vision.attention.head_count', 1, 65_535],
  ]
  for (const [key, least, most] of limits) {
    const value = facts.integer(key)
    if (value !== null && (value < least || value > most))
      findings.add(
        'warning',
        'out-of-range',
        `"${key}" is ${value}; ${least} to ${most} is possible.`,
        facts.entry(key)?.offset,
      )
  }
}

const checkAdapter = ({ tensors }: GgufFile, facts: Facts, findings: Findings): void => {
  if (facts.text('general.type') !== 'adapter' || facts.text('adapter.type') !== 'lora')
    findings.add(
      'warning',
      'missing-key',
      'An adapter needs general.type "adapter" and adapter.type "lora"; llama.cpp refuses it without.',
    )
  const alpha = facts.entry('adapter.lora.alpha')
  if (alpha !== undefined && alpha.type !== 'float32')
    findings.add(
      'warning',
      'wrong-type',
      `"${alpha.key}" is ${typeName(alpha)} and must be float32; llama.cpp crashes on it.`,
      alpha.offset,
    )
  const names = new Set(tensors.map((tensor) => tensor.name))
  for (const name of names) {
    const half = /^(.*)\.lora_([ab])$/s.exec(name)
    if (half === null) {
      if (!name.endsWith('_norm.weight'))
        findings.add(
          'warning',
          'unexpected-tensor',
          `Tensor "${name}" does not belong into an adapter; llama.cpp refuses it.`,
        )
    } else if (!names.has(`${half[1]}.lora_${half[2] === 'a' ? 'b' : 'a'}`))
      findings.add('warning', 'half-pair', `Tensor "${name}" has no counterpart; llama.cpp refuses the adapter.`)
  }
}

const checkControlVector = ({ tensors }: GgufFile, findings: Findings): void => {
  const width = tensors[0]?.dimensions[0]
  for (const { name, type, dimensions } of tensors) {
    const layer = Number(/^direction\.(\d+)$/.exec(name)?.[1] ?? Number.NaN)
    const isSound =
      layer >= 1 && layer <= 512 && type.name === 'F32' && dimensions.length === 1 && dimensions[0] === width
    if (!isSound) findings.add('warning', 'bad-direction', `Tensor "${name}" is no direction that llama.cpp can use.`)
  }
}
