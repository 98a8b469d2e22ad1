import { useCallback, useEffect, useState } from 'react'
import type { History, HistoryRange } from '../../../shared/contract/hardware.ts'
import { client, useConnectionGeneration } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { useInstances, useMirror } from '../../lib/store.ts'
import { livePoint, withLive, withTailOf } from './timeline.ts'

export type Timeline =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'ready'; readonly history: History }

/** A long range need not be drawn anew every second: its points stand for minutes. */
const drawEveryMs = (stepMs: number): number => Math.max(900, stepMs / 12)

/**
 * One device over time: fetched for the range, then grown by the samples that reach the mirror. Fetched again when
 * something was loaded, unloaded or crashed, because its mark is made by main.
 */
export const useTimeline = (device: string, range: HistoryRange) => {
  const [attempt, setAttempt] = useState(0)
  const [timeline, setTimeline] = useState<Timeline>({ state: 'loading' })
  const generation = useConnectionGeneration()
  const lives = useInstances()
    .map(({ id, state }) => `${id} ${state}`)
    .join('\n')

  // biome-ignore lint/correctness/useExhaustiveDependencies: generation, lives and attempt say when to ask again
  useEffect(() => {
    const end = new AbortController()
    client.hardware
      .history({ device, range }, { signal: end.signal })
      .then((history) =>
        setTimeline((before) => ({
          state: 'ready',
          history: withTailOf(history, before.state === 'ready' ? before.history : null),
        })),
      )
      .catch((error: unknown) => {
        if (end.signal.aborted) return
        setTimeline((before) =>
          before.state === 'ready' && before.history.range === range
            ? before
            : { state: 'failed', failure: failureOf(error) },
        )
      })
    return () => end.abort()
  }, [device, range, generation, lives, attempt])

  useEffect(
    () =>
      useMirror.subscribe(({ readings, resources }) => {
        const reading = readings.get(device)?.at(-1)
        if (reading === undefined) return
        const held = resources?.devices.find((each) => each.device === device) ?? null
        setTimeline((before) => {
          if (before.state !== 'ready') return before
          const last = before.history.points.at(-1)
          if (last !== undefined && reading.at - last.at < drawEveryMs(before.history.stepMs)) return before
          return { state: 'ready', history: withLive(before.history, livePoint(reading, held)) }
        })
      }),
    [device],
  )
  const shown: Timeline =
    timeline.state === 'ready' && timeline.history.range !== range ? { state: 'loading' } : timeline
  const again = useCallback(() => {
    setTimeline({ state: 'loading' })
    setAttempt((count) => count + 1)
  }, [])
  return { timeline: shown, again }
}
