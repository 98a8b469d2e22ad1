import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { NewResult } from '../runner.ts'
import { percentilesOf, statisticsOf } from '../statistics.ts'
import type { MeasuredBatch } from './repeatBatch.ts'

/** A text that differs more than this from what was asked for is told. */
const usualDifference = 0.1

interface Measured {
  readonly measured: MeasuredBatch
  readonly position: number
  readonly batchSize: number
  readonly textTokens: number
  readonly options: LoadOptions
}

function notesOf({ measured, batchSize, textTokens }: Measured): string[] {
  const { samples, promptTokens, cutShort } = measured
  const notes: string[] = []
  if (promptTokens === null) notes.push('The provider does not count tokens: the length of the texts is approximate.')
  else {
    const each = promptTokens / (samples.length * batchSize)
    if (Math.abs(each - textTokens) > usualDifference * textTokens + 1)
      notes.push(`The texts had ${Math.round(each)} tokens on average; ${textTokens} were asked for.`)
  }
  if (cutShort !== null)
    notes.push(`Repeated ${samples.length === 1 ? 'once' : `${samples.length} times`}: ${cutShort}.`)
  return notes
}

/** Throughput by the batch; latency is a batch's, however many texts it has. */
export function embeddingResult(of: Measured): NewResult {
  const { samples, promptTokens, memory, joules } = of.measured
  const seconds = samples.reduce((sum, { ms }) => sum + ms, 0) / 1000
  return {
    position: of.position,
    test: { type: 'embedding', batchSize: of.batchSize, textTokens: of.textTokens },
    unit: 'texts/s',
    options: of.options,
    statistics: statisticsOf(samples.map(({ value }) => value)),
    serving: null,
    embedding: {
      latencyMs: percentilesOf(samples.map(({ ms }) => ms)),
      inputTokensPerSecond: promptTokens === null ? null : promptTokens / seconds,
    },
    tokensPerJoule: promptTokens === null || joules === null || joules <= 0 ? null : promptTokens / joules,
    memory,
    notes: notesOf(of),
  }
}
