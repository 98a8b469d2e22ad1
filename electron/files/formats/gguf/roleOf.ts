import type { ModelRole } from '../../../../shared/contract/models.ts'
import {
  draftArchitectures,
  embeddingArchitectures,
  imageArchitectures,
  speechArchitectures,
  textDiffusionArchitectures,
} from './architectures.ts'
import type { Facts } from './facts.ts'
import type { GgufFile } from './ggufFile.ts'

/** llama.cpp's pooling_type */
const pooling = { mean: 1, rank: 4 }

export const roleOf = ({ tensors, metadata }: GgufFile, facts: Facts): ModelRole => {
  const { architecture } = facts
  const kind = facts.text('general.type')
  const every = (pattern: RegExp) => tensors.length > 0 && tensors.every((tensor) => pattern.test(tensor.name))
  const some = (pattern: RegExp) => tensors.some((tensor) => pattern.test(tensor.name))
  const is = (set: ReadonlySet<string>) => architecture !== null && set.has(architecture)

  if (kind === 'imatrix' || (architecture === null && facts.has('imatrix.chunk_count'))) return 'imatrix'
  if (architecture === 'controlvector' || every(/^direction\.\d+$/)) return 'control-vector'
  if (kind === 'adapter' || facts.has('adapter.type') || every(/\.lora_[ab]$/)) return 'adapter'
  if (architecture === 'clip' || kind === 'mmproj' || kind === 'clip-vision' || hasEncoder(facts)) return 'projector'
  if (is(draftArchitectures) || every(/\.nextn\./)) return 'draft'
  if (is(imageArchitectures) || is(textDiffusionArchitectures) || some(/^model\.diffusion_model\./)) return 'diffusion'
  if (is(speechArchitectures)) return 'unknown'
  const isFirstOfSplit = (facts.integer('split.count') ?? 0) > 1
  if (tensors.length === 0 && !isFirstOfSplit)
    return [...metadata.keys()].some((key) => key.startsWith('tokenizer.')) ? 'vocabulary' : 'unknown'
  if (architecture === null) return 'unknown'

  const poolingType = facts.integer(facts.own('pooling_type'))
  if (poolingType === pooling.rank || some(/^cls\.output\.weight$/)) return 'reranker'
  if (is(embeddingArchitectures) || (poolingType !== null && poolingType >= pooling.mean)) return 'embedding'
  return 'llm'
}

const hasEncoder = (facts: Facts): boolean =>
  ['clip.has_vision_encoder', 'clip.has_audio_encoder', 'clip.has_gen_audio_encoder'].some((key) => facts.has(key))

/** What it can be used for, as far as the file itself tells. */
export const capabilitiesOf = (file: GgufFile, role: ModelRole, facts: Facts): string[] => {
  const template = facts.text('tokenizer.chat_template')
  switch (role) {
    case 'llm':
      return [
        'completion',
        ...(template === null ? [] : ['chat']),
        ...(template !== null && usesTools(template) ? ['tools'] : []),
        ...(file.tensors.some((tensor) => /^(v|mm)\./.test(tensor.name)) ? ['vision'] : []),
      ]
    case 'embedding':
      return ['embedding']
    case 'reranker':
      return ['rerank']
    case 'projector':
      return [
        ...(facts.truth('clip.has_vision_encoder') === true ? ['vision'] : []),
        ...(facts.truth('clip.has_audio_encoder') === true ? ['audio'] : []),
      ]
    default:
      return []
  }
}

/** The template's code, not its text, reads the variable `tools`. */
const usesTools = (template: string): boolean => {
  for (const [code] of template.matchAll(/\{[{%][^{}]*?[}%]\}/g)) if (/\btools\b/.test(code)) return true
  return false
}
