import { describe, expect, it } from 'vitest'
import { BenchmarkSettings } from '../../../../shared/contract/benchmarkSettings.ts'
import { type EngineForm, formOf, type SettingsForm, settingsOf } from './settingsForm.ts'

const repetition = { least: 3, most: 20, relativeError: 0.02 }
const all: readonly BenchmarkSettings[] = [
  {
    kind: 'engine',
    promptTokens: [512, 2048],
    generatedTokens: [128],
    depths: [0, 4096],
    measureLoad: true,
    repetition,
    sweep: {
      contextLength: [8192],
      kvCacheType: ['f16', 'q8_0'],
      gpuLayers: ['auto', 0, 20],
      threads: [4],
      flashAttention: [true, false],
      batchSize: [],
    },
  },
  {
    kind: 'serving',
    loads: [
      { by: 'concurrency', level: 1 },
      { by: 'concurrency', level: 8 },
      { by: 'rate', requestsPerSecond: 0.5 },
    ],
    arrivals: 'poisson',
    promptTokens: 256,
    outputTokens: 64,
    requestsPerLoad: 40,
    warmUpRequests: 2,
    requestSeconds: 120,
    limits: { ttftMs: 500, itlMs: 100 },
    findHighestLoad: true,
    seed: 7,
  },
  { kind: 'embedding', batchSizes: [1, 8, 32], textTokens: 256, repetition },
]

describe('the form of the settings', () => {
  it('sends again what it was filled with, in the form of the contract', () => {
    for (const settings of all) {
      const read = settingsOf(formOf(settings))
      expect(read).toEqual({ settings })
      expect(BenchmarkSettings.parse(settings)).toEqual(settings)
    }
  })

  const [engine, serving, embedding] = all.map((settings): object => formOf(settings))
  const faultsOf = (form: unknown) => {
    const read = settingsOf(form as SettingsForm) // each of the three forms, with one field changed
    return 'faults' in read ? read.faults : {}
  }

  it('reads lists as people write them, each value once', () => {
    expect(settingsOf({ ...engine, depths: '0 4k; 4096, 16K' } as EngineForm)).toMatchObject({
      settings: { depths: [0, 4096, 16_384] },
    })
  })

  it('names what is wrong beside its field', () => {
    expect(faultsOf({ ...engine, promptTokens: '512, many' })).toEqual({ promptTokens: 'many is no number.' })
    expect(faultsOf({ ...engine, promptTokens: '', generatedTokens: ' ' })).toEqual({
      promptTokens: 'Give lengths of prompts, or lengths to generate.',
    })
    expect(faultsOf({ ...engine, threads: '0' })).toEqual({ threads: 'From 1 to 1,024.' })
    expect(faultsOf({ ...engine, least: '5', most: '3' })).toEqual({ most: 'It is below the fewest.' })
    expect(faultsOf({ ...embedding, batchSizes: '' })).toEqual({ batchSizes: 'Give at least one size.' })
    expect(faultsOf({ ...embedding, textTokens: '1.5' })).toEqual({ textTokens: '1.5 is not a whole number.' })
  })

  it('looks for the highest load only under a limit', () => {
    const unlimited = { ...serving, ttftMs: '', itlMs: ' ' }
    expect(Object.keys(faultsOf(unlimited))).toEqual(['findHighestLoad'])
    expect(faultsOf({ ...unlimited, findHighestLoad: false })).toEqual({})
    expect(faultsOf({ ...serving, levels: '', rates: '' })).toEqual({ levels: 'Give at least one load.' })
  })
})
