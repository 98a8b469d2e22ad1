import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { EngineSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { ErrorCode } from '../../../shared/contract/errors.ts'
import type { Instance, LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { createChildProcesses } from '../../lib/childProcess.ts'
import type { RunBenchmark, RunContext } from '../runner.ts'
import { type Measured, toResult } from './engineResult.ts'
import { type Combination, combinationsOf, nameOf, neededContext } from './engineTests.ts'
import { createFileCache, type FileCache } from './fileCache.ts'
import { measureLoad } from './measureLoad.ts'
import { measureSpeed } from './measureSpeed.ts'

/** What one combination, or one test, may fail with while others work. Anything else ends the run. */
const failures: readonly ErrorCode[] = [
  'OUT_OF_MEMORY',
  'LOAD_FAILED',
  'ENGINE_CRASHED',
  'SET_ASIDE',
  'INVALID_INPUT',
  'VERB_NOT_SUPPORTED',
  'MODEL_NOT_LOADED',
  'PROVIDER_ERROR',
  'PROVIDER_BAD_ANSWER',
  'PROVIDER_TIMEOUT',
]
const shownNames = 20

/** One run under way. */
interface Run {
  readonly context: RunContext
  readonly settings: EngineSettings
  readonly cache: FileCache
  readonly total: number
  /** tests that are still to be measured, over all combinations */
  left: number
  measured: number
  firstFailure: AppError | null
  readonly notReached: string[]
}
type Test = Combination['tests'][number]

const labelOf = ({ words }: Combination, name: string): string => (words === '' ? name : `${words}: ${name}`)

const isOver = ({ context: { deadline } }: Run): boolean => deadline !== null && performance.now() > deadline

/** Each test may take its part of what is left, so that the last ones are measured too. */
const untilOf = ({ context: { deadline }, left }: Run): number | null =>
  deadline === null ? null : performance.now() + (deadline - performance.now()) / Math.max(1, left)

/** @throws whatever is no matter of this combination alone */
function note(run: Run, what: string, error: unknown): void {
  if (run.context.signal.aborted || !(error instanceof AppError) || !failures.includes(error.code)) throw error
  run.firstFailure ??= error
  run.context.disturbed({ kind: 'unmeasured', text: `${what} could not be measured: ${error.message}` })
}

/** The context is as long as the longest test needs, unless somebody chose one. */
function optionsFor({ context, settings }: Run, combination: Combination): LoadOptions {
  const options = { ...context.options, ...combination.options }
  const { model, provider } = context.subject
  const needed = neededContext(settings)
  const isChosen =
    options.contextLength !== undefined || !model.verbs.load || 'contextLength' in provider.ignoredOptions
  return isChosen || needed <= defaultContextLength(model.contextLength)
    ? options
    : { ...options, contextLength: needed }
}

function keep(run: Run, { position, test }: Test, measured: Measured): void {
  run.context.save(toResult(position, test, measured), measured.samples)
  run.measured++
}

/** Measures one test; `instance` is null where it is not loaded, or nothing is known of it. */
async function measureTest(run: Run, combination: Combination, each: Test, instance: Instance | null): Promise<void> {
  const { context, settings, cache } = run
  const name = labelOf(combination, nameOf(each.test))
  const report = (number: number, most: number) =>
    context.report((run.total - run.left + (number - 1) / most) / run.total, `${name}, ${number} of ${most}`)
  const common = { context, repetition: settings.repetition, until: untilOf(run) }
  context.report((run.total - run.left) / run.total, name)
  if (each.test.type !== 'load') {
    const onRepetition = (number: number) => report(number, settings.repetition.most)
    const measured = await measureSpeed(each.test, { ...common, instance, onRepetition })
    if (measured === null) run.notReached.push(name)
    else keep(run, each, measured)
    return
  }
  const options = optionsFor(run, combination)
  const measured = await measureLoad(each.test, { ...common, cache, options, onRepetition: report })
  if (typeof measured === 'string')
    context.disturbed({ kind: 'unmeasured', text: `${name} could not be measured: ${measured}` })
  else keep(run, each, measured)
}

/** Whether the model is loaded as its combination says, and as what. */
interface Loaded {
  isReady: boolean
  instance: Instance | null
}

/** A process that has just ended may still be listed as loaded, and would be taken for it by the next load. */
async function forgetCrashed({ context: { subject, signal } }: Run): Promise<void> {
  try {
    await subject.unload(signal)
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error // else the next load says what is wrong
  }
}

/** What fails is noted. False: it does not load like this, so that nothing else of this combination can be measured. */
async function attempt(run: Run, combination: Combination, each: Test, loaded: Loaded): Promise<boolean> {
  const { subject, signal, report } = run.context
  try {
    if (each.test.type === 'load') loaded.isReady = false
    else if (!loaded.isReady) {
      report((run.total - run.left) / run.total, labelOf(combination, 'loading'))
      loaded.instance = await subject.load(optionsFor(run, combination), signal)
      loaded.isReady = true
    }
    await measureTest(run, combination, each, loaded.instance)
    return true
  } catch (error) {
    const { isReady } = loaded
    const all = combination.words === '' ? subject.model.name : combination.words
    note(run, isReady ? labelOf(combination, nameOf(each.test)) : all, error)
    loaded.isReady = false // a test that failed may have taken its process with it
    if (error instanceof AppError && error.code === 'ENGINE_CRASHED') await forgetCrashed(run)
    return isReady
  }
}

async function runCombination(run: Run, combination: Combination): Promise<void> {
  const { signal, done } = run.context
  const tests = combination.tests.filter(({ position }) => !done.has(position))
  const loaded: Loaded = { isReady: false, instance: null }
  for (const [index, each] of tests.entries()) {
    signal.throwIfAborted()
    if (isOver(run)) run.notReached.push(labelOf(combination, nameOf(each.test)))
    else if (!(await attempt(run, combination, each, loaded))) {
      run.left -= tests.length - index
      return
    }
    run.left--
  }
}

function sayNotReached({ notReached, context }: Run): void {
  if (notReached.length === 0) return
  const more = notReached.length - shownNames
  const names = notReached.slice(0, shownNames).join('; ') + (more > 0 ? ` and ${more} more` : '')
  context.disturbed({ kind: 'unmeasured', text: `There was no time for: ${names}.` })
}

/** Prompt and generation as llama-bench measures them, and loads, for each combination of the sweep. */
export const createEngineRunner =
  (cache: FileCache): RunBenchmark =>
  async (context) => {
    const { settings, subject, done } = context
    if (settings.kind !== 'engine') throw new Error(`an engine benchmark was given settings of ${settings.kind}`)
    if (subject.provider.measure === undefined)
      throw new AppError(
        'VERB_NOT_SUPPORTED',
        `${subject.provider.name} does not tell what its engine takes without the network.`,
      )
    const combinations = combinationsOf(settings)
    const all = combinations.flatMap(({ tests }) => tests)
    const run: Run = {
      context,
      settings,
      cache,
      total: all.length,
      left: all.filter(({ position }) => !done.has(position)).length,
      measured: done.size,
      firstFailure: null,
      notReached: [],
    }
    for (const combination of combinations) await runCombination(run, combination)
    if (run.measured === 0 && run.firstFailure !== null) throw run.firstFailure
    sayNotReached(run)
  }

export const runEngineBenchmark: RunBenchmark = createEngineRunner(
  createFileCache(createChildProcesses(process.env), process.platform),
)
