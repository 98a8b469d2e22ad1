import { z } from 'zod'
import { procedure } from './base.ts'
import { FactGroup } from './checks.ts'

export const ProviderKind = z.enum([
  'embedded',
  'ollama',
  'lmstudio',
  'openrouter',
  'llama-server',
  'vllm',
  'lemonade',
  'llama-swap',
  'openai',
])
export type ProviderKind = z.infer<typeof ProviderKind>

/** What can be asked of a provider. One that a server does not have is in `cannot`, with the reason. */
export const Verb = z.enum([
  'load',
  'unload',
  'keepAlive',
  'chat',
  'embed',
  'pull',
  'push',
  'create',
  'copy',
  'remove',
  'adapters',
])
export type Verb = z.infer<typeof Verb>

/** `checking` until the first answer. Times are Unix milliseconds. */
export const ProviderStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('checking') }),
  z.object({
    state: z.literal('reachable'),
    version: z.string().nullable(),
    latencyMs: z.number().nullable(),
    checkedAt: z.number(),
  }),
  z.object({
    state: z.literal('unreachable'),
    code: z.string(),
    reason: z.string(),
    advice: z.string(),
    checkedAt: z.number(),
    nextAttemptAt: z.number().nullable(),
  }),
  z.object({ state: z.literal('off') }),
])
export type ProviderStatus = z.infer<typeof ProviderStatus>

/** How its key is kept; never the key. `lost`: it was stored and cannot be read any more, so it has to be entered again. */
export const KeyState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('none') }),
  z.object({ state: z.literal('stored'), protection: z.enum(['os', 'passphrase', 'memory']) }),
  z.object({ state: z.literal('environment'), variable: z.string() }),
  z.object({ state: z.literal('locked') }),
  z.object({ state: z.literal('lost'), reason: z.string() }),
])
export type KeyState = z.infer<typeof KeyState>

/** Answers given through Berth. `costUsd` is what the provider said it charged; null where it never tells. */
export const UsageFigures = z.object({
  requests: z.number(),
  faults: z.number(),
  promptTokens: z.number(),
  completionTokens: z.number(),
  costUsd: z.number().nullable(),
})
export type UsageFigures = z.infer<typeof UsageFigures>

export const Provider = z.object({
  provider: z.string(),
  kind: ProviderKind,
  name: z.string(),
  /** null for the embedded engine */
  address: z.string().nullable(),
  key: KeyState,
  /** models that cost money are not listed; null where nothing does */
  hidePaid: z.boolean().nullable(),
  status: ProviderStatus,
  /** the last fault of any call, also of one that has long been followed by good ones */
  lastFault: z.object({ code: z.string(), message: z.string(), at: z.number() }).nullable(),
  models: z.number(),
  instances: z.number(),
  /** why it lacks each verb that it lacks, in words */
  cannot: z.partialRecord(Verb, z.string()),
  /** why each load option that it does not take is not taken, in words; by the names of LoadOptions */
  ignoredOptions: z.record(z.string(), z.string()),
  usage: z.object({ today: UsageFigures, total: UsageFigures }),
})
export type Provider = z.infer<typeof Provider>

/** The account behind a key, US dollars. null: not told, or no limit where it says so. */
export const Account = z.object({
  label: z.string().nullable(),
  usedUsd: z.number().nullable(),
  usedTodayUsd: z.number().nullable(),
  /** null: this key has no limit of its own */
  limitUsd: z.number().nullable(),
  remainingUsd: z.number().nullable(),
  /** credits of the whole account; null when this key may not see them */
  creditsUsd: z.number().nullable(),
  isFreeTier: z.boolean().nullable(),
  /** requests to free models, per UTC day */
  freeRequests: z.object({ limit: z.number(), remaining: z.number().nullable() }).nullable(),
  freeRequestsPerMinute: z.number().nullable(),
})
export type Account = z.infer<typeof Account>

/** Asked of the server now. */
export const ProviderHealth = z.object({
  provider: Provider,
  /** what the server tells of itself: queues, slots, caches, limits */
  groups: z.array(FactGroup),
  account: Account.nullable(),
  /** why `groups` or `account` is missing what it could have; null when nothing is */
  problem: z.string().nullable(),
})
export type ProviderHealth = z.infer<typeof ProviderHealth>

/** A server or an installed program that Berth saw and that is not connected. Nothing is connected without being asked. */
export const FoundProvider = z.object({
  kind: ProviderKind,
  name: z.string(),
  address: z.string(),
  /** how it was seen, for people: `answers on its default port`, `OLLAMA_HOST` */
  seenBy: z.string(),
  /** `running`: it answers; `stopped`: the program is installed and its server does not answer */
  state: z.enum(['running', 'stopped']),
  version: z.string().nullable(),
  /** what to do with one that is stopped */
  advice: z.string().nullable(),
  /** the environment variable that holds its key */
  keyVariable: z.string().nullable(),
})
export type FoundProvider = z.infer<typeof FoundProvider>

