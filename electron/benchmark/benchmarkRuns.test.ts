import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import { patience } from '../../test/support/patience.ts'
import { AppError } from '../lib/appError.ts'
import { planRun } from './plan/plan.ts'
import type { RunBenchmark, RunContext } from './runner.ts'
import { factsOf, idOf, result, settings, startService, untilAborted } from './testRuns.ts'

const never = new AbortController().signal

/** Measures each prompt length of the settings that is not done; `before` may hold it up. */
const measuring =
  (before: (position: number, context: RunContext) => Promise<void> = async () => {}): RunBenchmark =>
  async (context) => {
    const { promptTokens } = context.settings.kind === 'engine' ? context.settings : { promptTokens: [] }
    for (const [position] of promptTokens.entries()) {
      if (context.done.has(position)) continue
      await before(position, context)
      context.save(result(position), [{ ms: 10, value: 100 + position }])
    }
  }

const ended = async (service: ReturnType<typeof startService>['service'], id: Parameters<typeof service.get>[0]) => {
  for await (const value of service.watch(id, never)) if (value.benchmark.endedAt !== null) return value
  throw new Error('It ended without its end.')
}

it('is queued, runs and is done, with its results, samples and record', async () => {
  const { service, start, published, releases, marks, jobs } = startService({ runner: measuring() })
  const { benchmark, job, state } = start({ settings: settings([128, 512]), label: ' mine ' })
  expect([state, jobs.list(1)[0]?.state]).toEqual(['queued', 'queued'])
  const { benchmark: run, results } = await ended(service, benchmark)
  expect(run).toMatchObject({ state: 'done', label: 'mine', error: null, job: null, record: { berthVersion: 'test' } })
  expect(run.headline).toMatchObject({ results: 2, promptTokensPerSecond: 101 })
  expect(results.map(({ position }) => position)).toEqual([0, 1])
  expect(await service.samples(benchmark, 1)).toEqual([{ ms: 10, value: 101 }])
  expect([...new Set(published.map((each) => each.state))]).toEqual(['queued', 'running', 'done'])
  expect(releases).toEqual([{ model: 'one/a', quickly: false }])
  expect(marks).toEqual(['one/a'])
  await vi.waitFor(() => expect(jobs.list(1)[0]).toMatchObject({ job, state: 'done', result: '2 measured' }), patience)
})

it('keeps what was measured when it is cancelled, and puts back what was loaded', async () => {
  const { service, start, jobs, releases } = startService({
    runner: measuring((position, context) => (position === 0 ? Promise.resolve() : untilAborted(context))),
  })
  const { benchmark, job } = start({ settings: settings([128, 512]) })
  await vi.waitFor(() => expect(service.get(benchmark).results).toHaveLength(1), patience)
  if (job) expect((await jobs.cancel(job)).state).toBe('cancelled')
  expect(service.get(benchmark)).toMatchObject({ benchmark: { state: 'cancelled', headline: { results: 1 } } })
  expect(releases).toHaveLength(1)
})

it('waits for another on the same device, and is cancelled while it waits', async () => {
  const { service, start, jobs, jobsTold } = startService({ runner: measuring((_, context) => untilAborted(context)) })
  const first = start()
  const second = start({ model: idOf('b') })
  const elsewhere = start({ model: idOf('c', 'two') })
  await vi.waitFor(() => expect(service.get(elsewhere.benchmark).benchmark.state).toBe('running'), patience)
  expect([first, second].map(({ benchmark }) => service.get(benchmark).benchmark.state)).toEqual(['running', 'queued'])
  if (second.job) await jobs.cancel(second.job)
  expect(service.get(second.benchmark).benchmark).toMatchObject({ state: 'cancelled', startedAt: null })
  expect(jobsTold.filter(({ job }) => job === second.job).map(({ state }) => state)).toEqual(['queued', 'cancelled'])
  if (first.job) await jobs.cancel(first.job)
  if (elsewhere.job) await jobs.cancel(elsewhere.job)
})

it('fails with what is wrong, and keeps what it had', async () => {
  const runner = measuring(async (position) => {
    if (position === 1) throw new AppError('ENGINE_CRASHED', 'it ended')
  })
  const { service, start, bugs } = startService({ runner })
  const { benchmark: run, results } = await ended(service, start({ settings: settings([128, 512]) }).benchmark)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'ENGINE_CRASHED', message: 'it ended' } })
  expect(results).toHaveLength(1)
  expect(bugs).toEqual([])
})

