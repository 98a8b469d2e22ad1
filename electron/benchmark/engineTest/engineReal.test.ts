import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { anInstance } from '../../../test/support/instance.ts'
import { tempDir } from '../../../test/support/tempDir.ts'
import { createTestSupervisor, never, provideSampleModel } from '../../engine/testSupervisor.ts'
import { writeSampleModel } from '../../files/sampleModel.ts'
import type { Subject } from '../runner.ts'
import { runEngineBenchmark } from './engineRunner.ts'
import { aProvider, aRun, aSubject, model, settings } from './testRun.ts'

vi.setConfig({ testTimeout: 60_000 })

const sample = provideSampleModel()
const twice = { least: 2, most: 2, relativeError: 0.01 }

/** A model file in the real engine. */
const embedded = (path: string): Subject => {
  const supervisor = createTestSupervisor()
  const provider = aProvider({ measure: (key, test, signal) => supervisor.measure(key, test, signal) })
  const shown = () => {
    const [found] = supervisor.instances()
    if (found?.state !== 'loaded') return null
    const { key: _, instance: __, effective: ___, ...rest } = found
    return anInstance('p/a', rest)
  }
  const { subject } = aSubject(provider)
  return {
    ...subject,
    model: model({ path, contextLength: 4096 }),
    instance: shown,
    load: async (options) => {
      await supervisor
        .load('a', { path, options }, () => {}, never)
        .catch(async (error: unknown) => {
          if (!(error instanceof Error && 'code' in error && error.code === 'BUSY')) throw error
          await supervisor.unload('a')
          await supervisor.load('a', { path, options }, () => {}, never)
        })
      return shown()
    },
    unload: () => supervisor.unload('a'),
  }
}

test('the embedded engine is measured over a sweep, and the options of each result are what it really had', async () => {
  const { context, saved, notes } = aRun(embedded(sample()), {
    settings: settings({
      promptTokens: [64],
      generatedTokens: [8],
      depths: [0, 250],
      repetition: twice,
      sweep: { contextLength: [256, 512], kvCacheType: ['q8_0'] },
    }),
    options: { gpuLayers: 0, threads: 1 },
  })
  await runEngineBenchmark(context)
  expect(saved.map(({ position }) => position)).toEqual([0, 1, 3, 4, 5])
  expect(notes.map(({ text }) => text)).toEqual([
    'context 256, q8_0 KV cache: tg8 @ d250 could not be measured: This needs a context of 258 tokens, and the model has 256.',
  ])
  for (const { position, options, statistics } of saved) {
    expect(options).toMatchObject({
      contextLength: position < 3 ? 256 : 512,
      kvCacheType: 'q8_0',
      threads: 1,
      mmap: true,
    })
    expect(options.batchSize).toBeGreaterThan(0)
    expect(statistics.count).toBe(2)
    expect(statistics.min).toBeGreaterThan(0)
  }
})

test('a combination that the engine refuses is noted, and the next one is measured', async () => {
  const { context, saved, notes } = aRun(embedded(sample()), {
    settings: settings({
      promptTokens: [32],
      generatedTokens: [],
      repetition: twice,
      sweep: { kvCacheType: ['q8_0'], flashAttention: [false, true] },
    }),
    options: { gpuLayers: 0 },
  })
  await runEngineBenchmark(context)
  expect(saved.map(({ position, options }) => [position, options.flashAttention])).toEqual([[1, true]])
  expect(notes.map(({ text }) => text)).toEqual([
    'q8_0 KV cache, no flash attention could not be measured: A q8_0 cache needs flash attention, which was turned off.',
  ])
})

test('loads of a real file: warm ones are measured, cold ones where the system can be shown to have read the disk', async () => {
  const path = join(tempDir(), 'model.gguf')
  await writeSampleModel(path, { targetBytes: 20_000_000 })
  expect((await stat(path)).size).toBeGreaterThan(15_000_000)
  const { context, saved, notes } = aRun(embedded(path), {
    settings: settings({
      promptTokens: [16],
      generatedTokens: [],
      measureLoad: true,
      repetition: { ...twice, least: 1, most: 1 },
    }),
    options: { gpuLayers: 0 },
  })
  await runEngineBenchmark(context)
  const cold = saved.find(({ test }) => test.type === 'load' && test.cache === 'cold')
  const warm = saved.find(({ test }) => test.type === 'load' && test.cache === 'warm')
  expect(saved.at(-1)?.test).toMatchObject({ type: 'prompt' })
  expect(warm?.statistics.count).toBe(1)
  expect(warm?.notes).toEqual([])
  if (cold === undefined)
    expect(notes.map(({ text }) => text)).toEqual([expect.stringMatching(/^load, cold could not/)])
  else expect([cold.statistics.count, notes]).toEqual([1, []])
})
