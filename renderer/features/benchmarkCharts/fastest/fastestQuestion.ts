import type { FastestModel } from '../../../../shared/contract/benchmarkAnswers.ts'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { estimated, formatCount, formatMemory, formatTokens } from '../../../lib/format.ts'
import type { MachineMemory } from '../../../lib/machineMemory.ts'

const gibibyte = 1024 ** 3
const mostGib = 900_000
const mostTokens = 16_777_216

/** What stands in the two fields; empty: it does not matter. */
export type Question = { readonly gib: number | ''; readonly contextTokens: number | '' }

/** What fits now, in steps of half a GiB so that the field stays readable; all of it where what is free is not known. */
export const firstQuestion = (memory: MachineMemory | null): Question => ({
  gib: gibOf(memory?.freeBytes ?? memory?.totalBytes ?? null),
  contextTokens: 8192,
})

/** Rounded down: what is offered must fit. */
export const gibOf = (bytes: number | null): number | '' => {
  if (bytes === null || bytes <= 0) return ''
  const gib = bytes / gibibyte
  return gib >= 1 ? Math.floor(gib * 2) / 2 : Math.max(0.1, Math.floor(gib * 10) / 10)
}

/** What is wrong about a field; null: nothing. */
export const gibFault = ({ gib }: Pick<Question, 'gib'>): string | null =>
  gib === '' || (gib > 0 && gib <= mostGib) ? null : `More than 0, at most ${formatCount(mostGib)}.`
export const contextFault = ({ contextTokens }: Pick<Question, 'contextTokens'>): string | null =>
  contextTokens === '' || (Number.isInteger(contextTokens) && contextTokens >= 1 && contextTokens <= mostTokens)
    ? null
    : `A whole number from 1 to ${formatCount(mostTokens)}.`

type Asked = { readonly memoryBytes?: number; readonly contextLength?: number }

/** What main is asked; null while a field holds what cannot be asked. */
export const askedOf = (question: Question): Asked | null => {
  const { gib, contextTokens } = question
  if (gibFault(question) !== null || contextFault(question) !== null) return null
  return {
    ...(gib === '' ? {} : { memoryBytes: Math.round(gib * gibibyte) }),
    ...(contextTokens === '' ? {} : { contextLength: contextTokens }),
  }
}

const words = ({ gib, contextTokens }: Question): string =>
  [
    gib === '' ? '' : ` within ${gib} GiB`,
    contextTokens === '' ? '' : ` at ${formatTokens(contextTokens)} of context`,
  ].join('')

export const memoryText = ({
  memoryBytes,
  memorySource,
}: Pick<FastestModel, 'memoryBytes' | 'memorySource'>): string =>
  memorySource === 'measured' ? formatMemory(memoryBytes) : estimated(formatMemory(memoryBytes))

/** One sentence for the first of the list; only what can be asked now is recommended. */
export const recommendation = (
  models: readonly FastestModel[],
  question: Question,
  nameOf: (model: string) => string,
): string => {
  const first = models.find(({ available }) => available)
  if (first === undefined) return `What was measured${words(question)} is no longer here.`
  const next = models.find(({ available, model }) => available && model !== first.model)
  const quantised = first.quantization === null ? '' : ` in ${first.quantization}`
  const lead =
    next === undefined || next.tokensPerSecond <= 0
      ? ''
      : `, ${Math.round((first.tokensPerSecond / next.tokensPerSecond - 1) * 100)} % faster than ${nameOf(next.model)}`
  return `${nameOf(first.model)}${quantised} is the fastest${words(question)}: ${formatMeasured(first.tokensPerSecond, 'tokens/s')} with ${memoryText(first)}${lead}.`
}

/** A speed that was measured with less in the context than is asked for will be lower there. */
export const depthRemark = (
  { measuredDepth }: Pick<FastestModel, 'measuredDepth'>,
  { contextTokens }: Question,
): string | null =>
  contextTokens !== '' && measuredDepth < contextTokens / 2
    ? `measured with ${measuredDepth === 0 ? 'an empty context' : `${formatTokens(measuredDepth)} in it`}; slower when it is full`
    : null