it('fails when its provider is removed meanwhile, and asks no more of it', async () => {
  const { service, start, gone, releases } = startService({
    runner: measuring((position, context) => (position === 0 ? Promise.resolve() : untilAborted(context))),
  })
  const { benchmark } = start({ settings: settings([128, 512]) })
  await vi.waitFor(() => expect(service.get(benchmark).results).toHaveLength(1), patience)
  gone.abort()
  const { benchmark: run, results } = await ended(service, benchmark)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'PROVIDER_NOT_FOUND' } })
  expect(run.error?.message).toContain('was removed, switched off or changed while it was measured')
  expect(results).toHaveLength(1)
  expect(releases).toHaveLength(1)
})

it('fails as a bug that is reported when nobody foresaw it', async () => {
  const { service, start, bugs } = startService({ runner: measuring(() => Promise.reject(new TypeError('x is not'))) })
  const { benchmark } = await ended(service, start().benchmark)
  expect(benchmark).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } })
  await vi.waitFor(() => expect(bugs).toHaveLength(1), patience)
})

it('fails when the model is not there in time, and nothing was taken', async () => {
  const { service, start, missing, releases } = startService({ runner: measuring() })
  missing.set(idOf('a'), new AppError('PROVIDER_UNREACHABLE', 'nobody answers'))
  const { benchmark } = await ended(service, start().benchmark)
  expect(benchmark.error).toMatchObject({ code: 'PROVIDER_UNREACHABLE', message: 'nobody answers' })
  expect(releases).toEqual([])
})

it('waits for a model that is busy', async () => {
  const { service, start, missing, jobsTold } = startService({ runner: measuring(), patienceMs: 60_000 })
  missing.set(idOf('a'), new AppError('BUSY', 'one/a is answering.'))
  const { benchmark } = start()
  await vi.waitFor(() => expect(jobsTold.at(-1)?.progress?.text).toBe('Waiting: one/a is answering.'), patience)
  missing.clear()
  expect((await ended(service, benchmark)).benchmark.state).toBe('done')
})

it('stops with the reason when a result cannot be stored', async () => {
  const { service, start, repository } = startService({
    runner: measuring((position, context) => (position === 0 ? Promise.resolve() : untilAborted(context))),
  })
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  vi.spyOn(repository, 'addResult').mockImplementation(() => {
    throw full
  })
  const { benchmark } = await ended(service, start({ settings: settings([128, 512]) }).benchmark)
  expect(benchmark).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } })
})

it('goes on where it stopped when Berth is closed over it, with the time that is left', async () => {
  const first = startService({
    runner: measuring((position, context) => (position < 2 ? Promise.resolve() : untilAborted(context))),
  })
  const { benchmark, job } = first.start({ settings: settings([128, 256, 512]), budgetSeconds: 100 })
  const waiting = first.start({ model: idOf('b') })
  await vi.waitFor(() => expect(first.service.get(benchmark).results).toHaveLength(2), patience)
  await first.close()
  expect(first.releases).toEqual([{ model: 'one/a', quickly: true }])
  expect(first.service.list({}).map(({ state }) => state)).toEqual(['queued', 'running'])

  const seen: { done: BenchmarkResult[]; left: number }[] = []
  const again = startService(
    {
      runner: async (context) => {
        const left = ((context.deadline ?? 0) - performance.now()) / 1000
        seen.push({ done: [...context.done.values()], left })
        await measuring()(context)
      },
    },
    first.db,
  )
  again.service.resume()
  const { benchmark: run, results } = await ended(again.service, benchmark)
  expect(run).toMatchObject({ state: 'done', startedAt: first.service.get(benchmark).benchmark.startedAt })
  expect(results.map(({ position }) => position)).toEqual([0, 1, 2])
  expect((await ended(again.service, waiting.benchmark)).benchmark.state).toBe('done')
  expect(seen[0]?.done).toHaveLength(2)
  expect(seen[0]?.left).toBeLessThan(100)
  expect(again.jobs.list(10).find((each) => each.job === job)?.state).toBe('cancelled')
  again.service.resume()
  expect(again.service.list({}).map(({ state }) => state)).toEqual(['done', 'done'])
})

