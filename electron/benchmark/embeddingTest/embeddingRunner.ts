import { randomBytes } from 'node:crypto'
import type { EmbeddingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { ErrorCode } from '../../../shared/contract/errors.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { usedOfFault } from '../answerCost.ts'
import type { RunBenchmark, RunContext } from '../runner.ts'
import { embeddingResult } from './embeddingResult.ts'
import { createTexts, probeWords, wordsFor } from './embeddingTexts.ts'
import { type MeasuredBatch, repeatBatch, spent } from './repeatBatch.ts'

/** What one size of a batch may be refused with, while others may work. Anything else ends the run. */
const refusals: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'TOO_LARGE',
  'OUT_OF_MEMORY',
  'PROVIDER_ERROR',
  'PROVIDER_TIMEOUT',
  'PROVIDER_RATE_LIMITED',
  'PROVIDER_BUSY',
]
/** words in one request, some megabytes of it: more is no batch that anybody sends */
const mostWords = 1_000_000
/** A server's own words may be long. */
const mostReason = 300
/** apart from each other in the numbers of their texts */
const textsOfPosition = 10_000_000

const textsOf = (count: number) => (count === 1 ? 'one text' : `${count} texts`)

/** One request, checked. */
type EmbedBatch = (texts: readonly string[]) => Promise<{ ms: number; promptTokens: number | null }>

/** @throws AppError PROVIDER_BAD_ANSWER when it answers something else than one vector for each text */
function checkVectors(name: string, embeddings: readonly (readonly number[])[], texts: number): void {
  const [length = 0] = embeddings.map((vector) => vector.length)
  if (embeddings.length === texts && length > 0 && embeddings.every((vector) => vector.length === length)) return
  const what =
    embeddings.length === texts ? 'vectors of different lengths, or empty ones' : `${embeddings.length} vectors`
  throw new AppError('PROVIDER_BAD_ANSWER', `${name} answered ${textsOf(texts)} with ${what}.`, {
    advice: 'Its speed says nothing while its answers are wrong: check the model and its server.',
  })
}

/** @throws AppError VERB_NOT_SUPPORTED when its provider makes no vectors */
function createEmbed({ subject, signal, purse }: RunContext, textTokens: number) {
  const { provider, key } = subject
  const { embed } = provider
  if (embed === undefined) throw new AppError('VERB_NOT_SUPPORTED', provider.cannot.embed)
  purse.expect({ promptTokens: textTokens, completionTokens: 0 })
  const embedBatch: EmbedBatch = async (texts) => {
    signal.throwIfAborted()
    purse.begin(texts.length)
    const startedAt = performance.now()
    const answer = await embed.call(provider, key, texts, signal).catch((error: unknown) => {
      purse.end(usedOfFault(error, signal), texts.length)
      throw error
    })
    const ms = performance.now() - startedAt
    const { promptTokens, costUsd } = answer
    purse.end({ promptTokens, completionTokens: 0, costUsd }, texts.length)
    checkVectors(provider.name, answer.embeddings, texts.length)
    return { ms, promptTokens }
  }
  return { embedBatch, allows: (texts: number) => purse.mayBegin(texts) }
}

/** How many words a text of the asked length has, by two short texts, which wake the model up as well. */
async function learnWords(embedBatch: EmbedBatch, textTokens: number, run: string): Promise<number> {
  const count = async (words: number, index: number) =>
    (await embedBatch(await createTexts(words, run)(index, 1))).promptTokens
  const [shortWords, longWords] = probeWords(textTokens)
  return wordsFor(textTokens, [await count(shortWords, -2), await count(longWords, -1)])
}

/** What one size found: a result, or why there is none. */
type Outcome =
  | { readonly measured: MeasuredBatch }
  | { readonly refusal: AppError }
  /** for this and what comes after it */
  | { readonly spent: string }

