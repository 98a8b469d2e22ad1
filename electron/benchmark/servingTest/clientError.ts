import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import { ascending, quantile } from '../statistics.ts'
import { type LoadClient, workerModule } from './loadClient.ts'
import type { LoopbackPlan } from './loopbackWorker.ts'

/** Above this at p99 the client, or the machine under it, is part of what a run measures. Milliseconds. */
export const acceptableDelayMs = 1
/** More streams tell nothing more of a client that has one thread. */
const maxStreams = 64
/** While connections are opened and code is compiled, as the warm-up of a run is not measured either. */
const warmUpPart = 0.2
/** 50 pieces a second of each stream, for a second; few streams faster, so that there are enough to tell p99. */
const planFor = (streams: number): LoopbackPlan =>
  streams < 8 ? { pieces: 200, everyMs: 5 } : { pieces: 50, everyMs: 20 }

/**
 * The load client's own error: how long after it was sent a piece is seen at the socket, against a server in another thread of this
 * machine, at as many streams as the run will have.
 */
export const measureClientError = async (
  client: LoadClient,
  streams: number,
  signal: AbortSignal,
): Promise<NonNullable<BenchmarkRecord['clientErrorMs']>> => {
  const level = Math.max(1, Math.min(streams, maxStreams))
  const plan = planFor(level)
  const server = new Worker(workerModule('loopbackWorker'), { workerData: plan, env: {}, stdin: false })
  try {
    const [port] = await once(server, 'message')
    const order = {
      wire: { url: `http://127.0.0.1:${port}/`, headers: {}, body: '', format: 'openai' as const },
      arrivals: { loop: 'closed' as const, level, count: level },
      prompts: { seed: 0, words: 1, tag: '' },
      firstPrompt: 0,
      limits: { requestMs: 10_000, maxStreamBytes: 2 ** 20, maxLineLength: 1000, maxPieces: plan.pieces },
      remainingMs: null,
      spending: null,
      ownDelay: true as const,
    }
    const { delaysMs } = await client.run(order, () => {}, signal)
    const sorted = ascending(delaysMs.slice(Math.floor(delaysMs.length * warmUpPart)))
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), streams: level }
  } finally {
    const ended = once(server, 'exit')
    server.postMessage('close')
    await ended
  }
}
