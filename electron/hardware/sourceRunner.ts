import type { Device, DeviceReading, ProbeSource } from '../../shared/contract/hardware.ts'
import { messageOf } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import { type Source, SourceError } from './source.ts'

const firstPauseMs = 2_000
const longestPauseMs = 60_000
/** a source that worked this long starts again with the shortest pause */
const healthyMs = 60_000
const detectLimitMs = 30_000
const sampleLimitMs = 10_000

function limited<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new SourceError('failing', `No answer within ${limitMs / 1000} s.`)), limitMs)
  timer.unref()
  work.then(resolve, reject)
  return promise.finally(() => clearTimeout(timer))
}

/** Runs one source: one call at a time, each with a time limit, and after a failure a pause of 2, 4 … 60 s. */
export function createSourceRunner(source: Source, { now, log }: { now: () => number; log: Log }) {
  let status: ProbeSource = { name: source.name, state: 'ok', reason: null, nextAttemptAt: null }
  let isDetected = false
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

  async function attempt<T>(work: () => Promise<T>, limitMs: number): Promise<T | null> {
    if (running !== null) return null
    const call = work()
    const done = call.then(
      () => {},
      () => {},
    )
    running = done
    void done.finally(() => {
      if (running === done) running = null
    })
    try {
      const value = await limited(call, limitMs)
      if (status.state !== 'ok') {
        log.info({ source: source.name }, 'hardware source works')
        status = { ...status, state: 'ok', reason: null, nextAttemptAt: null }
      }
      return value
    } catch (error) {
      fail(error)
      return null
    }
  }

  async function detect(): Promise<void> {
    isDetected = false
    await attempt(async () => {
      await source.detect()
      isDetected = true
    }, detectLimitMs)
  }

  return {
    detect,
    status: () => status,
    devices: (): readonly Device[] => source.devices(),
    stop: () => source.stop(),

    /** Nothing while it is absent, pauses after a failure, or is still at the call before. */
    async sample(): Promise<readonly DeviceReading[]> {
      if (status.state === 'absent' || now() < (status.nextAttemptAt ?? 0)) return []
      if (!isDetected) await detect()
      if (!isDetected) return []
      return (await attempt(() => source.sample(), sampleLimitMs)) ?? []
    },
  }
}
export type SourceRunner = ReturnType<typeof createSourceRunner>
