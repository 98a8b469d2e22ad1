import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../lib/appError.ts'
import type { Provider, ProviderChatChunk } from '../provider.ts'
import { type Breaker, outcomeOf } from './breaker.ts'

export interface GuardDeps {
  readonly breaker: Breaker
  /** Unix milliseconds */
  readonly now: () => number
  readonly random: () => number
  /** what an answer used, or nothing of it known */
  readonly onAnswer: (used: {
    promptTokens: number | null
    completionTokens: number | null
    costUsd: number | null
  }) => void
  /** `answering`: it was an answer that failed, and counts in the usage */
  readonly onFault: (error: AppError, answering: boolean) => void
}

/** More than this often in a row helps nobody who waits. */
const retries = 2
const firstWaitMs = 100
/** Of a 429 that does not say how long. */
const unsaidWaitMs = 5_000
const longestWaitMs = 15 * 60_000

/**
 * The same provider, whose calls pass its breaker, heed what a 429 asked for, and are tried again where asking twice changes
 * nothing. A limit is kept by model: a server that routes to many has one of them full and the others not.
 */
export const guardProvider = (provider: Provider, deps: GuardDeps): Provider => {
  const { breaker, now, random, onAnswer, onFault } = deps
  const limitedUntil = new Map<string, number>()

  const enter = (about: string, insist: boolean) => {
    const until = limitedUntil.get(about) ?? 0
    if (until > now())
      throw new AppError('PROVIDER_RATE_LIMITED', `${provider.name} asked to wait until ${clock(until)}.`, {
        details: { nextAttemptAt: until, waitMs: until - now() },
      })
    limitedUntil.delete(about)
    const settle = breaker.enter(insist)
    if (settle) return settle
    const state = breaker.state()
    const words =
      state.state === 'open'
        ? `${provider.name} failed repeatedly and is not asked before ${clock(state.until)}.`
        : `${provider.name} failed repeatedly and is just being tried again.`
    throw new AppError('PROVIDER_PAUSED', words, {
      details: { nextAttemptAt: state.state === 'open' ? state.until : null },
    })
  }

  const note = (error: unknown, about: string, answering: boolean): void => {
    if (!(error instanceof AppError)) return
    if (error.code === 'PROVIDER_RATE_LIMITED') {
      const wait = typeof error.details?.waitMs === 'number' ? error.details.waitMs : unsaidWaitMs
      limitedUntil.set(about, now() + Math.min(wait, longestWaitMs))
    }
    if (error.code !== 'CANCELLED') onFault(error, answering)
  }

  const once = async <T>(about: string, ask: () => Promise<T>, options: { insist?: boolean; answering?: boolean }) => {
    const settle = enter(about, options.insist ?? false)
    try {
      const value = await ask()
      settle('good')
      return value
    } catch (error) {
      settle(outcomeOf(error))
      note(error, about, options.answering ?? false)
      throw error
    }
  }

  /** For calls that change nothing. A time-out is not waited for again. */
  const again = async <T>(ask: () => Promise<T>, signal: AbortSignal, insist = false): Promise<T> => {
    for (let tried = 0; ; tried++) {
      try {
        return await once('', ask, { insist })
      } catch (error) {
        const mayPass =
          error instanceof AppError &&
          error.code !== 'PROVIDER_TIMEOUT' &&
          error.code !== 'PROVIDER_PAUSED' &&
          outcomeOf(error) === 'fault'
        if (!mayPass || tried >= retries || signal.aborted) throw error
        await delay(firstWaitMs * 2 ** tried * (0.5 + random()), undefined, { signal }).catch(() => {})
        if (signal.aborted) throw new AppError('CANCELLED', undefined, { cause: error })
      }
    }
  }

  const { load, unload, keepAlive, chat, embed, pull, push, create, copy, removal, remove } = provider
  const { wire, measure, countTokens, adapters, changeAdapter, facts, account, onChange, close } = provider

  async function* guardedChat(...[key, request, signal]: Parameters<NonNullable<Provider['chat']>>) {
    const settle = enter(key, false)
    let outcome: Parameters<typeof settle>[0] = 'cancelled' // until it ends by itself or by a fault: who reads may leave
    try {
      for await (const chunk of chat?.call(provider, key, request, signal) ?? ([] as ProviderChatChunk[])) {
        if (chunk.type === 'done') {
          outcome = 'good'
          onAnswer({ ...chunk.usage, costUsd: chunk.costUsd })
        }
        yield chunk
      }
    } catch (error) {
      outcome = outcomeOf(error)
      note(error, key, true)
      throw error
    } finally {
      settle(outcome)
    }
  }

  return {
    id: provider.id,
    kind: provider.kind,
    name: provider.name,
    address: provider.address,
    cannot: provider.cannot,
    ignoredOptions: provider.ignoredOptions,
    // the look of the background is what finds out whether it is back, so it does not wait for the breaker
    status: (signal) => again(() => provider.status(signal), signal, true),
    models: (signal) => again(() => provider.models(signal), signal, true),
    instances: (signal) => again(() => provider.instances(signal), signal, true),
    details: (key, signal) => again(() => provider.details(key, signal), signal),
    ...(load && { load: (key, ...rest) => once(key, () => load.call(provider, key, ...rest), {}) }),
    ...(unload && { unload: (key, ...rest) => once(key, () => unload.call(provider, key, ...rest), {}) }),
    ...(keepAlive && { keepAlive: (key, ...rest) => once(key, () => keepAlive.call(provider, key, ...rest), {}) }),
    ...(chat && { chat: guardedChat }),
    // what a load test does with it goes past the breaker: its faults are its results
    ...(wire && { wire: (key, ...rest) => wire.call(provider, key, ...rest) }),
    ...(measure && { measure: (key, ...rest) => once(key, () => measure.call(provider, key, ...rest), {}) }),
    ...(countTokens && { countTokens: (...args) => again(() => countTokens.apply(provider, args), args[2]) }),
    ...(embed && {
      embed: async (key, ...rest) => {
        const result = await once(key, () => embed.call(provider, key, ...rest), { answering: true })
        onAnswer({ promptTokens: result.promptTokens, completionTokens: null, costUsd: result.costUsd })
        return result
      },
    }),
    ...(pull && { pull: (...args) => once('', () => pull.apply(provider, args), {}) }),
    ...(push && { push: (...args) => once('', () => push.apply(provider, args), {}) }),
    ...(create && { create: (...args) => once('', () => create.apply(provider, args), {}) }),
    ...(copy && { copy: (...args) => once('', () => copy.apply(provider, args), {}) }),
    ...(removal && { removal: (key, signal) => again(() => removal.call(provider, key, signal), signal) }),
    ...(remove && { remove: (...args) => once('', () => remove.apply(provider, args), {}) }),
    ...(adapters && { adapters: (key, signal) => again(() => adapters.call(provider, key, signal), signal) }),
    ...(changeAdapter && { changeAdapter: (...args) => once('', () => changeAdapter.apply(provider, args), {}) }),
    ...(facts && { facts: (signal) => again(() => facts.call(provider, signal), signal) }),
    ...(account && { account: (signal) => again(() => account.call(provider, signal), signal) }),
    ...(onChange && { onChange: (listener) => onChange.call(provider, listener) }),
    ...(close && { close: () => close.call(provider) }),
  }
}

const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB')
