import { describe, expect, it } from 'vitest'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { contextStops, defaultForm, formOf, nearestStop, optionsOf, remarksOn } from './loadForm.ts'

const form = { ...defaultForm, contextLength: 8192, kvCacheType: 'q8_0', flashAttention: true, keepAlive: 600 } as const
const facts = { trainedContext: 4096, logicalCores: 8 }

const nothing = {}
const noCache = { kvCacheType: 'It is set for the whole server.', flashAttention: 'It is set for the whole server.' }

describe('the load form', () => {
  it('begins with options that are given, and sends them as they were', () => {
    const options = { contextLength: 4096, gpuLayers: 0, mmap: true }
    expect(formOf(options)).toEqual({ ...defaultForm, ...options })
    expect(optionsOf(formOf(options), nothing)).toEqual(options)
  })
  it('sends only what was changed, in the form of the contract', () => {
    expect(optionsOf(defaultForm, nothing)).toEqual({})
    expect(LoadOptions.parse(optionsOf(form, nothing))).toEqual({
      contextLength: 8192,
      kvCacheType: 'q8_0',
      flashAttention: true,
      keepAlive: 600,
    })
  })
  it('does not send what the provider does not take', () => {
    expect(optionsOf(form, noCache)).toEqual({ contextLength: 8192, keepAlive: 600 })
  })
  it('refuses a quantised cache without flash attention', () => {
    expect(remarksOn({ ...form, flashAttention: false }, facts)).toContainEqual(
      expect.objectContaining({ level: 'error' }),
    )
    expect(remarksOn({ ...form, kvCacheType: 'f16', flashAttention: false, contextLength: null }, facts)).toEqual([])
  })
  it('warns about a context beyond the training and more threads than cores', () => {
    expect(remarksOn({ ...defaultForm, contextLength: 8192, threads: 16 }, facts).map(({ level }) => level)).toEqual([
      'warning',
      'warning',
    ])
  })
})

describe('the context slider', () => {
  it('doubles up to what the model was trained for', () => {
    expect(contextStops(40_960)).toEqual([512, 1024, 2048, 4096, 8192, 16_384, 32_768, 40_960])
    expect(contextStops(256)).toEqual([256])
    expect(contextStops(null).at(-1)).toBe(131_072)
  })
  it('shows a typed length at its nearest stop', () => {
    expect(nearestStop([512, 1024, 2048], 1100)).toBe(1)
    expect(nearestStop([512, 1024, 2048], 9999)).toBe(2)
  })
})
