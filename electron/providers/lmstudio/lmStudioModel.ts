import type { ModelRole } from '../../../shared/contract/models.ts'
import { bytes, group, plainDetails, tokens } from '../parts/facts.ts'
import { lacksOfRole } from '../parts/lacks.ts'
import { parseParameterCount } from '../parts/parameterCount.ts'
import { unknownModel } from '../parts/unknown.ts'
import type { ProviderDetails, ProviderModel } from '../provider.ts'
import type { ListedModel } from './lmStudioSchemas.ts'

/** @param path on this machine, or null */
export const toProviderModel = (model: ListedModel, path: string | null): ProviderModel => {
  const role: ModelRole = model.type === 'llm' || model.type === 'embedding' ? model.type : 'unknown'
  return {
    ...unknownModel,
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
    parameterCount: parseParameterCount(model.params_string ?? ''),
    quantization: model.quantization?.name ?? null,
    bitsPerWeight: model.quantization?.bits_per_weight ?? null,
    contextLength: model.max_context_length,
    sizeBytes: model.size_bytes,
    path,
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

const source = '/api/v1/models'
export const toProviderDetails = (model: ListedModel): ProviderDetails => {
  const { quantization, capabilities, loaded_instances: loaded } = model
  return plainDetails([
    group('Identity', source, [
      ['Name', model.display_name],
      ['Key', model.key],
      ['Publisher', model.publisher],
      ['Type', model.type],
      ['Format', model.format],
      ['Description', model.description],
      ['Variants', model.variants?.join(', ')],
      ['Chosen variant', model.selected_variant],
    ]),
    group('Architecture', source, [
      ['Architecture', model.architecture],
      ['Parameters', model.params_string],
      ['Quantisation', quantization?.name],
      ['Bits per weight', quantization?.bits_per_weight],
      ['Context length', tokens(model.max_context_length)],
      ['Size on disk', bytes(model.size_bytes)],
      ['Reasoning', capabilities?.reasoning?.allowed_options?.join(', ')],
    ]),
    ...(loaded ?? []).slice(0, 20).map(({ id, config }) =>
      group(`Loaded as ${id}`, source, [
        ['Context length', tokens(config?.context_length)],
        ['Batch size', tokens(config?.eval_batch_size)],
        ['Requests at once', config?.parallel],
        ['Flash attention', onOff(config?.flash_attention)],
        ['KV cache on the GPU', onOff(config?.offload_kv_cache_to_gpu)],
        ['Experts', config?.num_experts],
      ]),
    ),
  ])
}

const onOff = (value: boolean | null | undefined): string | null => (value == null ? null : value ? 'on' : 'off')
