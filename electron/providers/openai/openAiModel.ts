import { bytes, group, plainDetails, tokens } from '../parts/facts.ts'
import { unknownModel, unknownPrice } from '../parts/unknown.ts'
import type { ProviderDetails, ProviderModel } from '../provider.ts'
import { capabilitiesOf, certainLacksOf, roleOf } from './openAiCapabilities.ts'
import type { OpenAiModel } from './openAiModels.ts'

/** Servers that keep no time of a model say now. */
const nowMs = 60_000

const abilitiesOf = ({ architecture, supported_parameters }: OpenAiModel) => ({
  input: architecture?.input_modalities,
  output: architecture?.output_modalities,
  parameters: supported_parameters,
})

/** Unix milliseconds. */
const createdAt = ({ created }: OpenAiModel, now: number): number | null =>
  created === null || created === 0 || Math.abs(created * 1000 - now) < nowMs ? null : created * 1000

/** `isPublic`: prices are not told, which is another thing than free. */
export const toProviderModel = (model: OpenAiModel, now: number, isPublic: boolean): ProviderModel => {
  const { id, name, meta } = model
  const abilities = abilitiesOf(model)
  return {
    ...unknownModel,
    key: id,
    name: name || id,
    role: roleOf(id, abilities),
    capabilities: capabilitiesOf(abilities),
    parameterCount: meta?.n_params ?? null,
    quantization: meta?.ftype ?? null,
    contextLength: meta?.n_ctx_train ?? model.max_model_len ?? model.context_length ?? null,
    sizeBytes: meta?.size ?? null,
    price: isPublic ? unknownPrice : null,
    modifiedAt: createdAt(model, now),
    lacks: certainLacksOf(abilities),
  }
}

export const toProviderDetails = (model: OpenAiModel, source: string, now: number): ProviderDetails => {
  const created = createdAt(model, now)
  const { meta, architecture } = model
  return plainDetails([
    group('Identity', source, [
      ['Name', model.id],
      ['Title', model.name],
      ['Description', model.description],
      ['Owned by', model.owned_by],
      ['Also known as', model.aliases?.join(', ')],
      ['Tags', model.tags?.join(', ')],
      ['Belongs to', model.parent],
      ['Made', created === null ? null : new Date(created).toISOString()],
    ]),
    group('Limits', source, [
      ['Context length, trained', tokens(meta?.n_ctx_train)],
      ['Context length, as it runs', tokens(meta?.n_ctx ?? model.max_model_len)],
      ['Context length', tokens(model.context_length)],
    ]),
    group('Abilities', source, [
      ['Takes', architecture?.input_modalities?.join(', ')],
      ['Gives', architecture?.output_modalities?.join(', ')],
      ['Supported parameters', model.supported_parameters?.join(', ')],
    ]),
    group('Weights', source, [
      ['Parameters', meta?.n_params],
      ['Quantisation', meta?.ftype],
      ['Size', bytes(meta?.size)],
      ['Embedding length', meta?.n_embd],
      ['Vocabulary', tokens(meta?.n_vocab)],
    ]),
  ])
}
