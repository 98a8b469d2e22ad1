import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { fileSummary } from '../fileSummary.ts'
import type { ModelFileSummary, TensorTypeShare } from '../modelFile.ts'
import { tensorTypesOf } from '../tensorTypes.ts'
import { bytesOf, dataTypeOf, typeName } from './dataTypes.ts'
import type { OnnxModel, OnnxTensor } from './onnxModel.ts'

/** Weights and the values of sparse ones; constants inside nodes are no parameters. */
const isWeight = ({ place }: OnnxTensor) => place !== 'constant'

const sizeOf = (tensor: OnnxTensor): number => tensor.bytes ?? bytesOf(tensor.type, tensor.elements) ?? 0

/** @param checks all that was looked at */
export const summarizeOnnx = (model: OnnxModel, checks: readonly Check[]): ModelFileSummary => {
  const weights = model.tensors.filter(isWeight)
  const elements = weights.reduce((sum, tensor) => sum + tensor.elements, 0)
  const dataBytes = model.tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
  const weightBytes = weights.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
  return fileSummary({
    format: 'ONNX',
    formatVersion: model.irVersion === null ? null : `IR ${model.irVersion}`,
    name: model.graphName === '' ? null : model.graphName,
    role: roleOf(model),
    reason:
      checks.find(({ outcome }) => outcome === 'broken' || outcome === 'dangerous')?.message ??
      'The embedded engine runs GGUF models. ONNX models run with ONNX Runtime.',
    parameterCount: weights.length === 0 ? null : elements,
    activeParameterCount: weights.length === 0 ? null : elements,
    quantization: quantizationOf(model),
    bitsPerWeight: elements === 0 ? null : (8 * weightBytes) / elements,
    tensorTypes: sharesOf(model.tensors),
    tensorCount: model.tensors.length,
    dataBytes,
    sizeBytes: model.sizeBytes,
    license: metadataOf(model, 'license'),
    author: metadataOf(model, 'author') ?? metadataOf(model, 'model_author'),
    checks,
  })
}

const metadataOf = ({ metadata }: OnnxModel, wanted: string): string | null =>
  metadata.find(([key]) => key === wanted)?.[1].slice(0, 200) ?? null

/** Only what inputs and outputs prove; everything else is unknown. */
const roleOf = ({ inputs, outputs }: OnnxModel): ModelRole => {
  const [reads, writes] = [new Set(inputs.map(({ name }) => name)), new Set(outputs.map(({ name }) => name))]
  const hasCache = [...reads, ...writes].some((name) => /^(past_key_values|present)[._]/.test(name))
  if (reads.has('input_ids') && writes.has('logits') && hasCache) return 'llm'
  if (reads.has('input_ids') && (writes.has('sentence_embedding') || writes.has('last_hidden_state')) && !hasCache)
    return 'embedding'
  if (reads.has('input_ids') && writes.has('logits') && !hasCache) return 'classifier'
  if (reads.has('input_features') || reads.has('audio_signal')) return 'speech'
  if (reads.has('pixel_values') && (writes.has('image_embeds') || writes.has('image_features'))) return 'vision-encoder'
  if (reads.has('latent_sample')) return 'vae'
  if (reads.has('encoder_hidden_states') && reads.has('timestep')) return 'diffusion'
  return 'unknown'
}

/** Operators that compute with few bits, or weights that have them; null: full precision, or one that cannot be told. */
const quantizationOf = ({ operators, blockQuantization, tensors }: OnnxModel): string | null => {
  const names = [...operators.keys()].map((key) => key.slice(key.indexOf('\0') + 1))
  const has = (name: string) => names.includes(name)
  if (blockQuantization.length > 0) return `MatMulNBits (${blockQuantization.join('; ')})`
  if (has('DynamicQuantizeLinear') || has('MatMulInteger') || has('ConvInteger') || has('DynamicQuantizeMatMul'))
    return 'INT8 (dynamic)'
  if (names.some((name) => name.startsWith('QLinear')) || has('QAttention') || has('QGemm')) return 'INT8 (QOperator)'
  const isFourBit = tensors.some((tensor) => isWeight(tensor) && (tensor.type === 21 || tensor.type === 22))
  if (has('QuantizeLinear') || has('DequantizeLinear')) return isFourBit ? 'INT4 (QDQ)' : 'INT8 (QDQ)'
  return plainType(tensors)
}

/** The type of most of the weights, when they are numbers with a point. */
const plainType = (tensors: readonly OnnxTensor[]): string | null => {
  const [first] = sharesOf(tensors.filter(isWeight))
  return first !== undefined && /^B?F\d+$/.test(first.type) ? first.type : null
}

const sharesOf = (tensors: readonly OnnxTensor[]): readonly TensorTypeShare[] =>
  tensorTypesOf(
    tensors.map((tensor) => ({
      type: dataTypeOf(tensor.type) === null ? 'unknown' : typeName(tensor.type),
      bytes: sizeOf(tensor),
    })),
  )
