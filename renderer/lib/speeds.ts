import type { Instance } from '../../shared/contract/models.ts'

type Speed = { readonly at: number; readonly tokensPerSecond: number }

/** Tokens per second of the answers that this window saw, by model, oldest first. */
export type Speeds = ReadonlyMap<string, readonly Speed[]>

export const keptSpeeds = 24

/** The map is new only when an answer is. */
export const withSpeeds = (before: Speeds, instances: readonly Instance[]): Speeds => {
  let after: Map<string, readonly Speed[]> | null = null
  for (const { model, lastChat } of instances) {
    if (lastChat === null || lastChat.tokensPerSecond === null) continue
    const known = (after ?? before).get(model) ?? []
    if (known.some(({ at }) => at >= lastChat.at)) continue
    after ??= new Map(before)
    after.set(model, [...known.slice(1 - keptSpeeds), { at: lastChat.at, tokensPerSecond: lastChat.tokensPerSecond }])
  }
  return after ?? before
}
