/** Why a provider does not take some options, by their names: its own `ignoredOptions`. */
export type IgnoredOptions = Readonly<Record<string, string>>

const labels: Readonly<Record<string, string>> = {
  contextLength: 'Context length',
  gpuLayers: 'GPU layers',
  threads: 'Threads',
  batchSize: 'Batch size',
  flashAttention: 'Flash attention',
  kvCacheType: 'KV cache type',
  mmap: 'Memory map',
  keepAlive: 'Keep loaded',
}

/** Names that share one sentence stand before it together. */
export const bySentence = (
  entries: readonly (readonly [string, string])[],
): readonly (readonly [names: string, sentence: string])[] => {
  const names = new Map<string, string[]>()
  for (const [name, sentence] of entries) names.set(sentence, [...(names.get(sentence) ?? []), name])
  return [...names].map(([sentence, of]) => [of.join(', '), sentence])
}

/** Each sentence once, behind the options that it is about. */
export const ignoredLines = (ignored: IgnoredOptions) =>
  bySentence(Object.entries(ignored).map(([option, why]) => [labels[option] ?? option, why]))
