import type { Account, Provider, UsageFigures, Verb } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { type Compare, compareValues, type SortValue } from '../../components/keepOrder.ts'
import { formatCount, formatUsd } from '../../lib/format.ts'
import { bySentence, ignoredLines as linesOf } from '../../lib/ignoredOptions.ts'

export type SortColumn =
  | 'name'
  | 'kind'
  | 'address'
  | 'state'
  | 'version'
  | 'latency'
  | 'models'
  | 'loaded'
  | TodayColumn
type TodayColumn = 'requests' | 'tokens' | 'cost'
export type Sort = { readonly column: SortColumn; readonly descending: boolean }

const stateOrder: Record<Provider['status']['state'], number> = { unreachable: 0, checking: 1, reachable: 2, off: 3 }

export const versionOf = ({ status }: Provider): string | null => (status.state === 'reachable' ? status.version : null)
export const latencyOf = ({ status }: Provider): number | null =>
  status.state === 'reachable' ? status.latencyMs : null

/** Answers of the embedded engine are not counted; null where nobody counts. */
export const todayOf = ({ kind, usage }: Provider): UsageFigures | null => (kind === 'embedded' ? null : usage.today)
export const tokensOf = (usage: UsageFigures | null): number | null =>
  usage === null ? null : usage.promptTokens + usage.completionTokens

const values: Record<SortColumn, (provider: Provider) => SortValue> = {
  name: ({ name }) => name,
  kind: ({ kind }) => kindLabel(kind),
  address: ({ address }) => address,
  state: ({ status }) => stateOrder[status.state],
  version: versionOf,
  latency: latencyOf,
  models: ({ models }) => models,
  loaded: ({ instances }) => instances,
  requests: (provider) => todayOf(provider)?.requests,
  tokens: (provider) => tokensOf(todayOf(provider)),
  cost: (provider) => todayOf(provider)?.costUsd,
}

export const compareProviders =
  ({ column, descending }: Sort): Compare<Provider> =>
  (a, b) =>
    compareValues(values[column](a), values[column](b), descending) || compareValues(a.name, b.name, false)

/** Verbs as a person says them. */
const verbWords: Record<Verb, string> = {
  load: 'Load',
  unload: 'Unload',
  keepAlive: 'Keep loaded',
  chat: 'Answer',
  embed: 'Embed',
  pull: 'Pull',
  push: 'Push',
  create: 'Create',
  copy: 'Copy and rename',
  remove: 'Remove a model',
  adapters: 'LoRA adapters',
}

export const cannotLines = ({ cannot }: Provider) =>
  bySentence(Object.entries(cannot).map(([verb, why]) => [verbWords[verb as Verb] ?? verb, why])) // keys are verbs
/** Nothing to say where nothing is loaded at all. */
export const ignoredLines = ({ cannot, ignoredOptions }: Provider) =>
  cannot.load === undefined ? linesOf(ignoredOptions) : []

/** The account behind a key, line by line; what is not told is left out, except where null means no limit. */
export const accountLines = (account: Account): readonly (readonly [label: string, value: string])[] => {
  const { freeRequests: free, freeRequestsPerMinute: perMinute } = account
  const usd = (label: string, value: number | null) => (value === null ? [] : [[label, formatUsd(value)] as const])
  return [
    ...(account.label === null ? [] : [['Key', account.label] as const]),
    ...usd('Used', account.usedUsd),
    ...usd('Used today', account.usedTodayUsd),
    ['Limit of this key', account.limitUsd === null ? 'none' : formatUsd(account.limitUsd)],
    ...usd('Remaining', account.remainingUsd),
    ['Credits', account.creditsUsd === null ? 'this key may not see them' : formatUsd(account.creditsUsd)],
    ...(account.isFreeTier === null ? [] : [['Free tier', account.isFreeTier ? 'yes' : 'no'] as const]),
    ...(free === null ? [] : [['Free requests a day', freeText(free)] as const]),
    ...(perMinute === null ? [] : [['Free requests a minute', `at most ${formatCount(perMinute)}`] as const]),
  ]
}

const freeText = ({ limit, remaining }: { readonly limit: number; readonly remaining: number | null }): string =>
  remaining === null
    ? `at most ${formatCount(limit)}`
    : `${formatCount(remaining)} of ${formatCount(limit)} left, until midnight UTC`
