import { AppError } from '../../lib/appError.ts'
import { createFileHasher, type FileHasher, type FileHasherDeps } from './fileHasher.ts'
import type { HashedFile } from './hashFile.ts'
import type { HashControl, Pace } from './pacer.ts'

export interface HasherPoolDeps extends FileHasherDeps {
  readonly cores: number
}

interface PoolRequest {
  readonly asked: 'asked' | 'background'
  readonly signal: AbortSignal
  readonly report: (doneBytes: number) => void
}

const mostAsked = 2

/**
 * At most two hash at the same time. A background file that is under way stays where it is while what was asked for
 * passes it: its worker waits beside the two, paused and with its two buffers.
 */
export const createHasherPool = ({ cores, ...deps }: HasherPoolDeps) => {
  const free: FileHasher[] = []
  const working = new Map<FileHasher, PoolRequest['asked']>()
  /** for one of the two places */
  const waiting = new Set<() => void>()
  let expected = 0
  let backgroundPace: Pace = 'full'
  let isClosed = false

  const askedNow = (): number => [...working.values()].filter((asked) => asked === 'asked').length

  const controlOf = (asked: PoolRequest['asked']): HashControl => {
    const pace = asked === 'asked' ? 'full' : backgroundPace
    const hashing = askedNow() + (backgroundPace === 'paused' ? 0 : working.size - askedNow())
    return { pace, readAhead: cores >= 2 * Math.max(1, hashing) }
  }
  const tellAll = (): void => {
    for (const [hasher, asked] of working) hasher.control(controlOf(asked))
  }

  const callNext = (): void => {
    const [next] = waiting
    if (!next) return
    waiting.delete(next)
    next()
  }

  const turn = async (signal: AbortSignal): Promise<void> => {
    while (askedNow() >= mostAsked) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      waiting.delete(resolve)
      if (!signal.aborted) continue
      callNext() // it may have been called for a place that it no longer wants
      throw new AppError('CANCELLED')
    }
  }

  return {
    /** jobs that a person asked for and that have not ended */
    get askedFor(): number {
      return expected
    },

    /** From now on, until what it returns is called, somebody waits. */
    expectAsked(): () => void {
      expected += 1
      return () => {
        expected -= 1
      }
    },

    setBackgroundPace(pace: Pace): void {
      if (pace === backgroundPace) return
      backgroundPace = pace
      tellAll()
    },

    /** @throws AppError as `FileHasher.hash` */
    async hash(path: string, { asked, signal, report }: PoolRequest): Promise<HashedFile> {
      if (asked === 'asked') await turn(signal)
      if (isClosed) throw new AppError('CANCELLED')
      const hasher = free.pop() ?? createFileHasher(deps)
      working.set(hasher, asked)
      tellAll()
      try {
        return await hasher.hash(path, { control: controlOf(asked), signal, report })
      } finally {
        working.delete(hasher)
        free.push(hasher)
        callNext()
        tellAll()
      }
    },

    close(): void {
      isClosed = true
      for (const hasher of [...free, ...working.keys()]) hasher.close()
    },
  }
}
