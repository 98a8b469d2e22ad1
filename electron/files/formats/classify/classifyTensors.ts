import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { createFindings } from '../findings.ts'
import { classifyAdapter } from './adapters.ts'
import type { Classification } from './classification.ts'
import { classifyControlNet } from './controlNets.ts'
import { compareDeclared } from './declared.ts'
import { diffusionTransformers } from './diffusionTransformers.ts'
import { classifyEmbedding } from './embeddings.ts'
import { textEncoders, visionEncoders } from './encoders.ts'
import { createKeyIndex, type KeyIndex, type NamedTensor } from './keyIndex.ts'
import {
  bertModels,
  languageModels,
  pictureClassifiers,
  projectors,
  speechModels,
  visionParts,
} from './languageModels.ts'
import { allHold, firstMatch, type Match } from './rules.ts'
import { diffusersUnets, ldmUnets, unetTraits } from './unets.ts'
import { upscalers } from './upscalers.ts'
import { vaes } from './vaes.ts'

/**
 * Says by names and shapes what a file of tensors is. Adapters come first, for they hold the words of the model they
 * change; then single components; then whole checkpoints. Works for every format with PyTorch's names.
 * @param metadata of the file: its own opinion (modelspec, kohya), shown beside ours where they differ
 */
export const classifyTensors = (
  tensors: readonly NamedTensor[],
  metadata: ReadonlyMap<string, string>,
): Classification => {
  const bare = unwrap(tensors)
  const keys = createKeyIndex(bare)
  const kind =
    classifyAdapter(keys, bare) ??
    classifyEmbedding(keys, bare) ??
    classifyControlNet(keys) ??
    componentOf(keys) ??
    diffusionOf(keys) ??
    otherOf(keys, bare) ??
    unknown
  return compareDeclared(kind, metadata)
}

const unknown: Classification = {
  role: 'unknown',
  architecture: null,
  label: 'unknown model',
  base: null,
  rank: null,
  source: 'tensor names',
  notes: [],
}

/** Trainers and pipelines put the whole state under one word. */
const wrappers = [
  'params_ema.',
  'params-ema.',
  'params.',
  'state_dict.',
  'module.',
  'first_stage_model.',
  'vae.',
  'cond_stage_model.',
  'text_encoder.',
]

const unwrap = (tensors: readonly NamedTensor[]): readonly NamedTensor[] => {
  const [first] = tensors
  const wrapper = wrappers.find((word) => first?.name.startsWith(word))
  if (wrapper === undefined || !tensors.every(({ name }) => name.startsWith(wrapper))) return tensors
  return tensors.map((tensor) => ({ ...tensor, name: tensor.name.slice(wrapper.length) }))
}

const of = (role: ModelRole, match: Match, notes: readonly Check[] = []): Classification => ({
  role,
  architecture: match.architecture || null,
  label: match.label,
  base: null,
  rank: null,
  source: match.source,
  notes,
})

/** One part of an image model, alone. */
const componentOf = (keys: KeyIndex): Classification | null => {
  if (keys.find('*model.diffusion_model.*') !== null) return null // parts of a checkpoint
  const vae = firstMatch(keys, vaes)
  if (vae !== null) return of('vae', vae)
  if (allHold(keys, [languageLayers]) !== null) return null // a language model that sees
  const text = firstMatch(keys, textEncoders)
  const vision = firstMatch(keys, visionEncoders)
  if (text !== null && vision !== null)
    return of('text-encoder', { ...text, label: `${text.label}, with its vision encoder` })
  if (text !== null) return of('text-encoder', text)
  return vision === null ? null : of('vision-encoder', vision)
}

const languageLayers =
  '*layers.#.self_attn.o_proj.* || *layers.#.self_attn.kv_a_proj_with_mqa.* || *layers.#.attention.wq.*'

const vaeParts = '^first_stage_model.* || ^vae.*'
const textParts = '^cond_stage_model.* || ^conditioner.* || ^text_encoders.* || ^text_encoder.*'

