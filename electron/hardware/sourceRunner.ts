import type { Device, DeviceReading, ProbeSource } from '../../shared/contract/hardware.ts'
import { messageOf } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import { type Source, SourceError } from './source.ts'

const firstPauseMs = 2_000
const longestPauseMs = 60_000
/** a source that worked this long starts again with the shortest pause */
const healthyMs = 60_000
const limitMs = { detect: 30_000, sample: 10_000, stop: 2_000 }

function limited<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new SourceError('failing', `No answer within ${ms / 1000} s.`)), ms)
  timer.unref()
  work.then(resolve, reject)
  return promise.finally(() => clearTimeout(timer))
}

/** Runs one source: one call at a time, each with a time limit, and after a failure a pause of 2, 4 … 60 s. */
export function createSourceRunner(source: Source, { now, log }: { now: () => number; log: Log }) {
  let status: ProbeSource = { name: source.name, state: 'ok', reason: null, nextAttemptAt: null }
  let isDetected = false
  let failedStep: 'detect' | 'sample' = 'detect'
  let failures = 0
  let failedAt = Number.NEGATIVE_INFINITY
  /** a call that ran out of time may still be running, and then no other one is begun */
  let running: Promise<unknown> | null = null

  function fail(error: unknown): void {
    const reason = messageOf(error)
    const kind = error instanceof SourceError ? error.kind : 'failing'
    if (kind === 'absent') {
      status = { ...status, state: 'absent', reason, nextAttemptAt: null }
      return
    }
    if (kind === 'changed') isDetected = false
    failures = now() - failedAt > healthyMs + pause() ? 1 : failures + 1
    failedAt = now()
    if (status.state !== 'failing' || status.reason !== reason)
      log.warn({ source: source.name, reason }, 'hardware source fails')
    status = { ...status, state: 'failing', reason, nextAttemptAt: now() + pause() }
  }
  const pause = () => Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1))

  /** After a failed reading only a reading shows that it works again. */
  function succeed(step: 'detect' | 'sample'): void {
    if (status.state === 'ok' || (status.state === 'failing' && step === 'detect' && failedStep === 'sample')) return
    log.info({ source: source.name }, 'hardware source works')
    status = { ...status, state: 'ok', reason: null, nextAttemptAt: null }
  }

  async function attempt<T>(step: 'detect' | 'sample', work: () => Promise<T>): Promise<T | null> {
    if (running !== null) return null
    const call = work()
    const done = call.then(
      () => {},
      () => {},
    )
    running = done
    void done.finally(() => {
      running = null
    })
    try {
      const value = await limited(call, limitMs[step])
      if (value !== null) succeed(step)
      return value
    } catch (error) {
      failedStep = step
      fail(error)
      return null
    }
  }

  async function detect(): Promise<void> {
    isDetected = false
    await attempt('detect', async () => {
      await source.detect()
      isDetected = true
    })
  }

  return {
    detect,
    status: () => status,
    devices: (): readonly Device[] => source.devices(),

    async stop(): Promise<void> {
      // a call that still runs could start a child again behind our back
      if (running !== null) await limited(running, limitMs.stop).catch(() => {})
      await source.stop()
    },

    /** Nothing while it is absent, pauses after a failure, or is still at the call before. */
    async sample(): Promise<readonly DeviceReading[]> {
      if (status.state === 'absent' || now() < (status.nextAttemptAt ?? 0)) return []
      if (!isDetected) await detect()
      if (!isDetected) return []
      return (await attempt('sample', () => source.sample())) ?? []
    },
  }
}
export type SourceRunner = ReturnType<typeof createSourceRunner>