it('measures anew what Berth was closed over, and does not keep the part of it', async () => {
  const cutShort: RunBenchmark = async ({ signal, save }) => {
    if (!signal.aborted) await once(signal, 'abort')
    save(result(0, { notes: ['It was cancelled: 3 of 8 requests were made.'] }), [])
    throw signal.reason
  }
  const first = startService({ runner: cutShort })
  const { benchmark } = first.start()
  await vi.waitFor(() => expect(first.service.get(benchmark).benchmark.state).toBe('running'), patience)
  await first.close()
  const again = startService({ runner: measuring() }, first.db)
  again.service.resume()
  const { results } = await ended(again.service, benchmark)
  expect(results.map(({ position, notes }) => [position, notes])).toEqual([[0, []]])
})

/** A run that somebody agreed to spend 2 US dollars on. */
const startPaid = ({ runs }: ReturnType<typeof startService>) => {
  const request = { model: idOf('a'), settings: settings(), acceptedUsd: 2 }
  return runs.start(request, { ...planRun(request, factsOf()), needsConsent: true })
}
/** What it has when it goes on. */
const leftAfter = async (first: ReturnType<typeof startService>, id: Parameters<typeof first.service.get>[0]) => {
  const left: (number | undefined)[] = []
  const again = startService({ runner: async ({ purse }) => void left.push(purse.rest()?.leftUsd) }, first.db)
  again.service.resume()
  await ended(again.service, id)
  return left
}
const told = (costUsd: number | null) => ({ promptTokens: 1, completionTokens: 0, costUsd })

it('has what is left of its money when it goes on', async () => {
  const spent = Promise.withResolvers<void>()
  const first = startService({
    runner: async (context) => {
      const { purse } = context
      for (const answer of [told(0.25), told(0.5), null]) {
        purse.begin()
        purse.end(answer)
      }
      spent.resolve()
      await untilAborted(context)
    },
  })
  const { benchmark } = startPaid(first)
  await spent.promise
  await first.close()
  expect(await leftAfter(first, benchmark)).toEqual([1.25])
})

it('counts an answer that told no cost as the dearest, also when it goes on', async () => {
  const spent = Promise.withResolvers<void>()
  const first = startService({
    runner: async (context) => {
      for (const costUsd of [0.25, 0.5, null]) {
        context.purse.begin()
        context.purse.end(told(costUsd))
      }
      spent.resolve()
      await untilAborted(context)
    },
  })
  const { benchmark } = startPaid(first)
  await spent.promise
  await first.close()
  expect(await leftAfter(first, benchmark)).toEqual([0.75])
})

it('has no more than what is left for certain after a process that was killed in the middle of a load', async () => {
  const spent = Promise.withResolvers<void>()
  const first = startService({
    runner: async (context) => {
      context.purse.begin()
      context.purse.end(told(0.125))
      context.purse.begin(4) // and nobody knows what of them was asked for
      spent.resolve()
      await untilAborted(context)
    },
  })
  const { benchmark } = startPaid(first)
  await spent.promise
  const [left] = await leftAfter(first, benchmark) // nothing of the first was ended
  expect(left).toBeLessThanOrEqual(2 - 5 * 0.125)
  expect(left).toBeGreaterThan(0)
})

it('goes on after a process that was killed, too', async () => {
  const first = startService({ runner: measuring((_, context) => untilAborted(context)) })
  const { benchmark } = first.start()
  await vi.waitFor(() => expect(first.service.get(benchmark).benchmark.state).toBe('running'), patience)
  const again = startService({ runner: measuring() }, first.db) // nothing of the first was ended
  again.service.resume()
  expect((await ended(again.service, benchmark)).benchmark.state).toBe('done')
  expect(again.jobs.list(10).map(({ state }) => state)).toEqual(['done', 'failed'])
})

it('that a person cancelled stays cancelled when Berth closes over its end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { service, start, jobs, close } = startService({
    runner: async ({ signal }) => {
      await once(signal, 'abort')
      await promise
      throw signal.reason
    },
  })
  const { benchmark, job } = start()
  await vi.waitFor(() => expect(service.get(benchmark).benchmark.state).toBe('running'), patience)
  if (job) void jobs.cancel(job)
  const closing = close()
  resolve()
  await closing
  expect(service.get(benchmark).benchmark.state).toBe('cancelled')
})

