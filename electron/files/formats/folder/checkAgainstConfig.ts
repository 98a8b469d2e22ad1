import type { Fields } from '../config/fields.ts'
import type { HfConfig } from '../config/hfConfig.ts'
import type { HfQuantization } from '../config/hfQuantization.ts'
import type { Findings } from '../findings.ts'
import type { TensorRow } from '../modelFile.ts'
import { isMainStack, isTokenEmbedding, layerOf } from './weightBytes.ts'

/** Types of weights that nothing is packed into. */
const plain = /^(torch\.)?(b?f(loat)?(16|32|64)?|double|half|i(nt)?64|u(int)?8|bool)$/i
const packedName =
  /\.(qweight|q_weight|weight_packed|trellis|scales|absmax|SCB|weight_scale\w*|W_q|codes|Qidxs)$|_(blocks|scales)$/

/** Do the weights have the form that the configuration describes? */
export const checkAgainstConfig = (
  config: HfConfig,
  top: Fields | null,
  quantization: HfQuantization | null,
  tensors: readonly TensorRow[],
  findings: Findings,
): void => {
  const before = findings.list.length
  checkEmbedding(config, top, tensors, findings)
  checkLayers(config, tensors, findings)
  checkQuantization(quantization, tensors, findings)
  if (findings.list.length === before && tensors.length > 0)
    findings.passed('config-agrees', 'Width, layers and quantisation in the configuration are those of the weights.')
}

const checkEmbedding = (
  { geometry, modelType }: HfConfig,
  top: Fields | null,
  tensors: readonly TensorRow[],
  findings: Findings,
): void => {
  // some families embed in fewer dimensions than they compute in
  const hidden = top?.integer('embedding_size') ?? top?.integer('word_embed_proj_dim') ?? geometry.embeddingLength
  const table = tensors.find(
    ({ name, shape, type }) => shape.length === 2 && plain.test(type) && isTokenEmbedding(name),
  )
  const [rows, width] = table?.shape ?? []
  if (table === undefined || rows === undefined || width === undefined) return
  const where = { file: table.file, tensor: table.name.slice(0, 200), text: table.shape.join(' × ') }
  if (hidden !== null && width !== hidden)
    findings.add(
      'broken',
      'width-differs',
      `The configuration says a width of ${hidden}; the embedding is ${width} wide.`,
      where,
    )
  if (geometry.vocabSize !== null && rows !== geometry.vocabSize && modelType !== null)
    findings.add(
      rows < geometry.vocabSize ? 'broken' : 'warning',
      'vocabulary-differs',
      `The configuration says ${geometry.vocabSize} tokens; the embedding has ${rows} rows.`,
      where,
    )
}

const checkLayers = ({ geometry }: HfConfig, tensors: readonly TensorRow[], findings: Findings): void => {
  const count = geometry.blockCount
  const stacks = new Map<string, Set<number>>()
  for (const { name } of tensors) {
    const place = layerOf(name)
    if (place === null || !isMainStack(place.stack)) continue
    const layers = stacks.get(place.stack) ?? new Set<number>()
    layers.add(place.layer)
    stacks.set(place.stack, layers)
  }
  if (count === null || stacks.size === 0) return
  const [, layers] = [...stacks].reduce((most, stack) => (stack[1].size > most[1].size ? stack : most))
  if ([...stacks.values()].some((other) => other.size === count)) return
  const predicting = geometry.nextnPredictLayers ?? 0
  if (layers.size === count + predicting) return
  findings.add(
    layers.size < count ? 'broken' : 'warning',
    'layers-differ',
    `The configuration says ${count} layers; the weights have ${layers.size}.`,
  )
}

const checkQuantization = (
  quantization: HfQuantization | null,
  tensors: readonly TensorRow[],
  findings: Findings,
): void => {
  if (tensors.length === 0) return
  const packed = tensors.some(({ name, type }) => packedName.test(name) || !plain.test(type))
  if (quantization !== null && !packed)
    findings.add(
      'warning',
      'not-quantised',
      `The configuration says ${quantization.label}; the weights are not packed at all.`,
      { text: quantization.source },
    )
  const sign = tensors.find(({ name }) => /\.(qweight|q_weight|weight_packed|trellis|absmax|SCB|W_q)$/.test(name))
  if (quantization === null && sign !== undefined)
    findings.add(
      'warning',
      'quantisation-not-stated',
      'The weights are packed, but no configuration says how. Programs will refuse the model or read nonsense.',
      { file: sign.file, tensor: sign.name.slice(0, 200) },
    )
}