/** What removes the noise: in a checkpoint with everything, or alone. */
const diffusionOf = (keys: KeyIndex): Classification | null => {
  const match =
    firstMatch(keys, ldmUnets) ?? firstMatch(keys, diffusersUnets) ?? firstMatch(keys, diffusionTransformers)
  if (match === null) return null
  const traits = unetTraits.filter(([, , ...tests]) => allHold(keys, tests) !== null).map(([, label]) => label)
  const label = [match.label, ...traits].join(', ')
  const missing = [
    ...(allHold(keys, [vaeParts]) === null ? ['VAE'] : []),
    ...(allHold(keys, [textParts]) === null ? ['text encoder'] : []),
  ]
  if (missing.length === 0) return of('diffusion-checkpoint', { ...match, label: `${label} checkpoint` })
  return of('diffusion', { ...match, label }, missingParts(missing))
}

const missingParts = (missing: readonly string[]): readonly Check[] => {
  const findings = createFindings('meaning')
  findings.add('note', 'needs-parts', `This is a diffusion model without its ${missing.join(' and ')}.`, {
    advice: `To make pictures, a ${missing.join(' and a ')} must be loaded with it.`,
  })
  return findings.list
}

const otherOf = (keys: KeyIndex, tensors: readonly NamedTensor[]): Classification | null => {
  const upscaler = firstMatch(keys, upscalers)
  if (upscaler !== null)
    return of('upscaler', { ...upscaler, label: upscaler.label + scaleOf(keys, upscaler, tensors) })
  const speech = firstMatch(keys, speechModels)
  if (speech !== null) return of('speech', speech)
  const language = firstMatch(keys, languageModels)
  if (language !== null) return languageModel(keys, language)
  const bert = firstMatch(keys, bertModels)
  if (bert !== null) return encoderModel(keys, bert)
  const pictures = firstMatch(keys, pictureClassifiers)
  if (pictures !== null) return of('classifier', { ...pictures, label: `${pictures.label} with classes` })
  const projector = firstMatch(keys, projectors)
  return projector === null ? null : of('projector', projector)
}

const languageModel = (keys: KeyIndex, match: Match): Classification => {
  if (match.architecture === 'eagle') return of('draft', match)
  const sees = allHold(keys, [visionParts]) !== null
  const score = keys.find('^score.weight')
  if (score !== null)
    return of((score.shape[0] ?? 0) === 1 ? 'reranker' : 'classifier', {
      ...match,
      label: `${match.label} with a score on top`,
    })
  return of('llm', { ...match, label: `${match.label} language model${sees ? ' with vision or audio' : ''}` })
}

/** One number on top ranks, several sort into classes, none embeds. */
const encoderModel = (keys: KeyIndex, match: Match): Classification => {
  const top = keys.find('^classifier.out_proj.weight') ?? keys.find('^classifier.weight')
  if (top === null) return of('embedding', { ...match, label: `${match.label} encoder` })
  return (top.shape[0] ?? 0) === 1
    ? of('reranker', { ...match, label: `${match.label} reranker` })
    : of('classifier', { ...match, label: `${match.label} classifier` })
}

/** ` ×4`: counted where the layers tell it. */
const scaleOf = (keys: KeyIndex, { architecture }: Match, tensors: readonly NamedTensor[]): string => {
  if (architecture === 'realesrgan-compact') {
    const last = keys.highest('^body.#.weight')
    const squared = (tensors.find(({ name }) => name === `body.${last}.weight`)?.shape[0] ?? 0) / 3
    const scale = Math.sqrt(squared)
    return Number.isInteger(scale) && scale > 0 ? ` ×${scale}` : ''
  }
  if (architecture !== 'esrgan') return ''
  const old = keys.highest('^model.#.weight')
  const steps =
    old >= 4
      ? (old - 4) / 3
      : ['conv_up1.weight', 'conv_up2.weight', 'conv_up3.weight', 'upconv1.weight', 'upconv2.weight'].filter((name) =>
          keys.find(`^${name}`),
        ).length
  const channels = keys.find('^conv_first.weight')?.shape[1] ?? 3
  const unshuffled = channels === 12 ? 2 : channels === 48 ? 4 : 1
  return Number.isInteger(steps) ? ` ×${2 ** steps / unshuffled}` : ''
}
