import type { ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Load, ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import { AppError } from '../../lib/appError.ts'
import { answerUsd, untold } from '../answerCost.ts'
import type { RunContext, Watched } from '../runner.ts'
import { arrivalTimes } from './arrivals.ts'
import { countTokens } from './countedTokens.ts'
import { type Answer, type Arrivals, type LoadEnd, type LoadOrder, type RequestLimits, usedOf } from './loadOrder.ts'
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

/** @throws AppError COST_NOT_ACCEPTED when what was agreed to is not enough for one request */
export const checkAffordable = ({ purse }: RunContext, { promptTokens, outputTokens }: ServingSettings): void => {
  purse.expect({ promptTokens, completionTokens: outputTokens })
  if (purse.mayBegin()) return
  const left = purse.rest()?.leftUsd ?? 0
  throw new AppError('COST_NOT_ACCEPTED', `What was agreed to, ${left} US dollars, is not enough for one request.`)
}

/** One answer of a price list that tells too little to count by. */
const isUnpriced = ({ subject: { model } }: RunContext): boolean =>
  answerUsd({ promptTokens: 1, completionTokens: 1, costUsd: null }, model.price) === null

/** Loads of one run. */
export const createServing = (
  context: RunContext,
  settings: ServingSettings,
  { transport, words, tag }: { transport: Transport; words: number; tag: string },
) => {
  const { subject, machine, signal, deadline, purse } = context
  const limits = limitsOf(settings)

  const orderOf = (arrivals: Arrivals, position: number): LoadOrder => ({
    arrivals,
    prompts: { seed: settings.seed, words, tag },
    firstPrompt: (position + 1) * promptsPerLoad + 1,
    limits,
    remainingMs: deadline === null ? null : Math.max(0, deadline - performance.now()),
    spending: purse.rest(),
  })

  /** What all of its requests may cost is spent before the first is sent, and what they did not cost is given back at its end. */
  const run = async (arrivals: Arrivals, position: number, onAnswer: (answer: Answer) => void) => {
    const order = orderOf(arrivals, position)
    let open = arrivals.loop === 'closed' ? arrivals.count : arrivals.atMs.length
    purse.begin(open)
    const note = (answer: Answer): void => {
      open -= 1
      purse.end(usedOf(answer))
      const { promptTokens, outputTokens: completionTokens, costUsd } = answer
      if (!transport.isCounted) context.used({ promptTokens, completionTokens, costUsd })
      onAnswer(answer)
    }
    const outcome = await transport.run(order, note, signal)
    purse.end(untold, outcome.cutOff)
    purse.end(null, open - outcome.cutOff)
    return outcome
  }

  /** Nothing of it is kept. */
  const warmUp = async (count: number, level: number): Promise<LoadEnd> =>
    (await run({ loop: 'closed', level, count }, -1, () => {})).end

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
      context.report(place.fraction(answers.length / planned), `${name}: ${answers.length} of ${planned} requests`)
    }
    const watching = { ended: null as ReturnType<Watched['end']> | null }
    const running = run(arrivalsOf(load, planned, settings), position, onAnswer)
    const { end, firstFailure } = await running.finally(() => {
      watching.ended = watch?.end() ?? null
    })
    if (answers.length === 0) return { figures: null, end }
    const measured = { answers, ...(await countTokens(answers, tokenizer)), limits: settings.limits }
    const options = { ...context.options, ...subject.instance()?.options }
    const base = { ...measured, position, load, isSearch, planned, end, firstFailure, options, watched: watching.ended }
    const plain = await toServingResult({ ...base, notes: [] }, settings)
    const figures = plain.serving
    if (figures === null) return { figures, end }
    const unwatched = purse.rest() !== null && isUnpriced(context) && figures.costUsd === null
    const notes = [transport.note, unwatched ? untoldCost : null].filter((each) => each !== null)
    context.save({ ...plain, notes: [...notes, ...place.notes(figures), ...plain.notes] }, toSamples(measured))
    return { figures, end }
  }

  return { warmUp, measure }
}
export type Serving = ReturnType<typeof createServing>
