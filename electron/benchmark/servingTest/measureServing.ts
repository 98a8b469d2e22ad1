import type { Load, ServingFigures, ServingSettings } from '../../../shared/contract/benchmarks.ts'
import { AppError } from '../../lib/appError.ts'
import type { RunContext, Watched } from '../runner.ts'
import { arrivalTimes } from './arrivals.ts'
import { countTokens } from './countedTokens.ts'
import { priceOf } from './firstAnswer.ts'
import type { Answer, Arrivals, LoadEnd, LoadOrder, RequestLimits } from './loadOrder.ts'
import { costOf } from './purse.ts'
import { toSamples, toServingResult } from './servingResult.ts'
import type { Transport } from './servingTransport.ts'

/** Prompts of one load; each load has its own, so that none is in a cache from another. */
const promptsPerLoad = 100_000
/** Of a stream: what its events carry beside their text is hundreds of bytes. */
const bytesPerToken = 4096
const smallestStream = 4 * 2 ** 20
/** Pieces may be smaller than tokens. */
const piecesPerToken = 8
const smallestPieces = 4096
const maxLineLength = 2 ** 20

const untoldCost =
  'The provider tells neither a price nor what it charged, so nothing could be counted against what was agreed to.'

const limitsOf = ({ requestSeconds, outputTokens }: ServingSettings): RequestLimits => ({
  requestMs: requestSeconds * 1000,
  maxStreamBytes: smallestStream + outputTokens * bytesPerToken,
  maxLineLength,
  maxPieces: smallestPieces + outputTokens * piecesPerToken,
})

const arrivalsOf = (load: Load, count: number, { arrivals: pattern, seed }: ServingSettings): Arrivals =>
  load.by === 'concurrency'
    ? { loop: 'closed', level: load.level, count }
    : { loop: 'open', atMs: arrivalTimes({ requestsPerSecond: load.requestsPerSecond, count, pattern, seed }) }

export interface LoadPlace {
  readonly load: Load
  readonly position: number
  readonly isSearch: boolean
  /** for people: what is measured */
  readonly name: string
  /** of all loads; null: unknown */
  readonly fraction: (part: number) => number | null
  /** said of the result by what came out */
  readonly notes: (figures: ServingFigures) => readonly string[]
}

/** By the price list; null: there is none. */
const requestUsdOf = ({ subject: { model } }: RunContext, { promptTokens, outputTokens }: ServingSettings) =>
  costOf({ costUsd: null, promptTokens, outputTokens }, priceOf(model.price))

/** @throws AppError COST_NOT_ACCEPTED when what was agreed to is not enough for one request */
export const checkAffordable = (context: RunContext, settings: ServingSettings): void => {
  const { acceptedUsd } = context
  const each = requestUsdOf(context, settings) ?? 0
  if (acceptedUsd === null || (acceptedUsd > 0 && each <= acceptedUsd)) return
  throw new AppError(
    'COST_NOT_ACCEPTED',
    `What was agreed to, ${acceptedUsd} US dollars, is not enough for one request.`,
  )
}

/** Loads of one run; what they cost is counted over all of them. US dollars. */
export const createServing = (
  context: RunContext,
  settings: ServingSettings,
  { transport, words, tag, spentUsd }: { transport: Transport; words: number; tag: string; spentUsd: number },
) => {
  const { subject, machine, signal, deadline, acceptedUsd } = context
  const price = priceOf(subject.model.price)
  const limits = limitsOf(settings)
  let spent = spentUsd
  let dearest = requestUsdOf(context, settings)

  const orderOf = (arrivals: Arrivals, position: number): LoadOrder => ({
    arrivals,
    prompts: { seed: settings.seed, words, tag },
    firstPrompt: (position + 1) * promptsPerLoad + 1,
    limits,
    remainingMs: deadline === null ? null : Math.max(0, deadline - performance.now()),
    spending: acceptedUsd === null ? null : { leftUsd: acceptedUsd - spent, eachUsd: dearest, price },
  })

  const note = (answer: Answer): void => {
    const cost = costOf(answer, price)
    if (cost !== null) {
      spent += cost
      dearest = Math.max(dearest ?? 0, cost)
    }
    const { promptTokens, outputTokens: completionTokens, costUsd } = answer
    context.used({ promptTokens, completionTokens, costUsd }, ...(transport.isCounted ? [true as const] : []))
  }

  /** Nothing of it is kept. */
  const warmUp = async (count: number, level: number): Promise<LoadEnd> =>
    (await transport.run(orderOf({ loop: 'closed', level, count }, -1), note, signal)).end

  const tokenizer =
    subject.provider.countTokens === undefined
      ? null
      : async (text: string) => (await subject.provider.countTokens?.(subject.key, text, signal)) ?? Number.NaN

  /** Measures one load and saves it; figures are null where nothing of it was measured. */
  const measure = async (place: LoadPlace): Promise<{ figures: ServingFigures | null; end: LoadEnd }> => {
    const { load, position, isSearch, name } = place
    const planned = settings.requestsPerLoad
    const answers: Answer[] = []
    const watch = subject.local ? machine.begin(subject.instance()?.pid ?? null) : null
    const onAnswer = (answer: Answer): void => {
      answers.push(answer)
      note(answer)
      context.report(place.fraction(answers.length / planned), `${name}: ${answers.length} of ${planned} requests`)
    }
    const order = orderOf(arrivalsOf(load, planned, settings), position)
    const watching = { ended: null as ReturnType<Watched['end']> | null }
    const run = transport.run(order, onAnswer, signal)
    const { end, firstFailure } = await run.finally(() => {
      watching.ended = watch?.end() ?? null
    })
    if (answers.length === 0) return { figures: null, end }
    const measured = { answers, ...(await countTokens(answers, tokenizer)), limits: settings.limits }
    const options = { ...context.options, ...subject.instance()?.options }
    const base = { ...measured, position, load, isSearch, planned, end, firstFailure, options, watched: watching.ended }
    const plain = await toServingResult({ ...base, notes: [] }, settings)
    const figures = plain.serving
    if (figures === null) return { figures, end }
    const unwatched = acceptedUsd !== null && price === null && figures.costUsd === null
    const notes = [transport.note, unwatched ? untoldCost : null].filter((each) => each !== null)
    context.save({ ...plain, notes: [...notes, ...place.notes(figures), ...plain.notes] }, toSamples(measured))
    return { figures, end }
  }

  return { warmUp, measure }
}
export type Serving = ReturnType<typeof createServing>
