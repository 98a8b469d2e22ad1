import { expect, test } from 'vitest'
import { ancestors, findLimits, parseCgroupPaths, parseLimit, readLimit } from './cgroup.ts'
import { createFakeMachine, gigabyte } from './fakeMachine.ts'

const limitOf = async (files: Readonly<Record<string, string>>) => {
  const machine = await createFakeMachine()
  for (const [path, text] of Object.entries(files)) await machine.write(path, text)
  const total = 32 * gigabyte
  return readLimit(await findLimits(machine.root, total), total)
}

test('our own path is found for both versions', () => {
  expect(parseCgroupPaths('0::/user.slice/a.scope\n')).toEqual({ 1: null, 2: '/user.slice/a.scope' })
  expect(parseCgroupPaths('4:memory:/docker/abc\n1:cpu:/\n0::/\n')).toEqual({ 1: '/docker/abc', 2: '/' })
  expect(parseCgroupPaths('0::/../../other\n')).toEqual({ 1: null, 2: '/other' })
  expect(ancestors('/a/b')).toEqual(['/a/b', '/a', '/'])
})

test('no limit has many spellings', () => {
  const none = ['max', '9223372036854771712', '18446744073709551615', '0', '', null, String(64 * gigabyte)]
  expect(none.map((text) => parseLimit(text, 32 * gigabyte))).toEqual(none.map(() => null))
})

test('the tightest level above us wins, and page cache counts as free', async () => {
  const folder = 'sys/fs/cgroup/parent'
  expect(
    await limitOf({
      'proc/self/cgroup': '0::/parent/leaf\n',
      [`${folder}/leaf/memory.max`]: 'max\n',
      [`${folder}/memory.max`]: `${8 * gigabyte}\n`,
      [`${folder}/memory.current`]: `${5 * gigabyte}\n`,
      [`${folder}/memory.stat`]: `anon 1\ninactive_file ${2 * gigabyte}\n`,
    }),
  ).toEqual({ limitBytes: 8 * gigabyte, availableBytes: 5 * gigabyte })
})

test('what is left is the least of all levels, not of the smallest limit', async () => {
  expect(
    await limitOf({
      'proc/self/cgroup': '0::/parent/leaf\n',
      'sys/fs/cgroup/parent/leaf/memory.max': `${4 * gigabyte}`,
      'sys/fs/cgroup/parent/leaf/memory.current': '0',
      'sys/fs/cgroup/parent/memory.max': `${8 * gigabyte}`,
      'sys/fs/cgroup/parent/memory.current': `${7 * gigabyte}`,
    }),
  ).toEqual({ limitBytes: 4 * gigabyte, availableBytes: gigabyte })
})

test('in a container the path is the host’s and only the root of it is there', async () => {
  expect(
    await limitOf({
      'proc/self/cgroup': '4:memory:/docker/abc\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * gigabyte}\n`,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': `${gigabyte}\n`,
      'sys/fs/cgroup/memory/memory.stat': `total_inactive_file 0\n`,
    }),
  ).toEqual({ limitBytes: 2 * gigabyte, availableBytes: gigabyte })
})

test('without a limit, and without cgroups, there is none', async () => {
  expect(await limitOf({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': 'max\n' })).toBeNull()
  expect(await limitOf({})).toBeNull()
})
