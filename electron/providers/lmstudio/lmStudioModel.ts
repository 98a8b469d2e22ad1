import type { ModelRole } from '../../../shared/contract/models.ts'
import { lacksOfRole } from '../parts/lacks.ts'
import type { ProviderDetails, ProviderModel } from '../provider.ts'
import type { ListedModel } from './lmStudioSchemas.ts'

/** @param path on this machine, or null */
export const toProviderModel = (model: ListedModel, path: string | null): ProviderModel => {
  const role: ModelRole = model.type === 'llm' || model.type === 'embedding' ? model.type : 'unknown'
  return {
    key: model.key,
    name: model.display_name || model.key,
    reason:
      role === 'unknown'
        ? `LM Studio calls this "${model.type ?? 'nothing'}"; Berth loads only language and embedding models there.`
        : null,
    role,
    loadable: role !== 'unknown',
    capabilities: capabilitiesOf(model, role),
    format: model.format,
    architecture: model.architecture,
    parameterCount: parseParameters(model.params_string ?? ''),
    quantization: model.quantization?.name ?? null,
    bitsPerWeight: model.quantization?.bits_per_weight ?? null,
    contextLength: model.max_context_length,
    sizeBytes: model.size_bytes,
    path,
    digest: null,
    weightsSha256: null,
    price: null,
    modifiedAt: null,
    lacks: lacksOfRole(role),
  }
}

const capabilitiesOf = ({ capabilities }: ListedModel, role: ModelRole): string[] => {
  if (role === 'embedding') return ['embedding']
  if (role !== 'llm') return []
  return [
    'completion',
    ...(capabilities?.trained_for_tool_use ? ['tools'] : []),
    ...(capabilities?.vision ? ['vision'] : []),
    ...(capabilities?.reasoning ? ['thinking'] : []),
  ]
}

const thousands: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 }

/** `26B`, `137M`, `30B-A3B` (of which 3 B at a time) → parameters, as exact as the text is. */
const parseParameters = (text: string): number | null => {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMBT])(?:-A\d+(?:\.\d+)?[KMBT])?$/i.exec(text.trim()) ?? []
  const factor = thousands[unit.toUpperCase()]
  return digits === undefined || factor === undefined ? null : Math.round(Number(digits) * factor)
}

const source = '/api/v1/models'
type Row = readonly [label: string, value: string | null | undefined]

const group = (title: string, rows: readonly Row[]) => ({
  title,
  facts: rows.flatMap(([label, value]) => (value ? { label, value, source } : [])),
})

export const toProviderDetails = (model: ListedModel): ProviderDetails => {
  const { quantization, capabilities, loaded_instances: loaded } = model
  const bits = quantization?.bits_per_weight
  return {
    groups: [
      group('Identity', [
        ['Name', model.display_name],
        ['Key', model.key],
        ['Publisher', model.publisher],
        ['Type', model.type],
        ['Format', model.format],
        ['Description', model.description],
        ['Variants', model.variants?.join(', ')],
        ['Chosen variant', model.selected_variant],
      ]),
      group('Architecture', [
        ['Architecture', model.architecture],
        ['Parameters', model.params_string],
        ['Quantisation', quantization?.name],
        ['Bits per weight', bits === undefined || bits === null ? null : String(bits)],
        ['Context length', tokens(model.max_context_length)],
        ['Size on disk', model.size_bytes === null ? null : `${grouped(model.size_bytes)} bytes`],
        ['Reasoning', capabilities?.reasoning?.allowed_options?.join(', ')],
      ]),
      ...(loaded ?? []).slice(0, 20).map(({ id, config }) =>
        group(`Loaded as ${id}`, [
          ['Context length', tokens(config?.context_length)],
          ['Batch size', tokens(config?.eval_batch_size)],
          ['Requests at once', config?.parallel == null ? null : grouped(config.parallel)],
          ['Flash attention', onOff(config?.flash_attention)],
          ['KV cache on the GPU', onOff(config?.offload_kv_cache_to_gpu)],
          ['Experts', config?.num_experts == null ? null : grouped(config.num_experts)],
        ]),
      ),
    ].filter(({ facts }) => facts.length > 0),
    files: [], // it tells no paths and no sizes of single files
    tensorTypes: [],
    chatTemplate: null,
    metadata: [],
    warnings: [],
  }
}

const grouped = (value: number): string => value.toLocaleString('en-US')
const tokens = (value: number | null | undefined): string | null => (value == null ? null : `${grouped(value)} tokens`)
const onOff = (value: boolean | null | undefined): string | null => (value == null ? null : value ? 'on' : 'off')
