import type { KvCacheType, LoadOptions } from '../../../shared/contract/models.ts'
import { formatTokens } from '../../lib/format.ts'
import type { IgnoredOptions } from '../../lib/ignoredOptions.ts'

/** null: the provider's default, which is not sent. */
export interface LoadForm {
  readonly contextLength: number | null
  readonly gpuLayers: number | 'auto' | null
  readonly threads: number | null
  readonly batchSize: number | null
  readonly flashAttention: boolean | null
  readonly kvCacheType: KvCacheType | null
  readonly mmap: boolean | null
  readonly keepAlive: number | 'forever' | null
}
export const defaultForm: LoadForm = {
  contextLength: null,
  gpuLayers: null,
  threads: null,
  batchSize: null,
  flashAttention: null,
  kvCacheType: null,
  mmap: null,
  keepAlive: null,
}

/** What was loaded with before; what is not named is the provider's default. */
export const formOf = (options: LoadOptions): LoadForm => ({
  contextLength: options.contextLength ?? null,
  gpuLayers: options.gpuLayers ?? null,
  threads: options.threads ?? null,
  batchSize: options.batchSize ?? null,
  flashAttention: options.flashAttention ?? null,
  kvCacheType: options.kvCacheType ?? null,
  mmap: options.mmap ?? null,
  keepAlive: options.keepAlive ?? null,
})

type Option = keyof LoadForm

export const takesOption = (ignored: IgnoredOptions, option: Option): boolean => !Object.hasOwn(ignored, option)

export const optionsOf = (form: LoadForm, ignored: IgnoredOptions): LoadOptions => {
  const given = Object.entries(form).filter(
    ([option, value]) => value !== null && takesOption(ignored, option as Option), // the fields of LoadForm
  )
  return Object.fromEntries(given) as LoadOptions // the fields of LoadForm are those of LoadOptions
}

const quantisedCaches: readonly KvCacheType[] = ['q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl']

export interface Remark {
  readonly level: 'error' | 'warning'
  readonly text: string
}

/** What is wrong or doubtful about the form. An error keeps the load from being sent. */
export const remarksOn = (
  form: LoadForm,
  facts: { readonly trainedContext: number | null; readonly logicalCores: number | null },
): Remark[] => {
  const remarks: Remark[] = []
  if (form.kvCacheType !== null && quantisedCaches.includes(form.kvCacheType) && form.flashAttention === false)
    remarks.push({ level: 'error', text: `A ${form.kvCacheType} KV cache needs flash attention. Turn it on.` })
  if (form.contextLength !== null && form.contextLength < 8)
    remarks.push({ level: 'error', text: 'The context needs at least 8 tokens.' })
  if (form.contextLength !== null && facts.trainedContext !== null && form.contextLength > facts.trainedContext)
    remarks.push({
      level: 'warning',
      text: `The model was trained for ${formatTokens(facts.trainedContext)}; beyond that its answers get worse.`,
    })
  if (form.threads !== null && facts.logicalCores !== null && form.threads > facts.logicalCores)
    remarks.push({
      level: 'warning',
      text: `This machine has ${facts.logicalCores} logical cores; more threads than that are slower, not faster.`,
    })
  return remarks
}

/** Stops of the context slider: doubling from 512, ending at what the model was trained for. */
export const contextStops = (trainedContext: number | null): number[] => {
  const most = trainedContext ?? 131_072
  const stops: number[] = []
  for (let tokens = 512; tokens < most; tokens *= 2) stops.push(tokens)
  return [...stops, most]
}

export const nearestStop = (stops: readonly number[], tokens: number): number => {
  let best = 0
  for (const [index, stop] of stops.entries())
    if (Math.abs(Math.log(stop / tokens)) < Math.abs(Math.log((stops[best] ?? stop) / tokens))) best = index
  return best
}

/** For the marks of the slider, where `40,960 tokens` does not fit: `512`, `4k`, `40k`. */
export const shortTokens = (tokens: number): string =>
  tokens < 1024 ? String(tokens) : `${Math.round(tokens / 1024)}k`
