import { randomInt } from 'node:crypto'
import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Load, ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { loadName } from '../../../shared/testName.ts'
import { AppError } from '../../lib/appError.ts'
import type { RunBenchmark, RunContext } from '../runner.ts'
import { acceptableDelayMs } from './clientError.ts'
import { firstAnswer } from './firstAnswer.ts'
import { checkAffordable, createServing, type Serving } from './measureServing.ts'
import { searchHighestLoad } from './searchHighestLoad.ts'
import { createTransport, type Transport } from './servingTransport.ts'

/** of a chat template, about */
const templateTokens = 64
/** Of a load by rate nobody knows how many will be under way. */
const streamsOfRate = 64

const streamsOf = ({ loads, findHighestLoad }: ServingSettings): number =>
  findHighestLoad
    ? streamsOfRate
    : Math.max(...loads.map((load) => (load.by === 'concurrency' ? load.level : streamsOfRate)))

/** The context is as long as the requests need, unless somebody chose one. */
const optionsFor = ({ subject: { model, provider }, options }: RunContext, settings: ServingSettings): LoadOptions => {
  const needed = settings.promptTokens + settings.outputTokens + templateTokens
  const isChosen =
    options.contextLength !== undefined || !model.verbs.load || 'contextLength' in provider.ignoredOptions
  return isChosen || needed <= defaultContextLength(model.contextLength)
    ? options
    : { ...options, contextLength: needed }
}

const checkOver = ({ signal, deadline }: RunContext): 'go on' | 'over' => {
  if (signal.aborted) throw new AppError('CANCELLED')
  return deadline !== null && performance.now() >= deadline ? 'over' : 'go on'
}

const measureClient = async (context: RunContext, transport: Transport, settings: ServingSettings): Promise<void> => {
  context.report(null, 'Measuring the load client itself')
  const error = await transport.clientError(streamsOf(settings), context.signal)
  if (context.signal.aborted) throw new AppError('CANCELLED')
  if (error === null) return
  context.setClientError(error)
  if (error.p99 <= acceptableDelayMs) return
  const text = `The load client itself was up to ${error.p99.toFixed(1)} ms late (p99 at ${error.streams} streams): the machine was busy.`
  context.disturbed({ kind: 'load', text })
}

/** What was asked for and has no result, and why. */
const sayUnmeasured = (context: RunContext, loads: readonly Load[], why: string): void => {
  if (loads.length === 0) return
  context.disturbed({ kind: 'unmeasured', text: `${why} for: ${loads.map(loadName).join('; ')}.` })
}

const noTime = 'There was no time'
const noMoney = 'What was agreed to was not enough'

const measureAll = async (context: RunContext, settings: ServingSettings, serving: Serving): Promise<void> => {
  const { loads, warmUpRequests, findHighestLoad } = settings
  const [first] = loads
  const level = first?.by === 'concurrency' ? first.level : 1
  context.report(null, 'Warming up')
  // what costs money is asked one after the other, until it is known how much
  if (context.purse.rest() !== null) await serving.warmUp(Math.max(1, warmUpRequests), 1)
  else if (warmUpRequests > 0) await serving.warmUp(warmUpRequests, level)
  const known = new Map<number, ServingFigures>()
  for (const [position, load] of loads.entries()) {
    const before = context.done.get(position)?.serving
    if (before) known.set(position, before)
    if (context.done.has(position)) continue
    const rest = loads.filter((_, later) => later >= position && !context.done.has(later))
    if (checkOver(context) === 'over') return sayUnmeasured(context, rest, noTime)
    const part = 1 / loads.length
    const measured = await serving.measure({
      load,
      position,
      isSearch: false,
      name: loadName(load),
      fraction: (of) => (findHighestLoad ? null : (position + of) * part),
      notes: () => [],
    })
    if (measured.figures !== null) known.set(position, measured.figures)
    else if (measured.end === 'spent' && known.size === 0)
      throw new AppError('COST_NOT_ACCEPTED', 'What was agreed to was spent before anything could be measured.')
    if (measured.end === 'spent' || measured.end === 'deadline') {
      const missing = measured.figures === null ? rest : rest.slice(1)
      return sayUnmeasured(context, missing, measured.end === 'spent' ? noMoney : noTime)
    }
  }
  if (findHighestLoad && checkOver(context) === 'go on') await searchHighestLoad(context, settings, serving, known)
  checkOver(context)
}

const isAllDone = ({ done }: RunContext, { loads, findHighestLoad }: ServingSettings): boolean =>
  !findHighestLoad && loads.every((_, position) => done.has(position))

/**
 * Requests as clients send them, by the methods of guidellm and vLLM's bench: each load after a warm-up, in order, then the search
 * for the highest that keeps the limits. Requests go past the provider's breaker, and their errors are results.
 * @throws AppError CANCELLED, and what loading the model or its first answer fails with
 */
export const runServingBenchmark: RunBenchmark = async (context) => {
  const { settings, subject, signal } = context
  if (settings.kind !== 'serving')
    throw new AppError('INVALID_INPUT', 'These are not the settings of a serving benchmark.')
  if (isAllDone(context, settings)) return
  checkAffordable(context, settings)
  context.report(null, 'Loading the model')
  await subject.load(optionsFor(context, settings), signal)
  const transport = createTransport(subject, settings)
  try {
    await measureClient(context, transport, settings)
    context.report(null, 'Waiting for a first answer')
    const tag = randomInt(2 ** 40).toString(36)
    const words = await firstAnswer(context, settings, tag)
    const serving = createServing(context, settings, { transport, words, tag })
    await measureAll(context, settings, serving)
  } finally {
    await transport.close()
  }
}
