import type { Check, FactGroup } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { createFindings, type Findings } from '../findings.ts'
import { type ConfigReader, createConfigReader } from './configReader.ts'
import { addCustomCode, type CustomCode, customCodeOf } from './customCode.ts'
import { fieldsOf } from './fields.ts'
import { hfFacts } from './hfFacts.ts'
import { geometryOf, type HfGeometry, names } from './hfGeometry.ts'
import { type HfQuantization, quantizationOf } from './hfQuantization.ts'
import { hfCapabilities, hfRole, isEncoderType } from './hfRole.ts'

/** What a `config.json` of transformers, diffusers or MLX says. Null: it does not say. */
export interface HfConfig {
  /** the first of `architectures`, or the class of a diffusers component */
  readonly architecture: string | null
  readonly modelType: string | null
  readonly role: ModelRole
  readonly capabilities: readonly string[]
  /** tokens */
  readonly contextLength: number | null
  readonly geometry: HfGeometry
  /** the output uses the matrix of the input */
  readonly tiedEmbeddings: boolean | null
  /** of the weights before any packing */
  readonly dtype: string | null
  /** by the geometry alone; null: not enough is known, or the layers differ */
  readonly estimatedParameters: number | null
  readonly quantization: HfQuantization | null
  readonly customCode: readonly CustomCode[]
  /** a Python file that MLX runs when it loads the model, without asking */
  readonly modelFile: string | null
  readonly facts: readonly FactGroup[]
  readonly checks: readonly Check[]
}

const signs = ['architectures', 'model_type', '_class_name', 'auto_map', 'hidden_size', 'n_embd', 'd_model', 'dim']

/** @returns null where it is no object, or none of a model */
export const readHfConfig = (json: unknown, fileName = 'config.json'): HfConfig | null => {
  const top = fieldsOf(json)
  if (top === null || !signs.some((key) => top.has(key))) return null
  const reader = createConfigReader(top, fileName)
  const architecture = top.texts('architectures')?.[0]?.slice(0, 200) ?? top.text('_class_name')?.slice(0, 200) ?? null
  const modelType = top.text('model_type')?.slice(0, 100) ?? null
  const role = hfRole(top, architecture, modelType)
  const isEncoder = isEncoderType(modelType) || role === 'text-encoder' || role === 'vision-encoder'
  const geometry = geometryOf(reader, reader.text.text('model_type') ?? modelType, isEncoder)
  const quantization = quantizationOf(top, fileName)
  const customCode = customCodeOf(top, fileName)
  const modelFile = top.text('model_file')?.slice(0, 300) ?? null
  const context = reader.integer(...names.context)?.value ?? null
  const tied = reader.truth('tie_word_embeddings')?.value ?? (role === 'llm' && modelType !== null ? true : null)
  const dtype =
    reader
      .string('dtype', 'torch_dtype')
      ?.value.replace(/^torch\./, '')
      .slice(0, 40) ?? null
  const known = { architecture, modelType, role, geometry, quantization, dtype }
  return {
    ...known,
    capabilities: hfCapabilities(role, top),
    // the first two positions of this family are never used
    contextLength: context !== null && offsetPositions.has(modelType ?? '') ? context - 2 : context,
    tiedEmbeddings: tied,
    estimatedParameters: estimateParameters(reader, geometry, tied),
    customCode,
    modelFile,
    facts: hfFacts(reader, known, fileName),
    checks: checksOf(reader, geometry, quantization, customCode, modelFile),
  }
}

const offsetPositions = new Set(['roberta', 'xlm-roberta', 'xlm-roberta-xl', 'camembert', 'mpnet'])

const gated = /silu|swiglu|swish|gelu_pytorch_tanh|geglu|glu/

/** Embedding, attention and feed-forward of layers that are all alike. */
const estimateParameters = (reader: ConfigReader, geometry: HfGeometry, tied: boolean | null): number | null => {
  const { blockCount, embeddingLength, vocabSize, headCount, headCountKv, keyLength, feedForwardLength } = geometry
  if (blockCount === null || embeddingLength === null || vocabSize === null || keyLength === null) return null
  if (typeof headCount !== 'number' || typeof headCountKv !== 'number' || typeof feedForwardLength !== 'number')
    return null
  if (geometry.recurrentLayers !== null || geometry.kvLoraRank !== null || geometry.ssmConvKernel !== null) return null
  const matrices = gated.test(reader.string('hidden_act', 'hidden_activation', 'activation_function')?.value ?? '')
    ? 3
    : 2
  const attention = embeddingLength * keyLength * (2 * headCount + 2 * headCountKv)
  const expert = typeof geometry.expertFeedForwardLength === 'number' ? geometry.expertFeedForwardLength : null
  const wide = geometry.expertCount === null ? feedForwardLength : geometry.expertCount * (expert ?? feedForwardLength)
  const total =
    vocabSize * embeddingLength * (tied === false ? 2 : 1) +
    blockCount * (attention + matrices * embeddingLength * wide)
  return Number.isSafeInteger(total) ? total : null
}

const checksOf = (
  reader: ConfigReader,
  geometry: HfGeometry,
  quantization: HfQuantization | null,
  customCode: readonly CustomCode[],
  modelFile: string | null,
): readonly Check[] => {
  const meaning = createFindings('meaning')
  checkNumbers(reader, geometry, meaning)
  if (quantization !== null && quantization.runsWith === null)
    meaning.add(
      'warning',
      'unknown-quantisation',
      `Berth does not know the quantisation "${quantization.method}"; most programs will refuse the model.`,
      { text: quantization.source },
    )
  const safety = createFindings('safety')
  addCustomCode(customCode, safety)
  if (modelFile !== null)
    safety.add(
      'dangerous',
      'model-file',
      `MLX runs the Python file "${modelFile}" when it loads this model (model_file).`,
      {
        text: `model_file: ${modelFile}`,
        advice: 'Read that file before any program loads this folder.',
      },
    )
  return [...meaning.list, ...safety.list]
}

const checkNumbers = (reader: ConfigReader, geometry: HfGeometry, findings: Findings): void => {
  const { embeddingLength, headCount, headCountKv, expertCount, expertUsedCount } = geometry
  const hasHeadDim = reader.integer(...names.headDim) !== null
  if (typeof headCount === 'number' && typeof headCountKv === 'number' && geometry.kvLoraRank === null)
    if (headCountKv > 0 && headCount % headCountKv !== 0)
      findings.add(
        'warning',
        'head-counts',
        `${headCount} attention heads cannot share ${headCountKv} key/value heads.`,
      )
  if (embeddingLength !== null && typeof headCount === 'number' && headCount > 0 && !hasHeadDim)
    if (embeddingLength % headCount !== 0)
      findings.add('warning', 'head-width', `A width of ${embeddingLength} cannot be split into ${headCount} heads.`)
  if (expertCount !== null && expertUsedCount !== null && expertUsedCount > expertCount)
    findings.add('warning', 'expert-counts', `It uses ${expertUsedCount} experts and has ${expertCount}.`)
}
