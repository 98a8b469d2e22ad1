import { describe, expect, it } from 'vitest'
import { DeviceResources } from '../../shared/contract/models.ts'
import { deviceTitle, memoryBar, spreadLoad } from './memoryBar.ts'

const gpu = (over: object = {}): DeviceResources =>
  DeviceResources.parse({
    device: 'gpu:1',
    name: 'NVIDIA GeForce RTX 4090',
    kind: 'gpu',
    unified: false,
    totalBytes: 24,
    usedBytes: 8,
    freeBytes: 16,
    otherBytes: 2,
    instances: [{ instance: 'i', model: 'a/b', bytes: 6, source: 'measured' }],
    utilization: null,
    stale: false,
    ...over,
  })
const kinds = (bar: ReturnType<typeof memoryBar>) => bar?.map(({ kind, bytes }) => `${kind} ${bytes}`)
const overShare = (bytes: number) => memoryBar(gpu(), { model: 'c/d', bytes })?.at(-1)?.share

describe('the memory bar', () => {
  it('shows instances, what others hold and what is free, filling the width', () => {
    const bar = memoryBar(gpu(), null)
    expect(kinds(bar)).toEqual(['instance 6', 'other 2', 'free 16'])
    expect(bar?.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  })
  it('hatches a planned load into what is free', () => {
    const bar = memoryBar(gpu(), { model: 'c/d', bytes: 10 })
    expect(kinds(bar)).toEqual(['instance 6', 'other 2', 'planned 10', 'free 6'])
  })
  it('runs a load that does not fit over the edge and says by how much', () => {
    const bar = memoryBar(gpu(), { model: 'c/d', bytes: 20 })
    expect(kinds(bar)).toEqual(['instance 6', 'other 2', 'planned 16', 'over 4'])
    expect(overShare(24)).toBeCloseTo(8 / 32)
  })
  it('leaves room for the figure of a small overrun and for the rest beside a huge one', () => {
    expect(overShare(16.1)).toBeCloseTo(0.16)
    expect(overShare(4000)).toBeCloseTo(0.4)
  })
  it('draws what is used but not told apart as in use, and nothing for an instance of unknown size', () => {
    const bar = memoryBar(
      gpu({ otherBytes: null, instances: [{ instance: 'i', model: 'a/b', bytes: null, source: 'reported' }] }),
      null,
    )
    expect(kinds(bar)).toEqual(['unknown 8', 'free 16'])
  })
  it('is no bar at all when the total is not known', () => {
    expect(memoryBar(gpu({ totalBytes: null }), null)).toBeNull()
  })
})

it('shortens a device’s name to what tells it apart', () => {
  const one = gpu()
  const two = gpu({ device: 'gpu:2', name: 'AMD Radeon RX 7900 XTX' })
  expect(deviceTitle(one, [one])).toBe('RTX 4090')
  expect(deviceTitle(two, [one, two])).toBe('GPU 1 Radeon RX 7900 XTX')
  expect(deviceTitle(gpu({ kind: 'cpu' }), [one])).toBe('RAM')
  expect(deviceTitle(gpu({ name: 'AMD Graphics' }), [one])).toBe('AMD Graphics')
})

it('spreads a load over the GPUs and then RAM, which alone may run over', () => {
  const cpu = gpu({ device: 'cpu', kind: 'cpu', name: 'CPU', freeBytes: 5 })
  const small = gpu({ device: 'gpu:2', freeBytes: 3 })
  expect([...spreadLoad(10, [small, gpu(), cpu])]).toEqual([['gpu:1', 10]])
  expect([...spreadLoad(40, [small, gpu(), cpu])]).toEqual([
    ['gpu:1', 16],
    ['gpu:2', 3],
    ['cpu', 21],
  ])
  expect([...spreadLoad(20, [gpu()])]).toEqual([['gpu:1', 20]])
  expect([...spreadLoad(20, [gpu({ unified: true })])]).toEqual([['gpu:1', 20]])
})
