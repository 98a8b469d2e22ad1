import { expect, test } from 'vitest'
import { fixture } from './fakeMachine.ts'
import { cpuUtilization, parseCpuList, parseCpuTimes, parseMeminfo, parsePss } from './procStat.ts'

test('CPU use is the busy part of the time between two readings, waiting for a disk not counted', () => {
  const before = parseCpuTimes('cpu  30703 0 11434 336267 1032 0 274 78 0 0\ncpu0 1 2 3 4\n')
  const after = parseCpuTimes('cpu  30753 0 11459 336317 1107 0 274 78 50 0\ncpu0 1 2 3 4\n')
  expect(cpuUtilization(before, after)).toBe(75 / 200)
})

test('the first reading, and counters that stepped back, give no CPU use', () => {
  const times = parseCpuTimes('cpu  10 0 10 100 0 0 0 0 0 0\n')
  expect(cpuUtilization(null, times)).toBeNull()
  expect(cpuUtilization(times, times)).toBeNull()
  expect(cpuUtilization(times, parseCpuTimes('cpu  5 0 10 200 0 0 0 0 0 0\n'))).toBeNull()
  expect(parseCpuTimes('intr 1 2 3')).toBeNull()
})

test('memory is total and available, not free', () => {
  const text = 'MemTotal:       24684084 kB\nMemFree:        15795840 kB\nMemAvailable:   17670952 kB\n'
  expect(parseMeminfo(text)).toEqual({ totalBytes: 24684084 * 1024, availableBytes: 17670952 * 1024 })
  expect(parseMeminfo('')).toEqual({ totalBytes: null, availableBytes: null })
})

test('a process’s share of memory is Pss, not one of its parts', async () => {
  expect(parsePss(await fixture('smaps-rollup.txt'))).toBe(266 * 1024)
  expect(parsePss('')).toBeNull()
})

test('a list of CPUs is read with ranges', () => {
  expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8])
  expect(parseCpuList('')).toEqual([])
})
