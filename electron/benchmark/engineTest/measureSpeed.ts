import type { Repetition } from '../../../shared/contract/benchmarkSettings.ts'
import type { Instance } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { EngineMeasurement, EngineTest } from '../../providers/provider.ts'
import type { RunContext } from '../runner.ts'
import { cutShort, isEnough, type Measured, type Sample } from './engineResult.ts'
import type { SpeedTest } from './engineTests.ts'

export interface SpeedDeps {
  readonly context: RunContext
  readonly instance: Instance | null
  readonly repetition: Repetition
  /** `performance.now()` after which it is not repeated; null: no limit */
  readonly until: number | null
  readonly onRepetition: (number: number) => void
}

/** Energy is the test's own only where hardly anything else was done meanwhile. */
const ownPart = 0.9

const engineTest = (test: SpeedTest): EngineTest =>
  test.type === 'prompt'
    ? { type: 'prompt', tokens: test.promptTokens, depth: test.depth }
    : { type: 'generation', tokens: test.generatedTokens, depth: test.depth }

/** Before the warm-up, which is shorter. */
function checkRoom({ tokens, depth }: EngineTest, instance: Instance | null): void {
  const room = instance?.contextLength ?? null
  if (room !== null && depth + tokens > room)
    throw new AppError('INVALID_INPUT', `This needs a context of ${depth + tokens} tokens, and the model has ${room}.`)
}

const toSample = ({ tokens, ms }: EngineMeasurement): Sample => ({ ms, value: (tokens * 1000) / ms })

const isOver = (at: number | null): boolean => at !== null && performance.now() > at

/**
 * One test, warmed up as llama-bench does (a whole prompt, one token of a generation) and repeated until its interval is
 * narrow enough. Null: there was no time for it.
 * @throws AppError as the provider's `measure`
 */
export async function measureSpeed(test: SpeedTest, deps: SpeedDeps): Promise<Measured | null> {
  const { context, instance, repetition, until } = deps
  const { subject, signal, machine, deadline } = context
  const { provider, key, local } = subject
  const { measure } = provider
  if (measure === undefined) throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} does not measure its engine.`)
  const once = (of: EngineTest) => {
    signal.throwIfAborted()
    return measure.call(provider, key, of, signal)
  }
  const asked = engineTest(test)
  checkRoom(asked, instance)
  const shape = { options: instance?.options ?? context.options }
  const warmUp = await once(asked.type === 'prompt' ? asked : { ...asked, tokens: 1 })
  if (isOver(deadline)) {
    if (asked.type !== 'prompt') return null
    // a figure that is a little low is better than none
    const notes = ['Measured once and not warmed up: there was no time for more.']
    return { ...shape, samples: [toSample(warmUp)], memory: [], tokensPerJoule: null, notes }
  }
  const samples: Sample[] = []
  const watched = machine.begin(local ? (instance?.pid ?? null) : null)
  const startedAt = performance.now()
  let watch: ReturnType<typeof watched.end>
  try {
    while (samples.length === 0 || !(isEnough(samples, repetition) || isOver(until) || isOver(deadline))) {
      deps.onRepetition(samples.length + 1)
      samples.push(toSample(await once(asked)))
    }
  } finally {
    watch = watched.end()
  }
  const measuredMs = samples.reduce((sum, { ms }) => sum + ms, 0)
  const { memory, joules } = local ? watch : { memory: [], joules: null }
  const isOwn = measuredMs >= ownPart * (performance.now() - startedAt)
  return {
    ...shape,
    samples,
    memory,
    tokensPerJoule: joules === null || joules <= 0 || !isOwn ? null : (asked.tokens * samples.length) / joules,
    notes: isEnough(samples, repetition) ? [] : [cutShort(samples.length)],
  }
}
