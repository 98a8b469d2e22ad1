import type { BenchmarkResult, BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { percentilesOf, statisticsOf } from '../statistics.ts'

export interface RunOfTest {
  readonly run: BenchmarkWithResults
  readonly samples: readonly (readonly BenchmarkSample[])[]
}

export const samplesIn =
  (...all: readonly RunOfTest[]) =>
  async (id: BenchmarkId, position: number): Promise<readonly BenchmarkSample[]> => {
    const found = all.find(({ run }) => run.benchmark.benchmark === id)
    const index = found?.run.results.findIndex((result) => result.position === position) ?? -1
    return found?.samples[index] ?? []
  }

const resultOf = (position: number, test: BenchmarkTest, values: readonly number[]): BenchmarkResult => ({
  position,
  test,
  unit: test.type === 'load' ? 'ms' : test.type === 'embedding' ? 'texts/s' : 'tokens/s',
  options: {
    contextLength: 4096,
    gpuLayers: 33,
    threads: 8,
    batchSize: 512,
    flashAttention: true,
    kvCacheType: 'q8_0',
  },
  statistics: statisticsOf(values),
  serving: null,
  embedding: null,
  tokensPerJoule: 0.5,
  memory: [
    { device: 'gpu:1', name: 'A GPU', beforeBytes: 1, peakBytes: 2 ** 31, afterBytes: null, processPeakBytes: 7 },
  ],
  notes: ['It was warm.'],
  measuredAt: Date.UTC(2026, 10, 22, 1, 2, 3),
})

const serving = (): BenchmarkResult => ({
  ...resultOf(
    3,
    {
      type: 'serving',
      load: { by: 'rate', requestsPerSecond: 2.5 },
      promptTokens: 512,
      outputTokens: 128,
      search: true,
    },
    [40, 42],
  ),
  serving: {
    requests: 20,
    succeeded: 19,
    errors: { PROVIDER_TIMEOUT: 1 },
    durationSeconds: 8.25,
    ttftMs: percentilesOf([100, 110, 180]),
    itlMs: percentilesOf([8, 9, 10]),
    tpotMs: percentilesOf([8.5, 9.25]),
    e2eMs: percentilesOf([1100, 1200, 1300]),
    lateMs: percentilesOf([0.1, 0.2]),
    requestsPerSecond: 2.4,
    inputTokensPerSecond: null,
    outputTokensPerSecond: 307.2,
    tokenCount: 'approximate',
    goodput: { requestsPerSecond: 2.25, part: 0.9 },
    costUsd: 0.0125,
  },
})

const embedding = (): BenchmarkResult => ({
  ...resultOf(4, { type: 'embedding', batchSize: 16, textTokens: 256 }, [120, 130]),
  embedding: { latencyMs: percentilesOf([100, 120]), inputTokensPerSecond: 30_000 },
})

const request: BenchmarkSample = {
  plannedMs: 0,
  sentMs: 0.25,
  firstMs: 100.5,
  pieceMs: [100.5, 109, 118],
  endMs: 1100,
  promptTokens: 512,
  outputTokens: 128,
  error: null,
}

/** A run with one result of every kind there is. */
export const everyKindOfResult = (): RunOfTest => {
  const prompt = resultOf(0, { type: 'prompt', promptTokens: 512, depth: 4096 }, [1000, 1024])
  const generation = resultOf(1, { type: 'generation', generatedTokens: 128, depth: 0 }, [50])
  const load = resultOf(2, { type: 'load', cache: 'cold' }, [1500, 1600])
  return {
    run: {
      benchmark: {
        benchmark: BenchmarkId.parse('run-1'),
        job: null,
        kind: 'engine',
        model: 'embedded/my-model.gguf',
        provider: 'embedded',
        preset: 'standard',
        label: 'before the update',
        source: 'berth',
        state: 'failed',
        error: { code: 'ENGINE_CRASHED', message: 'It ended.', advice: 'Load it again.' },
        settings: {
          kind: 'embedding',
          batchSizes: [1, 16],
          textTokens: 256,
          repetition: { least: 2, most: 5, relativeError: 0.02 },
        },
        options: { contextLength: 4096 },
        record: {
          model: {
            name: 'My Model',
            contentHash: 'sha256:00ff',
            architecture: 'llama',
            parameterCount: 8_030_261_312,
            quantization: 'Q4_K_M',
            format: 'gguf',
            sizeBytes: 4_920_734_272,
          },
          provider: { kind: 'embedded', name: 'This machine', version: 'b9000-abc', host: null },
          berthVersion: '0.1.0',
          os: 'Ubuntu 24.04',
          cpu: 'AMD Ryzen 9, 16 cores',
          devices: [
            { device: 'cpu', name: 'AMD Ryzen 9', driver: null, totalBytes: 64 },
            { device: 'gpu:1', name: 'NVIDIA RTX 4090', driver: '570.1', totalBytes: 24 },
          ],
          backend: 'CUDA',
          power: { mode: 'balanced', onBattery: true },
          clientErrorMs: { p50: 0.1, p99: 0.4, streams: 8 },
        },
        disturbances: [{ kind: 'battery', text: 'The machine ran on battery.', at: Date.UTC(2026, 10, 22) }],
        headline: {
          results: 5,
          promptTokensPerSecond: 1012,
          tokensPerSecond: 50,
          ttftMs: 110,
          textsPerSecond: 125,
          throughput: 41,
          peakBytes: 7,
        },
        createdAt: Date.UTC(2026, 10, 22, 1),
        startedAt: Date.UTC(2026, 10, 22, 1, 1),
        endedAt: null,
      },
      results: [prompt, generation, load, serving(), embedding()],
    },
    samples: [
      [
        { ms: 512, value: 1000 },
        { ms: 500, value: 1024 },
      ],
      [{ ms: 2560, value: 50 }],
      [
        { ms: 1500, value: 1500 },
        { ms: 1600, value: 1600 },
      ],
      [request, { ...request, firstMs: null, pieceMs: [], outputTokens: null, error: 'PROVIDER_TIMEOUT' }],
      [
        { ms: 133.3, value: 120 },
        { ms: 123.1, value: 130 },
      ],
    ],
  }
}
