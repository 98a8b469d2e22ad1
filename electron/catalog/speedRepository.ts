import type { CatalogDatabase } from './database.ts'

/** The generation speed last measured through Berth, by model. */
export const createSpeedRepository = (db: CatalogDatabase) => {
  const all = db.prepare<[], { model: string; tokensPerSecond: number }>(
    'SELECT model, tokens_per_second AS tokensPerSecond FROM model_speed',
  )
  const upsert = db.prepare<[string, number, number]>(
    `INSERT INTO model_speed (model, tokens_per_second, measured_at) VALUES (?, ?, ?)
     ON CONFLICT (model) DO UPDATE SET tokens_per_second = excluded.tokens_per_second, measured_at = excluded.measured_at`,
  )
  return {
    all: (): Map<string, number> => new Map(all.all().map((row) => [row.model, row.tokensPerSecond])),
    save: (model: string, tokensPerSecond: number, at: number): void => void upsert.run(model, tokensPerSecond, at),
  }
}

export type SpeedRepository = ReturnType<typeof createSpeedRepository>
