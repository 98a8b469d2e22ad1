import type { FactGroup } from '../../../shared/contract/checks.ts'
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
    key: id,
    name: name || id,
    reason: null,
    role: roleOf(id, abilities),
    loadable: true,
    capabilities: capabilitiesOf(abilities),
    format: null,
    architecture: null,
    parameterCount: meta?.n_params ?? null,
    quantization: meta?.ftype ?? null,
    bitsPerWeight: null,
    contextLength: meta?.n_ctx_train ?? model.max_model_len ?? model.context_length ?? null,
    sizeBytes: meta?.size ?? null,
    path: null,
    digest: null,
    weightsSha256: null,
    price: isPublic
      ? { promptUsdPerMillion: null, completionUsdPerMillion: null, requestUsd: null, free: false }
      : null,
    modifiedAt: createdAt(model, now),
    lacks: certainLacksOf(abilities),
  }
}

export const toProviderDetails = (model: OpenAiModel, source: string, now: number): ProviderDetails => {
  const created = createdAt(model, now)
  const { meta, architecture } = model
  const groups = [
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
      ['Parameters', grouped(meta?.n_params)],
      ['Quantisation', meta?.ftype],
      ['Size', meta?.size == null ? null : `${grouped(meta.size)} bytes`],
      ['Embedding length', grouped(meta?.n_embd)],
      ['Vocabulary', tokens(meta?.n_vocab)],
    ]),
  ]
  return {
    groups: groups.filter(({ facts }) => facts.length > 0),
    files: [],
    tensorTypes: [],
    chatTemplate: null,
    metadata: [],
    warnings: [],
  }
}

export type Row = readonly [label: string, value: string | null | undefined]

export const group = (title: string, source: string, rows: readonly Row[]): FactGroup => ({
  title,
  facts: rows.flatMap(([label, value]) => (value ? [{ label, value, source }] : [])),
})

export const grouped = (value: number | null | undefined): string | null => value?.toLocaleString('en-US') ?? null
export const tokens = (value: number | null | undefined): string | null =>
  value == null ? null : `${grouped(value)} tokens`
