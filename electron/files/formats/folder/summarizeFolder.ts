import type { FactGroup } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { roleWord } from '../../../../shared/modelRole.ts'
import { quantizationFacts } from '../config/hfFacts.ts'
import { factGroup } from '../factGroup.ts'
import type { Inspection, ModelGeometry } from '../modelFile.ts'
import { byteCount } from '../words.ts'
import { companionFacts } from './companions.ts'
import type { FolderContents } from './folderContents.ts'
import { type FolderKind, kindWords } from './folderKind.ts'
import { mlxParameters } from './mlxWeights.ts'
import { weightBytesOf } from './weightBytes.ts'

/** Everything that was read, as one model. */
export const summarizeFolder = (contents: FolderContents): Omit<Inspection, 'templates'> => {
  const { reader, kind, config, quantization, weights, card, adapter, pooling } = contents
  const role = roleOf(contents)
  const parameterCount = parametersOf(contents)
  const label = quantization?.label ?? weights.quantization
  const checks = [
    ...reader.structure.list,
    ...weights.checks,
    ...reader.meaning.list,
    ...(config?.checks ?? []),
    ...reader.safety.list,
  ]
  const broken = checks.find(({ outcome }) => outcome === 'broken')
  const context = config?.contextLength ?? null
  const summary: Inspection['summary'] = {
    format: kindWords[kind].label,
    formatVersion: null,
    name: reader.folder.name,
    label: null,
    role,
    loadable: false,
    reason:
      broken?.message ?? `The embedded engine loads GGUF files. This folder runs with ${kindWords[kind].runsWith}.`,
    capabilities: capabilitiesOf(contents, role),
    architecture:
      contents.pipeline?.className ?? config?.modelType ?? config?.architecture ?? contents.weightsArchitecture,
    parameterCount,
    activeParameterCount: activeParameters(contents, parameterCount),
    quantization: label,
    bitsPerWeight: parameterCount === null || parameterCount === 0 ? null : (8 * weights.dataBytes) / parameterCount,
    contextLength:
      context !== null && pooling?.contextLength != null ? Math.min(context, pooling.contextLength) : context,
    geometry: geometryOf(contents, role),
    tensorTypes: weights.tensorTypes,
    tensorCount: weights.tensorCount,
    dataBytes: weights.dataBytes,
    sizeBytes: [...reader.entries.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    tokenizer: contents.tokenizer.kind,
    chatTemplate: contents.templates[0]?.text ?? null,
    license: card.license,
    author: card.author,
    baseModels: adapter?.base != null ? [adapter.base] : card.baseModels,
    split: null,
    checks,
  }
  const about = factGroup('Folder', [
    ['What it is', kindWords[kind].label, 'file names'],
    ['What it is for', roleWord(role), 'configuration and tensor names'],
    ['Runs with', quantization?.runsWith ?? kindWords[kind].runsWith, quantization?.source ?? 'file names'],
    ['Parameters', parameterCount, 'tensor tables'],
    ['Tensors', weights.tensorCount === 0 ? null : weights.tensorCount, 'tensor tables'],
    ['Tensor data', weights.dataBytes === 0 ? null : byteCount(weights.dataBytes), 'tensor tables'],
  ])
  return { summary, facts: factsOf(contents, about), metadata: weights.metadata, tensors: weights.tensors }
}

/** In the order a person reads them. */
const factsOf = (contents: FolderContents, about: FactGroup): FactGroup[] => {
  const { reader, sets, config, quantization, tokenizer, card, adapter, pooling, pipeline } = contents
  return [
    about,
    ...(pipeline?.facts ?? []),
    ...(adapter?.facts ?? []),
    ...(pooling?.facts ?? []),
    ...(config?.facts ?? []),
    ...(config?.quantization ? [] : [quantizationFacts(quantization)]),
    card.facts,
    companionFacts(reader, tokenizer, sets),
  ].filter(({ facts }) => facts.length > 0)
}

const roles: Partial<Record<FolderKind, ModelRole>> = {
  diffusers: 'diffusion-checkpoint',
  peft: 'adapter',
  'mlx-adapter': 'adapter',
  mistral: 'llm',
  mlc: 'llm',
  'onnxruntime-genai': 'llm',
  'gguf-pair': 'llm',
}

const roleOf = ({ kind, config, weightsRole, reader }: FolderContents): ModelRole => {
  if (kind === 'sentence-transformers')
    return config?.role === 'reranker' || config?.role === 'classifier' ? config.role : 'embedding'
  const fixed = roles[kind]
  if (fixed !== undefined) return fixed
  if (kind === 'tensorrt-llm') return 'llm'
  // faster-whisper has no word of its own for what it is
  if (kind === 'ctranslate2' && reader.has('preprocessor_config.json')) return 'speech'
  return config !== null && config.role !== 'unknown' ? config.role : weightsRole
}

const capabilitiesOf = ({ config, templates, supports }: FolderContents, role: ModelRole): string[] => {
  if (role === 'embedding') return ['embedding']
  const own = config?.capabilities ?? []
  if (role !== 'llm') return [...own]
  const has = (feature: (typeof supports)[number]) => (supports.includes(feature) ? [feature] : [])
  return [
    ...new Set(['completion', ...(templates.length > 0 ? ['chat'] : []), ...has('tools'), ...has('thinking'), ...own]),
  ]
}

const parametersOf = ({ kind, configFields, weights }: FolderContents): number | null => {
  const packed = kind === 'mlx' && configFields !== null ? mlxParameters(configFields, weights.tensors) : null
  return packed ?? weights.parameterCount
}

/** Null: unknown, as the experts are packed. */
const activeParameters = ({ config, weights }: FolderContents, total: number | null): number | null => {
  if (total === null || config === null) return null
  const { expertCount, expertUsedCount } = config.geometry
  if (expertCount === null) return total
  if (expertUsedCount === null || expertUsedCount > expertCount) return null
  const count = (isCounted: (name: string) => boolean) =>
    weights.tensors.reduce((sum, { name, elements }) => sum + (isCounted(name) ? elements : 0), 0)
  const routed = count((name) => name.includes('.experts.'))
  if (routed === 0 || count(() => true) !== total) return null
  return total - routed + Math.round((routed * expertUsedCount) / expertCount)
}

const geometryOf = ({ config, weights, pooling, kind }: FolderContents, role: ModelRole): ModelGeometry | null => {
  if (config === null || kind === 'diffusers' || config.geometry.blockCount === null) return null
  const isEncoder = config.geometry.causalAttention === false
  return {
    ...config.geometry,
    poolingType: pooling?.poolingType ?? (role === 'reranker' ? 4 : null),
    weights: weightBytesOf(weights.tensors, isEncoder),
  }
}