type Deps = ReturnType<typeof createEmbed> & {
  readonly words: number
  readonly run: string
  readonly pid: number | null
}
interface Size {
  readonly position: number
  readonly batchSize: number
  readonly settings: EmbeddingSettings
}

const isRefusal = (error: unknown): error is AppError => error instanceof AppError && refusals.includes(error.code)

async function measureSize(context: RunContext, deps: Deps, size: Size): Promise<Outcome> {
  const { position, batchSize, settings } = size
  if (batchSize * deps.words > mostWords)
    return { refusal: new AppError('TOO_LARGE', `That is more than ${mostWords} words in one request.`) }
  const texts = createTexts(deps.words, deps.run)
  const run = async (number: number) =>
    deps.embedBatch(await texts(position * textsOfPosition + number * batchSize, batchSize))
  const allows = () => deps.allows(batchSize)
  try {
    const why = spent(context, allows())
    if (why !== null) return { spent: why }
    await run(0)
    const measured = await repeatBatch({
      context,
      pid: deps.pid,
      batchSize,
      repetition: settings.repetition,
      allows,
      isRefusal: (error) => !context.signal.aborted && isRefusal(error),
      run,
      onRepetition(count) {
        const fraction = (position + Math.min(1, count / settings.repetition.most)) / settings.batchSizes.length
        context.report(fraction, `Batches of ${textsOf(batchSize)}: ${count}`)
      },
    })
    return measured === null ? { spent: spent(context, allows()) ?? 'nothing was left' } : { measured }
  } catch (error) {
    if (context.signal.aborted || !isRefusal(error)) throw error
    return { refusal: error }
  }
}

/** Measures the sizes that are not done. @throws AppError the first refusal, when nothing at all could be measured */
async function measureSizes(context: RunContext, deps: Deps, settings: EmbeddingSettings, options: LoadOptions) {
  const { batchSizes, textTokens } = settings
  let saved = 0
  let firstRefusal: AppError | null = null
  for (const [position, batchSize] of batchSizes.entries()) {
    if (context.done.has(position)) continue
    context.signal.throwIfAborted()
    const outcome = await measureSize(context, deps, { position, batchSize, settings })
    if ('measured' in outcome) {
      const { measured } = outcome
      context.save(embeddingResult({ measured, position, batchSize, textTokens, options }), measured.samples)
      saved++
    } else if ('refusal' in outcome) {
      firstRefusal ??= outcome.refusal
      unmeasured(context, `Batches of ${textsOf(batchSize)}: ${outcome.refusal.message.slice(0, mostReason)}`)
    } else {
      const rest = batchSizes.filter((_, later) => later >= position && !context.done.has(later))
      unmeasured(context, `Batches of ${rest.join(', ')}: ${outcome.spent}.`)
      break
    }
  }
  if (firstRefusal !== null && saved === 0) throw firstRefusal
}

const unmeasured = (context: RunContext, text: string) => context.disturbed({ kind: 'unmeasured', text })

/** Texts per second and latency by batch size. Positions are those of the list of sizes. */
export const runEmbeddingBenchmark: RunBenchmark = async (context) => {
  const { settings, subject, signal } = context
  if (settings.kind !== 'embedding') throw new Error(`an embedding benchmark was given settings of ${settings.kind}`)
  if (settings.batchSizes.every((_, position) => context.done.has(position))) return
  const embed = createEmbed(context, settings.textTokens)
  context.report(0, `Loading ${subject.model.name}`)
  const instance = await subject.load(context.options, signal)
  // of this run alone: a server that keeps the beginnings of texts must not know them from the run before
  const run = randomBytes(2).toString('hex')
  context.report(0, 'Warming up')
  const words = await learnWords(embed.embedBatch, settings.textTokens, run)
  const pid = subject.local ? (instance?.pid ?? null) : null
  await measureSizes(context, { ...embed, words, run, pid }, settings, instance?.options ?? context.options)
}
