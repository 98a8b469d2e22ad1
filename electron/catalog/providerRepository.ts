import type { ProviderKind, UsageFigures } from '../../shared/contract/providers.ts'
import type { CatalogDatabase } from './database.ts'

/** A connection as the person made it. Its key is elsewhere. */
export interface StoredProvider {
  readonly id: string
  readonly kind: Exclude<ProviderKind, 'embedded'>
  readonly name: string
  readonly address: string
  readonly keyVariable: string | null
  readonly keyOrigin: string | null
  readonly hidePaid: boolean
  readonly enabled: boolean
  readonly addedAt: number
}

type Row = Omit<StoredProvider, 'hidePaid' | 'enabled'> & { hidePaid: number; enabled: number }
type Answered = { readonly promptTokens: number; readonly completionTokens: number; readonly costUsd: number | null }

export const createProviderRepository = (db: CatalogDatabase) => {
  const all = db.prepare<[], Row>(
    `SELECT id, kind, name, address, key_variable AS keyVariable, key_origin AS keyOrigin, hide_paid AS hidePaid, enabled,
       added_at AS addedAt FROM provider ORDER BY added_at, id`,
  )
  const upsert = db.prepare(`
    INSERT INTO provider (id, kind, name, address, key_variable, key_origin, hide_paid, enabled, added_at)
    VALUES (@id, @kind, @name, @address, @keyVariable, @keyOrigin, @hidePaid, @enabled, @addedAt)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, key_variable = excluded.key_variable,
      key_origin = excluded.key_origin, hide_paid = excluded.hide_paid, enabled = excluded.enabled`)
  const remove = db.prepare<[string]>('DELETE FROM provider WHERE id = ?')
  const removeUsage = db.prepare<[string]>('DELETE FROM provider_usage WHERE provider = ?')
  const removeBoth = db.transaction((id: string) => {
    remove.run(id)
    removeUsage.run(id)
  })
  const count = db.prepare(`
    INSERT INTO provider_usage (provider, day, requests, faults, prompt_tokens, completion_tokens, cost_usd)
    VALUES (@provider, @day, @requests, @faults, @promptTokens, @completionTokens, @costUsd)
    ON CONFLICT (provider, day) DO UPDATE SET requests = requests + excluded.requests, faults = faults + excluded.faults,
      prompt_tokens = prompt_tokens + excluded.prompt_tokens,
      completion_tokens = completion_tokens + excluded.completion_tokens,
      cost_usd = CASE WHEN excluded.cost_usd IS NULL THEN cost_usd ELSE coalesce(cost_usd, 0) + excluded.cost_usd END`)
  const sums = `coalesce(sum(requests), 0) AS requests, coalesce(sum(faults), 0) AS faults,
    coalesce(sum(prompt_tokens), 0) AS promptTokens, coalesce(sum(completion_tokens), 0) AS completionTokens,
    sum(cost_usd) AS costUsd`
  const total = db.prepare<[string], UsageFigures>(`SELECT ${sums} FROM provider_usage WHERE provider = ?`)
  const ofDay = db.prepare<[string, string], UsageFigures>(
    `SELECT ${sums} FROM provider_usage WHERE provider = ? AND day = ?`,
  )
  const none: UsageFigures = { requests: 0, faults: 0, promptTokens: 0, completionTokens: 0, costUsd: null }

  return {
    all: (): StoredProvider[] =>
      all.all().map((row) => ({ ...row, hidePaid: row.hidePaid !== 0, enabled: row.enabled !== 0 })),
    save: ({ hidePaid, enabled, ...rest }: StoredProvider): void =>
      void upsert.run({ ...rest, hidePaid: Number(hidePaid), enabled: Number(enabled) }),
    /** With what was counted of it. */
    remove: (id: string): void => removeBoth(id),
    usage: (id: string, day: string): { today: UsageFigures; total: UsageFigures } => ({
      today: ofDay.get(id, day) ?? none,
      total: total.get(id) ?? none,
    }),
    countAnswer: (provider: string, day: string, answered: Answered): void =>
      void count.run({ provider, day, requests: 1, faults: 0, ...answered }),
    countFault: (provider: string, day: string): void =>
      void count.run({ provider, day, requests: 1, faults: 1, promptTokens: 0, completionTokens: 0, costUsd: null }),
  }
}

export type ProviderRepository = ReturnType<typeof createProviderRepository>
