import type { FactGroup } from '../../../shared/contract/checks.ts'
import { group, grouped, plainDetails, type Row, tokens, yesNo } from '../parts/facts.ts'
import type { ProviderDetails } from '../provider.ts'
import { contextOf } from './openRouterModel.ts'
import { describePrice, type PriceTexts } from './openRouterPrice.ts'
import type { Endpoint, OpenRouterModel } from './openRouterSchemas.ts'

const list = '/models'
const maxEndpoints = 100

/** `endpoints` is null when they could not be had, and `problem` says why. */
export const toProviderDetails = (
  model: OpenRouterModel,
  endpoints: readonly Endpoint[] | null,
  problem: string | null,
): ProviderDetails => ({
  ...plainDetails([...groupsOf(model), ...(endpoints ? [endpointGroup(endpoints)] : [])]),
  warnings: problem === null ? [] : [problem],
})

const groupsOf = (model: OpenRouterModel): readonly FactGroup[] => {
  const { architecture, top_provider: provider, created } = model
  return [
    group('Identity', list, [
      ['Name', model.id],
      ['Title', model.name],
      ['Stands for', model.canonical_slug === model.id ? null : model.canonical_slug],
      ['Description', model.description],
      ['Takes', architecture?.input_modalities?.join(', ')],
      ['Gives', architecture?.output_modalities?.join(', ')],
      ['Tokenizer', architecture?.tokenizer],
      ['Instruction format', architecture?.instruct_type],
      ['Added', created ? new Date(created * 1000).toISOString() : null],
      ['Knows the world until', model.knowledge_cutoff],
      ['Is taken away on', model.expiration_date],
    ]),
    group('Prices', list, [...pricesOf(model.pricing.texts), ...model.pricing.overrides.map(overrideOf)]),
    group('Limits', list, [
      ['Context length', tokens(contextOf(model))],
      ['Context length of the model', tokens(model.context_length)],
      ['Longest answer', tokens(provider?.max_completion_tokens)],
      ['Moderated', yesNo(provider?.is_moderated)],
    ]),
    group('Supported parameters', list, [['Parameters', model.supported_parameters?.join(', ')]]),
    group('Links', list, linksOf(model)),
  ]
}

const pricesOf = (texts: PriceTexts): readonly Row[] =>
  Object.entries(texts).map(([name, text]) => describePrice(name, text))

/** A price on conditions: first what they are, then what it costs then. */
const overrideOf = (texts: PriceTexts, at: number): Row => {
  const isCondition = (name: string) => /^(min|max|utc)_/.test(name)
  const names = Object.entries(texts)
  const conditions = names.filter(([name]) => isCondition(name)).map(([name, text]) => `${name} ${text}`)
  const prices = names.filter(([name]) => !isCondition(name)).map(([name, text]) => describePrice(name, text).join(' '))
  return [`Other price ${at + 1}`, `${conditions.join(', ')}: ${prices.join(', ')}`]
}

/** Shown as text, and only where the names leave no doubt where they lead. */
const linksOf = ({ hugging_face_id: huggingFace, id }: OpenRouterModel): readonly Row[] => [
  [
    'Hugging Face',
    huggingFace && /^[\w.-]+\/[\w.-]+$/.test(huggingFace) ? `https://huggingface.co/${huggingFace}` : null,
  ],
  ['OpenRouter', /^[\w.-]+\/[\w.:-]+$/.test(id) ? `https://openrouter.ai/${id}` : null],
]

const endpointGroup = (endpoints: readonly Endpoint[]): FactGroup =>
  group(
    'Who runs it',
    '/models/…/endpoints',
    endpoints.slice(0, maxEndpoints).map((each): Row => [nameOf(each), describeEndpoint(each)]),
  )

const nameOf = ({ provider_name, tag, name }: Endpoint): string => {
  const shown = provider_name ?? name ?? 'unnamed'
  return tag && tag !== shown ? `${shown} (${tag})` : shown
}

const describeEndpoint = (endpoint: Endpoint): string => {
  const { quantization, status, uptime_last_1d: uptime, latency_last_30m, throughput_last_30m } = endpoint
  const { prompt, completion } = endpoint.pricing.texts
  const parts = [
    quantization === null || quantization === 'unknown' ? null : quantization,
    tokens(endpoint.context_length),
    latency_last_30m?.p50 == null ? null : `first token after ${grouped(latency_last_30m.p50, 1)} ms`,
    throughput_last_30m?.p50 == null ? null : `${grouped(throughput_last_30m.p50, 1)} tokens/s`,
    uptime === null ? null : `up ${grouped(uptime, 1)} % of the last day`,
    prompt === undefined ? null : `prompt ${describePrice('prompt', prompt)[1]}`,
    completion === undefined ? null : `answer ${describePrice('completion', completion)[1]}`,
    status === null || status >= 0 ? null : `not well (status ${status})`,
  ]
  return parts.filter((part) => part !== null).join(' · ') || 'nothing told'
}