it('is not begun any more when Berth closes', async () => {
  const { start, close, service } = startService({ runner: measuring() })
  await close()
  expect(() => start()).toThrow('closing')
  expect(service.list({})).toEqual([])
})

it('says each disturbance once, and the client’s own error', async () => {
  const runner: RunBenchmark = async ({ disturbed, setClientError }) => {
    for (const text of ['hot', 'hot', 'hotter']) disturbed({ kind: 'heat', text })
    setClientError({ p50: 0.1, p99: 0.5, streams: 4 })
  }
  const look = async () => [{ kind: 'load' as const, text: 'others work' }]
  const end = async () => [{ kind: 'heat' as const, text: 'hot' }]
  const { service, start } = startService({ runner, disturbances: { look, begin: async () => ({ end }) } })
  const { benchmark } = await ended(service, start().benchmark)
  expect(benchmark.disturbances.map(({ text }) => text)).toEqual(['others work', 'hot', 'hotter'])
  expect(benchmark.record?.clientErrorMs).toEqual({ p50: 0.1, p99: 0.5, streams: 4 })
})

it('records what it computed with: of a sweep, what used the GPU', async () => {
  const loading =
    (...gpuLayers: number[]): RunBenchmark =>
    async ({ subject, signal }) => {
      for (const layers of gpuLayers) await subject.load({ gpuLayers: layers }, signal)
    }
  const backendOf = async (runner: RunBenchmark) => {
    const { service, start } = startService({ runner })
    return (await ended(service, start().benchmark)).benchmark.record?.backend
  }
  expect(await backendOf(loading())).toBeNull()
  expect(await backendOf(loading(0))).toBe('CPU')
  expect(await backendOf(loading(0, 99))).toBe('CUDA')
  expect(await backendOf(loading(99, 0))).toBe('CUDA')
})

it('tells the speed of its first generation with nothing before it, and what it used', async () => {
  const runner: RunBenchmark = async ({ save, used }) => {
    save(result(0, { test: { type: 'generation', generatedTokens: 64, depth: 4096 } }), [])
    save(result(1, { test: { type: 'generation', generatedTokens: 64, depth: 0 } }), [])
    used({ promptTokens: 5, completionTokens: 2, costUsd: null })
  }
  const { service, start, speeds, used } = startService({ runner })
  await ended(service, start().benchmark)
  expect(speeds).toEqual([['one/a', 101]])
  expect(used).toEqual([['one', { promptTokens: 5, completionTokens: 2, costUsd: null }]])
})

it('is watched until its end by those who stay, and by nobody afterwards', async () => {
  const { service, start } = startService({ runner: measuring((_, context) => untilAborted(context)) })
  const { benchmark } = start()
  const leaving = new AbortController()
  const watched = service.watch(benchmark, leaving.signal)
  await watched.next()
  const waiting = watched.next()
  leaving.abort()
  for (let value = await waiting; !value.done; value = await watched.next());
  expect(service.watchers()).toBe(0)
  const unread = service.watch(benchmark, never)
  await unread.return()
  expect(service.watchers()).toBe(0)
  expect(() => service.watch(idOf('nobody') as never, never)).toThrow(
    expect.objectContaining({ code: 'BENCHMARK_NOT_FOUND' }),
  )
})

it('is removed when it has ended, with all of those asked for or none', async () => {
  const { service, start, jobs, removed } = startService({
    runner: measuring((_, context) => (context.subject.key === 'one/b' ? untilAborted(context) : Promise.resolve())),
  })
  const { benchmark } = await ended(service, start().benchmark)
  const running = start({ model: idOf('b') })
  expect(() => service.remove([benchmark.benchmark, running.benchmark])).toThrow(
    expect.objectContaining({ code: 'BUSY' }),
  )
  expect(service.list({})).toHaveLength(2)
  expect(service.remove([benchmark.benchmark])).toEqual([benchmark.benchmark])
  expect(removed).toEqual([benchmark.benchmark])
  expect(() => service.get(benchmark.benchmark)).toThrow(expect.objectContaining({ code: 'BENCHMARK_NOT_FOUND' }))
  if (running.job) await jobs.cancel(running.job)
})
