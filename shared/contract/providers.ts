import { z } from 'zod'
import { procedure } from './base.ts'

export const ProviderKind = z.enum(['embedded', 'ollama'])
export type ProviderKind = z.infer<typeof ProviderKind>

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

export const Provider = z.object({
  provider: z.string(),
  kind: ProviderKind,
  name: z.string(),
  /** null for the embedded engine */
  address: z.string().nullable(),
  /** where the address comes from */
  addressSource: z.enum(['settings', 'environment', 'default', 'none']),
  status: ProviderStatus,
  models: z.number(),
  instances: z.number(),
  verbs: z.object({ load: z.boolean(), unload: z.boolean(), chat: z.boolean() }),
})
export type Provider = z.infer<typeof Provider>

export const providers = {
  list: procedure({ method: 'GET', path: '/providers', summary: 'Providers and how they are', access: 'user' }).output(
    z.object({ providers: z.array(Provider) }),
  ),
  check: procedure({ method: 'POST', path: '/providers/check', summary: 'Ask a provider again now', access: 'user' }, [
    'PROVIDER_NOT_FOUND',
  ])
    .input(z.strictObject({ provider: z.string().min(1).max(100) }))
    .output(Provider),
}
