import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { type Classification, labelOf } from '../classify/classification.ts'
import { classifyTensors } from '../classify/classifyTensors.ts'
import type { ModelFileSummary, ModelSplit } from '../modelFile.ts'
import { tensorTypesOf } from '../tensorTypes.ts'
import { checkMeaning } from './checkMeaning.ts'
import { createFacts, type Facts } from './facts.ts'
import { quantizationOf } from './fileTypes.ts'
import { geometryOf, isRoutedExpert } from './geometry.ts'
import type { GgufFile, GgufTensor } from './ggufFile.ts'
import { capabilitiesOf, roleOf } from './roleOf.ts'

/** Of one file; the parts of a split model are put together by `mergeShards`. */
export const summarizeGguf = (file: GgufFile): ModelFileSummary => {
  const facts = createFacts(file)
  const told = roleOf(file, facts)
  const image = imageModelOf(file, told)
  const role = told === 'unknown' ? (image?.role ?? told) : told
  const quantization = quantizationOf(facts.integer('general.file_type'), file.tensors)
  const split = splitOf(facts)
  const checks = [...file.findings, ...checkMeaning(file, facts, role, quantization)]
  const reason = whyNotLoadable(role, split, checks)
  const elements = file.tensors.reduce((sum, tensor) => sum + tensor.elements, 0)
  return {
    format: 'GGUF',
    formatVersion: `v${file.version}`,
    name: facts.text('general.name') ?? facts.text('general.basename'),
    label: image === null ? null : labelOf(image),
    role,
    loadable: reason === null,
    reason,
    capabilities: capabilitiesOf(file, role, facts),
    architecture: facts.architecture ?? image?.architecture ?? null,
    parameterCount: file.tensors.length === 0 ? null : elements,
    activeParameterCount: activeParameters(file.tensors, elements, facts),
    quantization: quantization.label,
    bitsPerWeight: elements === 0 ? null : (8 * file.dataBytes) / elements,
    contextLength: facts.integer(facts.own('context_length')),
    geometry: geometryOf(facts, file.tensors),
    tensorTypes: tensorTypesOf(file.tensors.map(({ type, sizeBytes }) => ({ type: type.name, bytes: sizeBytes }))),
    tensorCount: file.tensors.length,
    dataBytes: file.dataBytes,
    sizeBytes: file.sizeBytes,
    tokenizer: facts.text('tokenizer.ggml.model'),
    chatTemplate: facts.text('tokenizer.chat_template'),
    license: facts.text('general.license') ?? facts.text('general.license.name'),
    author: facts.text('general.author') ?? facts.text('general.organization'),
    baseModels: baseModelsOf(facts),
    split,
    checks,
  }
}

const imageRoles = new Set<ModelRole>([
  'diffusion',
  'diffusion-checkpoint',
  'vae',
  'text-encoder',
  'vision-encoder',
  'controlnet',
  'upscaler',
])

/** Programs for pictures keep PyTorch's names of the tensors, and some of them name no architecture. */
const imageModelOf = ({ tensors }: GgufFile, role: ModelRole): Classification | null => {
  if (role !== 'diffusion' && role !== 'unknown') return null
  const rows = tensors.map(({ name, type, dimensions }) => ({
    name,
    type: type.name,
    shape: dimensions.toReversed(),
  }))
  const kind = classifyTensors(rows, new Map())
  return imageRoles.has(kind.role) ? kind : null
}

const companions: Partial<Record<ModelRole, string>> = {
  projector: 'This is the vision or audio part of another model. Load the model it belongs to.',
  adapter: 'This is a LoRA adapter: a change to another model. Load the model it belongs to.',
  'control-vector': 'This is a control vector for another model. Load the model it belongs to.',
  imatrix: 'This is an importance matrix, used when a model is quantised. It is not a model.',
  vocabulary: 'This is a tokenizer without a model.',
  diffusion: 'This is a diffusion model. The embedded engine runs language models that write token by token.',
  draft: 'This predicts ahead for another model and is loaded with it.',
  'diffusion-checkpoint': 'This is an image model. The embedded engine runs language models that write token by token.',
  speech: 'This is a speech model. The embedded engine runs language models that write token by token.',
  vae: 'This is the VAE of an image model: one part of it.',
  'text-encoder': 'This is a text encoder: one part of another model.',
  'vision-encoder': 'This is a vision encoder: one part of another model.',
  controlnet: 'This steers an image model and is used together with it.',
  upscaler: 'This enlarges pictures. The embedded engine runs language models that write token by token.',
  unknown: 'Berth cannot tell what this file is for.',
}

const whyNotLoadable = (role: ModelRole, split: ModelSplit | null, findings: readonly Check[]): string | null => {
  if (split !== null && (split.no ?? 0) > 0)
    return `This is part ${(split.no ?? 0) + 1} of a model in several files. Load its first part.`
  return companions[role] ?? findings.find((finding) => finding.outcome === 'broken')?.message ?? null
}

/** A count of 0 or 1 is a merged file that kept the keys. */
const splitOf = (facts: Facts): ModelSplit | null => {
  const no = facts.integer('split.no')
  const count = facts.integer('split.count')
  const isWhole = (no ?? 0) === 0 && (count ?? 0) <= 1
  return isWhole ? null : { no, count, tensorCount: facts.integer('split.tensors.count') }
}

const activeParameters = (tensors: readonly GgufTensor[], elements: number, facts: Facts): number | null => {
  if (tensors.length === 0) return null
  const count = facts.integer(facts.own('expert_count'))
  const used = facts.integer(facts.own('expert_used_count'))
  if (count === null || used === null || count <= 0 || used <= 0 || used > count) return elements
  const routed = tensors
    .filter((tensor) => isRoutedExpert(tensor.name))
    .reduce((sum, tensor) => sum + tensor.elements, 0)
  return elements - routed + Math.round((routed * used) / count)
}

const mostBaseModels = 16

const baseModelsOf = (facts: Facts): string[] => {
  const count = Math.min(facts.integer('general.base_model.count') ?? 0, mostBaseModels)
  const names: string[] = []
  for (let index = 0; index < count; index++) {
    const key = `general.base_model.${index}`
    const organization = facts.text(`${key}.organization`)
    const name = facts.text(`${key}.name`) ?? facts.text(`${key}.repo_url`)
    if (name !== null) names.push(organization === null ? name : `${organization}/${name}`)
  }
  return names
}
