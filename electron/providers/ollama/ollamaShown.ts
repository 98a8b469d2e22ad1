import { AppError } from '../../lib/appError.ts'
import { eachAtMost } from '../parts/parallel.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { isGuess, type Shown, toShownFacts } from './ollamaModel.ts'
import type { Tag } from './ollamaSchemas.ts'

/** In one look at the list: what is left is asked in the later ones, so that ten thousand models hold up nobody. */
const shownLimits = { atOnce: 4, newInOneLook: 50, beginForMs: 3_000, askMs: 5_000 }
/** One whose weights are gone, or that could not be described, is asked again after so long. */
const doubtMs = 60_000

interface Known {
  readonly shown: Shown
  /** Unix milliseconds */
  readonly until: number
}

/** What only /api/show tells, kept by digest, so that a model that was made anew is asked for again. */
export const createShownCache = (api: OllamaApi, now: () => number) => {
  const byDigest = new Map<string, Known>()

  const knownOf = (tag: Tag): Known | null => {
    const known = tag.digest === null ? undefined : byDigest.get(tag.digest)
    return known !== undefined && known.until > now() ? known : null
  }

  const ask = async (tag: Tag, signal: AbortSignal): Promise<Shown> => {
    let known: Known
    try {
      known = {
        shown: toShownFacts(await api.show(tag.name, signal, shownLimits.askMs)),
        until: Number.POSITIVE_INFINITY,
      }
    } catch (error) {
      known = { shown: doubtOf(error), until: now() + doubtMs }
    }
    if (tag.digest !== null) byDigest.set(tag.digest, known)
    return known.shown
  }

  /** Asks for some of these, the earlier ones first. @returns what is known then; null for the others */
  const lookUp = async (wanted: readonly Tag[], signal: AbortSignal): Promise<(tag: Tag) => Shown> => {
    const answers = new Map<Tag, Shown>()
    const due = wanted
      .filter((tag) => tag.remote_host === null && knownOf(tag) === null && (tag.digest !== null || isGuess(tag)))
      .slice(0, shownLimits.newInOneLook)
    const beginUntil = performance.now() + shownLimits.beginForMs
    await eachAtMost(shownLimits.atOnce, due, async (tag) => {
      if (performance.now() < beginUntil) answers.set(tag, await ask(tag, signal))
    })
    return (tag) => answers.get(tag) ?? knownOf(tag)?.shown ?? null
  }

  return {
    /** Of the whole list: those about which the list is wrong come first. */
    lookUpList: (tags: readonly Tag[], signal: AbortSignal): Promise<(tag: Tag) => Shown> => {
      const digests = new Set(tags.map(({ digest }) => digest))
      for (const digest of byDigest.keys()) if (!digests.has(digest)) byDigest.delete(digest)
      return lookUp(
        tags.toSorted((a, b) => Number(isGuess(b)) - Number(isGuess(a))),
        signal,
      )
    },
    lookUp,
    /** Something was pulled or made: what was missing may be there now. */
    forgetDoubts: (): void => {
      for (const [digest, { until }] of byDigest) if (until !== Number.POSITIVE_INFINITY) byDigest.delete(digest)
    },
  }
}
export type ShownCache = ReturnType<typeof createShownCache>

/** One model that cannot be described must not hide the others; a server that is gone must be seen. */
const doubtOf = (error: unknown): Shown => {
  if (!(error instanceof AppError) || ['CANCELLED', 'PROVIDER_UNREACHABLE'].includes(error.code)) throw error
  return error.code === 'MODEL_NOT_FOUND' ? 'gone' : null
}
