import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { ProviderModel } from '../provider.ts'
import { createItemScanner } from './jsonItems.ts'
import { toProviderModel } from './openRouterModel.ts'
import { OpenRouterModel } from './openRouterSchemas.ts'

/** With its text outputs alone, unless asked for all. */
const path = '/models?output_modalities=all'
/** Megabytes that hardly ever change, while every provider is looked at each few seconds. */
export const listLifeMs = 10 * 60_000
/** Of work without a pause, so that others get their turn. */
const turnMs = 2
/** Enough to say what is wrong with an answer that is no list. */
const headLength = 65_536
const maxBytes = 96 * 2 ** 20
const itemLimits = { maxItemLength: 2 ** 20, maxItems: 100_000 }

export interface CatalogDeps {
  readonly http: HttpClient
  readonly hidePaid: boolean
  /** from the request to the last byte of the list */
  readonly answerMs: number
  /** Unix milliseconds */
  readonly now: () => number
}

export interface Catalog {
  readonly items: ReadonlyMap<string, OpenRouterModel>
  /** without those that cost, where these are hidden; the same objects as long as the list lives */
  readonly models: readonly ProviderModel[]
  readonly free: number
  /** Unix milliseconds */
  readonly at: number
}

/** The list of models, asked for when it is needed and older than ten minutes. */
export const createCatalog = ({ http, hidePaid, answerMs, now }: CatalogDeps) => {
  let known: Catalog | null = null

  const read = async (signal: AbortSignal): Promise<Catalog> => {
    const items = new Map<string, OpenRouterModel>()
    const models: ProviderModel[] = []
    const before = new Map(known?.models.map((model) => [model.key, model]))
    let free = 0
    let seen = 0
    let since = performance.now()
    for await (const batch of batchesOf(http, answerMs, signal)) {
      seen += batch.length
      for (const value of batch) {
        const { data } = OpenRouterModel.safeParse(value)
        if (data === undefined || items.has(data.id)) continue // one without a name cannot be asked
        const model = asBefore(toProviderModel(data), before.get(data.id))
        items.set(data.id, data)
        if (model.price?.free) free++
        if (!hidePaid || model.price?.free) models.push(model)
        if (performance.now() - since > turnMs) {
          await nextTurn()
          since = performance.now()
        }
      }
    }
    if (items.size === 0 && seen > 0)
      throw new AppError('PROVIDER_BAD_ANSWER', 'The list of models has none with a name.')
    return { items, models, free, at: now() }
  }

  return {
    /** What was last read, however old. */
    last: (): Catalog | null => known,
    get: async (signal: AbortSignal): Promise<Catalog> => {
      const age = known === null ? Number.NaN : now() - known.at
      if (known !== null && age >= 0 && age < listLifeMs) return known
      known = await read(signal)
      return known
    },
  }
}

/** One that did not change stays the same object, so that others compare ten thousand of them at once. */
const asBefore = (model: ProviderModel, before: ProviderModel | undefined): ProviderModel =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(model) ? before : model

/** The items of the list, unchecked, some at a time. */
async function* batchesOf(http: HttpClient, answerMs: number, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
  const deadline = AbortSignal.timeout(answerMs)
  const tooMuch = () => new AppError('PROVIDER_BAD_ANSWER', 'The list of models is longer than any list could be.')
  const scanner = createItemScanner('data', itemLimits, tooMuch)
  const limits = { headersMs: 0, idleMs: 0, maxStreamBytes: maxBytes }
  let head = ''
  try {
    for await (const { text } of http.pieces({ path, limits }, AbortSignal.any([signal, deadline]))) {
      if (head.length < headLength) head += text.slice(0, headLength)
      const found = scanner.push(text)
      if (found.length > 0) yield http.parseData(`[${found.join()}]`, z.array(z.unknown()))
    }
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error
    const words = `The list of models did not arrive within ${answerMs / 1000} s.`
    throw new AppError('PROVIDER_TIMEOUT', words, { cause: error })
  }
  if (scanner.isWhole()) return
  http.parseData(head, z.object({ data: z.array(z.unknown()) })) // says what it is in place of a list
  throw new AppError('PROVIDER_BAD_ANSWER', 'The list of models ended in its middle.')
}