/** What the test button says. */
export const ProviderTest = z.discriminatedUnion('result', [
  z.object({
    result: z.literal('ok'),
    version: z.string().nullable(),
    latencyMs: z.number(),
    models: z.number(),
    /** e.g. that the key would travel unencrypted */
    warnings: z.array(z.string()),
  }),
  z.object({
    result: z.literal('failed'),
    problem: z.enum(['address', 'refused', 'dns', 'tls', 'timeout', 'key', 'wrong-kind', 'too-old', 'other']),
    code: z.string(),
    message: z.string(),
    advice: z.string(),
    /** what answers there, when another kind was recognised */
    kindFound: ProviderKind.nullable(),
  }),
])
export type ProviderTest = z.infer<typeof ProviderTest>

export const ProviderId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
  .meta({ examples: ['embedded'] })
const ConnectedKind = ProviderKind.exclude(['embedded'])
const Address = z
  .string()
  .min(1)
  .max(300)
  .meta({ examples: ['http://127.0.0.1:11434'] })
const Name = z.string().trim().min(1).max(80)
/** Goes in and never comes out. */
const Key = z.string().trim().min(1).max(4096)

const faultsOfConfig = ['ADDRESS_INVALID', 'PROVIDER_EXISTS', 'SECRETS_LOCKED', 'DATA_FOLDER_UNUSABLE'] as const

export const providers = {
  list: procedure({ method: 'GET', path: '/providers', summary: 'Providers and how they are', access: 'user' }).output(
    z.object({ providers: z.array(Provider) }),
  ),
  add: procedure(
    { method: 'POST', path: '/providers', summary: 'Connect a server; answers after the first look', access: 'user' },
    faultsOfConfig,
  )
    .input(
      z.strictObject({
        kind: ConnectedKind,
        /** else made of the kind */
        name: Name.optional(),
        /** else the default of the kind */
        address: Address.optional(),
        key: Key.optional(),
        /** take the key from this environment variable, as `found` named it, each time it is needed */
        keyVariable: z.string().max(100).optional(),
        hidePaid: z.boolean().optional(),
      }),
    )
    .output(Provider),
  change: procedure(
    {
      method: 'PUT',
      path: '/providers',
      summary: 'Change a provider; another origin drops its key unless a new one is given',
      access: 'user',
    },
    ['PROVIDER_NOT_FOUND', 'VERB_NOT_SUPPORTED', ...faultsOfConfig],
  )
    .input(
      z.strictObject({
        provider: ProviderId,
        name: Name.optional(),
        address: Address.optional(),
        /** null takes it away */
        key: Key.nullable().optional(),
        enabled: z.boolean().optional(),
        hidePaid: z.boolean().optional(),
      }),
    )
    .output(Provider),
  remove: procedure(
    { method: 'DELETE', path: '/providers', summary: 'Forget a provider and its key', access: 'user' },
    ['PROVIDER_NOT_FOUND', 'VERB_NOT_SUPPORTED', 'DATA_FOLDER_UNUSABLE'],
  )
    .input(z.strictObject({ provider: ProviderId }))
    .output(z.object({ providers: z.array(Provider) })),
  check: procedure({ method: 'POST', path: '/providers/check', summary: 'Ask a provider again now', access: 'user' }, [
    'PROVIDER_NOT_FOUND',
  ])
    .input(z.strictObject({ provider: ProviderId }))
    .output(Provider),
  health: procedure(
    {
      method: 'GET',
      path: '/providers/health',
      summary: 'What one provider says of itself and of its account now',
      access: 'user',
    },
    ['PROVIDER_NOT_FOUND'],
  )
    .input(z.strictObject({ provider: ProviderId }))
    .output(ProviderHealth),
  found: procedure({
    method: 'GET',
    path: '/providers/found',
    summary: 'Servers on this machine, and at the addresses you allowed, that are not connected',
    access: 'user',
  }).output(z.object({ found: z.array(FoundProvider) })),
  test: procedure({
    method: 'POST',
    path: '/providers/test',
    summary: 'Would this address and key work, and if not, why exactly',
    access: 'user',
  })
    .input(
      z.strictObject({
        kind: ConnectedKind,
        address: Address,
        key: Key.optional(),
        keyVariable: z.string().max(100).optional(),
        /** use the stored key of this provider, when the origin is still the same */
        provider: ProviderId.optional(),
      }),
    )
    .output(ProviderTest),
}
