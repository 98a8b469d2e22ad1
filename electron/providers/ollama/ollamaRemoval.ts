import { AppError } from '../../lib/appError.ts'
import type { ProviderRemoval } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import type { Shown, ShownFacts } from './ollamaModel.ts'
import { comparable } from './ollamaNames.ts'
import type { Tag } from './ollamaSchemas.ts'
import type { ShownCache } from './ollamaShown.ts'

/** What removing a model would free: files that other models use too stay. */
export const ollamaRemoval = async (
  api: OllamaApi,
  shown: ShownCache,
  key: string,
  signal: AbortSignal,
): Promise<ProviderRemoval> => {
  const [tags, running] = await Promise.all([api.tags(signal), api.running(signal)])
  const tag = tags.find(({ name }) => comparable(name) === comparable(key))
  if (tag === undefined) throw new AppError('MODEL_NOT_FOUND', `Ollama has no model ${key}.`)
  // Models with the same weights are about as large: those are asked about first.
  const nearest = tags.toSorted((a, b) => distance(a, tag) - distance(b, tag))
  const factsOf = await shown.lookUp([tag, ...nearest.filter((other) => other !== tag)], signal)
  const own = known(factsOf(tag))
  const others = tags.filter((other) => other !== tag && other.remote_host === null)
  const sharing = others.filter((other) => sharesWeights(own, known(factsOf(other))))
  const isRunning = (name: string) => running.some((entry) => comparable(entry.name) === comparable(name))
  const runningToo = sharing.filter(({ name }) => isRunning(name)).map(({ name }) => name)
  const compared = tag.remote_host !== null || (own !== null && others.every((other) => factsOf(other) !== null))
  return {
    freedBytes: sharing.length > 0 ? freedBesides(own, sharing.map(factsOf).map(known)) : compared ? tag.size : null,
    sharedWith: sharing.map(({ name }) => name),
    alsoRemoved: [],
    notes: [
      ...(sharing.length > 0 || compared
        ? []
        : ['Not all models could be compared: some may use the same weights, and these would stay.']),
      ...(isRunning(tag.name) ? ['It is loaded now and will be unloaded first.'] : []),
      ...(runningToo.length === 0 ? [] : [`Unloading it unloads ${runningToo.join(', ')} too: they run as one.`]),
    ],
  }
}

const distance = (a: Tag, b: Tag): number => Math.abs((a.size ?? 0) - (b.size ?? 0))
const known = (shown: Shown): ShownFacts | null => (shown === 'gone' ? null : shown)

/** By the names of the files, which are their SHA-256. */
const hashes = (facts: ShownFacts | null): string[] => facts?.weights.map((path) => path.slice(-64)) ?? []
const sharesWeights = (own: ShownFacts | null, other: ShownFacts | null): boolean =>
  hashes(own).some((hash) => hashes(other).includes(hash))

/** Its template and settings are a few kilobytes. Of a file that nobody else uses the size is not told. */
const freedBesides = (own: ShownFacts | null, others: readonly (ShownFacts | null)[]): number | null => {
  const kept = new Set(others.flatMap(hashes))
  return hashes(own).every((hash) => kept.has(hash)) ? 0 : null
}
