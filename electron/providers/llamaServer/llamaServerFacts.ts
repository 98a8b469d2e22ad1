import type { FactGroup } from '../../../shared/contract/checks.ts'
import { parseMetrics, sumOf } from '../../lib/prometheus.ts'
import { group, grouped, told, yesNo } from '../parts/facts.ts'
import { nullFor } from '../parts/faults.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import type { Props, Slot } from './llamaServerSchemas.ts'

/** A router holds four models unless it is told otherwise; of more, the first are described. */
const maxProcesses = 16

/** What the server says of itself now. A process that sleeps is not woken for it. */
export const readFacts = async (client: LlamaServerClient, signal: AbortSignal): Promise<FactGroup[]> => {
  const props = await client.props(null, signal)
  if (props.role !== 'router') return [serverGroup(props), ...(await processGroups(client, null, props, signal))]
  const loaded = (await client.list(signal)).filter(({ status }) => status?.value === 'loaded').slice(0, maxProcesses)
  const groups = [routerGroup(props, loaded.length)]
  for (const { id } of loaded) {
    const own = await client.props(id, signal).catch(unlessGone)
    if (own !== null) groups.push(...(await processGroups(client, id, own, signal)))
  }
  return groups
}

const processGroups = async (
  client: LlamaServerClient,
  model: string | null,
  props: Props,
  signal: AbortSignal,
): Promise<FactGroup[]> => {
  const [slots, metrics] = await Promise.all([
    props.is_sleeping || props.endpoint_slots === false ? null : client.slots(model, signal).catch(unlessGone),
    props.endpoint_metrics ? client.metrics(model, signal).catch(unlessGone) : null,
  ])
  const of = model === null ? '' : ` of ${model}`
  return told([
    ...(slots === null ? [] : [{ title: `Slots${of}`, facts: slots.map(slotFact) }]),
    ...(metrics === null ? [] : [{ title: `Counters${of}`, facts: metricFacts(metrics) }]),
  ])
}

/** Switched off, or it ended since it was listed: no reason to hide the rest. */
const unlessGone = nullFor('VERB_NOT_SUPPORTED', 'MODEL_NOT_LOADED', 'MODEL_NOT_FOUND', 'ENGINE_CRASHED')

const serverGroup = (props: Props): FactGroup =>
  group('Server', '/props', [
    ['Build', props.build_info],
    ['Mode', 'one model'],
    ['State', props.is_sleeping === null ? null : props.is_sleeping ? 'sleeping' : 'awake'],
    ['Slots', props.total_slots],
    ['Context of a slot, tokens', props.default_generation_settings?.n_ctx ?? null],
  ])

const routerGroup = (props: Props, loaded: number): FactGroup =>
  group('Server', '/props', [
    ['Build', props.build_info],
    ['Mode', 'router'],
    ['Models loaded', loaded],
    ['Models at once', props.max_instances === 0 ? 'no limit' : props.max_instances],
    ['Loads a model when it is asked', yesNo(props.models_autoload)],
  ])

const slotFact = ({ id, n_ctx, n_prompt_tokens, is_processing }: Slot, at: number) => {
  const use = `${grouped(n_prompt_tokens ?? 0)} of ${n_ctx === null ? 'unknown' : grouped(n_ctx)} tokens`
  return { label: `Slot ${id ?? at}`, value: is_processing ? `${use}, working` : use, source: '/slots' }
}

/** Its gauges of speed are left out: they count from the last reader on, whoever that was. */
const counters: readonly (readonly [label: string, metric: string, unit: string])[] = [
  ['Requests working', 'requests_processing', ''],
  ['Requests waiting', 'requests_deferred', ''],
  ['Prompt tokens read', 'prompt_tokens_total', ''],
  ['Prompt tokens out of the cache', 'prompt_tokens_cached_total', ''],
  ['Time spent reading prompts', 'prompt_seconds_total', ' s'],
  ['Tokens written', 'tokens_predicted_total', ''],
  ['Time spent writing', 'tokens_predicted_seconds_total', ' s'],
  ['Longest context so far, tokens', 'n_tokens_max', ''],
  ['Drafted tokens', 'spec_decode_num_draft_tokens_total', ''],
  ['Drafted tokens accepted', 'spec_decode_num_accepted_tokens_total', ''],
]

const metricFacts = (text: string) => {
  const metrics = parseMetrics(text)
  return counters.flatMap(([label, name, unit]) => {
    const value = sumOf(metrics, [`llamacpp:${name}`])
    return value === null ? [] : [{ label, value: grouped(value) + unit, source: '/metrics' }]
  })
}
