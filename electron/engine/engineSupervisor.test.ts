import { statSync } from 'node:fs'
import { copyFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import { tempDir } from '../../test/support/tempDir.ts'
import { collect, createTestSupervisor, hello, isAlive, never, pidOf, provideSampleModel } from './testSupervisor.ts'

vi.setConfig({ testTimeout: 180_000 })

const sample = provideSampleModel()

test('a model is loaded, answers with its own template, and is unloaded with its process', async () => {
  const supervisor = createTestSupervisor()
  const progress: (number | null)[] = []
  const options = { gpuLayers: 0, contextLength: 512, kvCacheType: 'q8_0', mmap: false, threads: 2 } as const
  const instance = await supervisor.load('a', { path: sample(), options }, (fraction) => progress.push(fraction), never)

  expect(instance).toMatchObject({
    state: 'loaded',
    options,
    contextLength: 512,
    gpuLayers: { offloaded: 0, total: 5 },
    backend: 'CPU',
    expiresAt: 'never',
    effective: { threads: 2, gpu: null, kvCacheType: 'q8_0', mmap: false },
  })
  expect(instance.memory).toEqual([{ device: 'cpu', bytes: expect.any(Number), source: 'reported' }])
  expect(instance.memory[0]?.bytes).toBeGreaterThan(statSync(sample()).size)
  expect(progress).toEqual(progress.toSorted())
  expect(progress.length).toBeGreaterThan(0)

  const { text, done } = await collect(supervisor.chat('a', hello, never))
  expect(text.length).toBeGreaterThan(0)
  expect(done).toMatchObject({ usage: { completionTokens: expect.any(Number) } })
  // ChatML around the question: some tokens more than the question itself.
  expect(done?.usage.promptTokens).toBeGreaterThan(5)
  expect(done?.timings.ttftMs).toBeGreaterThan(0)
  expect(done?.timings.tokensPerSecond).toBeGreaterThan(0)

  const pid = pidOf(supervisor)
  await supervisor.unload('a')
  expect(isAlive(pid)).toBe(false)
  expect(supervisor.instances()).toEqual([])
})

test('two who load the same model at once get the same process', async () => {
  const supervisor = createTestSupervisor()
  const [first, second] = await Promise.all([supervisor.loadSmall('a', sample()), supervisor.loadSmall('a', sample())])
  expect(second.pid).toBe(first.pid)
  expect((await supervisor.loadSmall('a', sample(), { contextLength: 512 })).pid).toBe(first.pid)
})

test('a load with other options is refused while the model is loading or loaded', async () => {
  const supervisor = createTestSupervisor()
  const loading = supervisor.loadSmall('a', sample())
  await expect(supervisor.loadSmall('a', sample(), { contextLength: 1024 })).rejects.toMatchObject({ code: 'BUSY' })
  await loading
  await expect(supervisor.loadSmall('a', sample(), { contextLength: 1024 })).rejects.toMatchObject({ code: 'BUSY' })
})

test('cancelling a load ends its process; with two who wait only when both gave up', async () => {
  const supervisor = createTestSupervisor()
  const request = { path: sample(), options: { gpuLayers: 0 } }
  const [first, second] = [new AbortController(), new AbortController()]
  const loads = [first, second].map(({ signal }) => supervisor.load('a', request, () => {}, signal))
  const ended = Promise.allSettled(loads)
  const pid = await vi.waitFor(() => pidOf(supervisor), patience)
  first.abort()
  await expect(loads[0]).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(isAlive(pid)).toBe(true)
  second.abort()
  await expect(loads[1]).rejects.toMatchObject({ code: 'CANCELLED' })
  await ended
  expect(isAlive(pid)).toBe(false)
  expect(supervisor.instances()).toEqual([])
})

test('unloading during a load cancels it, and a load after it starts anew', async () => {
  const supervisor = createTestSupervisor()
  const loading = supervisor.loadSmall('a', sample())
  const cancelled = expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  const pid = await vi.waitFor(() => pidOf(supervisor), patience)
  const unloading = supervisor.unload('a')
  const again = supervisor.loadSmall('a', sample())
  await unloading
  await cancelled
  expect(isAlive(pid)).toBe(false)
  expect((await again).state).toBe('loaded')
})

test('several models are loaded at once, and the end of one leaves the others', async () => {
  const supervisor = createTestSupervisor()
  await Promise.all(['a', 'b'].map((key) => supervisor.loadSmall(key, sample())))
  const answer = collect(supervisor.chat('b', hello, never))
  await supervisor.unload('a')
  expect((await answer).done).toBeDefined()
  expect(supervisor.instances().map(({ key }) => key)).toEqual(['b'])
})

test('a file that is no model, one that was cut and one that is gone fail with the engine’s reason', async () => {
  const supervisor = createTestSupervisor()
  const folder = tempDir()
  const files = { text: join(folder, 'text.gguf'), cut: join(folder, 'cut.gguf'), gone: join(folder, 'gone.gguf') }
  await writeFile(files.text, 'this is no model')
  await copyFile(sample(), files.cut)
  await truncate(files.cut, statSync(sample()).size - 100_000)
  for (const [key, path] of Object.entries(files)) {
    await expect(supervisor.loadSmall(key, path)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    expect(supervisor.instances().find((instance) => instance.key === key)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/\w{4}/),
    })
  }
  // A failure is no crash: nothing is set aside.
  for (let n = 0; n < 3; n += 1)
    await expect(supervisor.loadSmall('text', files.text)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
})

test('a context that does not fit into the memory is refused as that', async () => {
  const supervisor = createTestSupervisor()
  await expect(supervisor.loadSmall('a', sample(), { contextLength: 16_777_216 })).rejects.toMatchObject({
    code: 'OUT_OF_MEMORY',
  })
})

test('options that no engine can fulfil are refused by name before or in the process', async () => {
  const supervisor = createTestSupervisor()
  const refused: [object, string][] = [
    [{ contextLength: -1 }, 'INVALID_INPUT'],
    [{ contextLength: 1.5 }, 'INVALID_INPUT'],
    [{ gpuLayers: Number.NaN }, 'INVALID_INPUT'],
    [{ threads: 0 }, 'INVALID_INPUT'],
    [{ threads: 513 }, 'INVALID_INPUT'],
    [{ batchSize: 2 ** 31 }, 'INVALID_INPUT'],
    [{ kvCacheType: 'q2_k' }, 'INVALID_INPUT'],
    [{ unknown: 1 }, 'INVALID_INPUT'],
    [{ kvCacheType: 'q8_0', flashAttention: false }, 'LOAD_FAILED'],
  ]
  for (const [options, code] of refused)
    await expect(supervisor.loadSmall('a', sample(), options), JSON.stringify(options)).rejects.toMatchObject({ code })
  await supervisor.loadSmall('a', sample())
  for (const bad of [{ temperature: -1 }, { temperature: Number.NaN }, { seed: -1 }, { maxTokens: 0 }])
    await expect(collect(supervisor.chat('a', { ...hello, ...bad }, never))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
})

test('every cache type of the contract is used or refused by name, never ignored', async () => {
  const supervisor = createTestSupervisor()
  for (const kvCacheType of ['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl']) {
    const result = await supervisor.loadSmall('a', sample(), { kvCacheType }).catch((error: unknown) => error)
    if (result instanceof Error) expect(result).toMatchObject({ code: 'LOAD_FAILED' })
    else expect(result).toMatchObject({ options: { kvCacheType } })
    await supervisor.unload('a')
  }
})

test('ten rounds of loading and unloading leave no process', async () => {
  const supervisor = createTestSupervisor()
  const pids: number[] = []
  for (let round = 0; round < (process.env.BERTH_STRESS ? 50 : 10); round += 1) {
    const { pid } = await supervisor.loadSmall('a', sample())
    pids.push(pid ?? 0)
    await supervisor.unload('a')
  }
  expect(pids.filter(isAlive)).toEqual([])
  expect(new Set(pids).size).toBe(pids.length)
}, 300_000)

test('closing ends every process, and nothing is loaded after it', async () => {
  const supervisor = createTestSupervisor()
  const loaded = await supervisor.loadSmall('a', sample())
  const loading = supervisor.loadSmall('b', sample())
  const cancelled = expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  await supervisor.close()
  await cancelled
  expect(isAlive(loaded.pid ?? 0)).toBe(false)
  await expect(supervisor.loadSmall('c', sample())).rejects.toMatchObject({ code: 'CANCELLED' })
})
