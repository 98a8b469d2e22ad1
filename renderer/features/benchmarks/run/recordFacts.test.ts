import { expect, it } from 'vitest'
import type { BenchmarkSettings } from '../../../../shared/contract/benchmarkSettings.ts'
import { aBenchmark } from '../../../lib/testMirror.ts'
import { recordGroups, settingsFacts } from './recordFacts.ts'

const said = (facts: readonly { readonly label: string; readonly value: string | null }[]) =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]))

it('says what was asked for with its units', () => {
  const engine = said(
    settingsFacts({
      kind: 'engine',
      promptTokens: [512, 2048],
      generatedTokens: [],
      depths: [0],
      measureLoad: false,
      repetition: { least: 3, most: 5, relativeError: 0.05 },
      sweep: {
        contextLength: [],
        kvCacheType: ['q8_0'],
        gpuLayers: [],
        threads: [],
        flashAttention: [true],
        batchSize: [],
      },
    }),
  )
  expect(engine).toEqual({
    Prompts: '512, 2,048 tokens',
    Generated: 'none',
    Depths: '0 tokens',
    'Load time': 'not measured',
    Repeated: '3 to 5 times, until ± 5 %',
    'Sweep: KV cache': 'q8_0',
    'Sweep: flash attention': 'on',
  })
})

it('says how requests arrive only where they come at a rate', () => {
  const serving = (loads: Extract<BenchmarkSettings, { kind: 'serving' }>['loads']) =>
    said(
      settingsFacts({
        kind: 'serving',
        loads,
        arrivals: 'poisson',
        promptTokens: 128,
        outputTokens: 32,
        requestsPerLoad: 8,
        warmUpRequests: 1,
        requestSeconds: 60,
        limits: {},
        findHighestLoad: false,
        seed: 1,
      }),
    )
  expect(serving([{ by: 'concurrency', level: 4 }])).not.toHaveProperty('Arrivals')
  expect(serving([{ by: 'rate', requestsPerSecond: 2 }])).toMatchObject({
    Arrivals: 'random (Poisson)',
    'Warm-up': '1 request',
  })
})

it('leaves out groups with nothing in them, and keeps what nobody told as unknown', () => {
  expect(recordGroups(aBenchmark('1'))).toEqual([])
  const record = {
    model: {
      name: 'phi',
      contentHash: null,
      architecture: null,
      parameterCount: null,
      quantization: 'Q4_0',
      format: null,
      sizeBytes: null,
    },
    provider: { kind: 'ollama', name: 'Ollama', version: null, host: null },
    berthVersion: null,
    os: null,
    cpu: null,
    devices: [{ device: 'gpu:0', name: 'A GPU', driver: '1.2', totalBytes: null }],
    backend: 'Vulkan',
    power: { mode: null, onBattery: false },
    clientErrorMs: { p50: 0.04, p99: 0.2, streams: 64 },
  }
  const groups = new Map(recordGroups(aBenchmark('1', { record })).map(({ title, facts }) => [title, said(facts)]))
  expect(groups.get('Model')).toMatchObject({ Name: 'phi', Content: null, Quantisation: 'Q4_0' })
  expect(groups.get('Provider')).toMatchObject({ Where: 'this machine', Version: null })
  expect(groups.get('Machine')).toMatchObject({
    'A GPU': 'driver 1.2',
    'Computed by': 'Vulkan',
    'Power from': 'mains',
    'Power mode': null,
  })
  expect(groups.get('Error of the client itself')).toEqual({
    'Median delay': '0.040 ms',
    'p99 delay': '0.200 ms',
    'Measured with': '64 streams',
  })
})
