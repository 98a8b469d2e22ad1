import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { formatMeasured, formatMs } from '../../../lib/benchmarkFigures.ts'
import { formatMemory } from '../../../lib/format.ts'

export interface HeadlineFigure {
  readonly name: string
  readonly text: string
  readonly tip: string
}

/** The figures of a run that one looks for first; what was not measured is left out. */
export const headlineOf = ({ headline }: Pick<Benchmark, 'headline'>): readonly HeadlineFigure[] => {
  const { promptTokensPerSecond, tokensPerSecond, ttftMs, throughput, textsPerSecond, peakBytes } = headline
  const figures: (HeadlineFigure & { readonly value: number | null })[] = [
    {
      name: 'Prompt',
      value: promptTokensPerSecond,
      text: formatMeasured(promptTokensPerSecond, 'tokens/s'),
      tip: 'Tokens of a prompt that are read per second, at the first length.',
    },
    {
      name: 'Generation',
      value: tokensPerSecond,
      text: formatMeasured(tokensPerSecond, 'tokens/s'),
      tip: 'Tokens that are generated per second, for the first length.',
    },
    { name: 'TTFT', value: ttftMs, text: formatMs(ttftMs), tip: 'Time to the first token, median at the lowest load.' },
    {
      name: 'Throughput',
      value: throughput,
      text: formatMeasured(throughput, 'tokens/s'),
      tip: 'The most that all requests together were given, over all loads.',
    },
    {
      name: 'Texts',
      value: textsPerSecond,
      text: formatMeasured(textsPerSecond, 'texts/s'),
      tip: 'Texts that become vectors per second, at the first batch size.',
    },
    {
      name: 'Peak memory',
      value: peakBytes,
      text: formatMemory(peakBytes),
      tip: 'The most that the model itself took, all devices together.',
    },
  ]
  return figures.filter(({ value }) => value !== null).map(({ name, text, tip }) => ({ name, text, tip }))
}
