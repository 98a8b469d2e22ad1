import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/support/tempDir.ts'
import { createChildProcesses } from '../../lib/childProcess.ts'
import { createEngineRunner } from './engineRunner.ts'
import { createFileCache, type FileCache, modelFiles } from './fileCache.ts'
import { aCache, aRun, aSubject, model, scripted, settings } from './testRun.ts'

const sizeBytes = 1000
const modelFile = async (name = 'a.gguf'): Promise<string> => {
  const path = join(tempDir(), name)
  await writeFile(path, Buffer.alloc(sizeBytes))
  return path
}
const loading = settings({ measureLoad: true, promptTokens: [16], generatedTokens: [] })

/** A run whose loads are measured; `calls` is what was done, in order. */
const measured = async (cache: Partial<FileCache>, path: string | null) => {
  const calls: string[] = []
  const { subject, loads } = aSubject(scripted(() => 100).provider, { model: model({ path }) })
  const told = aRun(
    {
      ...subject,
      load: async (options, signal) => {
        if (subject.instance() === null) calls.push('load')
        return subject.load(options, signal)
      },
    },
    { settings: loading },
  )
  const noting = aCache({
    drop: async (files) => {
      calls.push(`drop ${files.length}`)
      return null
    },
    fill: async (files) => void calls.push(`fill ${files.length}`),
    ...cache,
  })
  await createEngineRunner(noting)(told.context)
  return { ...told, calls, loads, texts: told.notes.map(({ text }) => text) }
}

test('cold loads come from a file that was taken out of the cache, warm ones from one that was just read', async () => {
  const { saved, calls, texts } = await measured({ bytesFromDisk: async () => sizeBytes * 0.9 }, await modelFile())
  expect(saved.map(({ test, unit }) => ({ test, unit }))).toEqual([
    { test: { type: 'load', cache: 'cold' }, unit: 'ms' },
    { test: { type: 'load', cache: 'warm' }, unit: 'ms' },
    { test: { type: 'prompt', promptTokens: 16, depth: 0 }, unit: 'tokens/s' },
  ])
  const [cold = 0, warm = 0] = saved.map(({ statistics }) => statistics.count)
  expect(Math.max(cold, warm)).toBeLessThanOrEqual(3)
  expect(calls).toEqual([
    ...Array.from({ length: cold }, () => ['drop 1', 'load']).flat(),
    ...Array.from({ length: warm }, () => ['fill 1', 'load']).flat(),
  ])
  expect(texts).toEqual([])
})

test.each([
  ['stayed in the cache', 899, 'the file stayed in the system’s cache: only 90 % of it were read from the disk.'],
  ['is told nothing of', null, 'it cannot be told whether the file was really read from the disk.'],
])('a load whose file %s is not called cold', async (_, bytes, why) => {
  const { saved, texts } = await measured({ bytesFromDisk: async () => bytes }, await modelFile())
  expect(saved.map(({ position }) => position)).toEqual([1, 2])
  expect(texts).toEqual([`load, cold could not be measured: ${why}`])
})

test('where the cache cannot be emptied, that is said and the rest is measured', async () => {
  const drop = async () => 'only Linux can.'
  const { saved, texts } = await measured({ drop }, await modelFile())
  expect(saved.map(({ position }) => position)).toEqual([1, 2])
  expect(texts).toEqual(['load, cold could not be measured: only Linux can.'])
})

test('a warm load that had to read much all the same says so', async () => {
  const { saved } = await measured({ bytesFromDisk: async () => 950 }, await modelFile())
  expect(saved[1]?.notes).toEqual(['The file does not stay in the system’s cache: 95 % of it were read from the disk.'])
})

test('a model without a file here is not loaded to be measured', async () => {
  for (const path of [null, '/nowhere/a.gguf', tempDir()]) {
    const { saved, texts, calls } = await measured({}, path)
    expect(saved.map(({ position }) => position)).toEqual([2])
    expect(texts).toHaveLength(2)
    expect(calls).toEqual(['load'])
  }
})

test('all shards of a model are its files', async () => {
  const folder = tempDir()
  for (const number of [1, 2, 3]) await writeFile(join(folder, `m-0000${number}-of-00003.gguf`), Buffer.alloc(number))
  expect(await modelFiles(join(folder, 'm-00001-of-00003.gguf'))).toEqual(
    [1, 2, 3].map((number) => ({ path: join(folder, `m-0000${number}-of-00003.gguf`), sizeBytes: number })),
  )
  expect(await modelFiles(join(folder, 'm-00001-of-99999.gguf'))).toBeNull()
})

const never = new AbortController().signal

test('another system is not asked to empty its cache, and a tool that fails is named', async () => {
  const files = [{ path: join(tempDir(), 'missing $(touch x).gguf'), sizeBytes: 1 }]
  const children = createChildProcesses(process.env)
  expect(await createFileCache(children, 'darwin').drop(files, never)).toContain('only Linux')
  expect(await createFileCache(children, 'linux').drop(files, never)).toContain('dd could not')
  const nowhere = createChildProcesses({ PATH: tempDir() })
  expect(await createFileCache(nowhere, 'linux').drop(files, never)).toContain('dd could not')
})

test('reading a file into the cache ends when it is cancelled, and what is not told of a process is null', async () => {
  const cache = createFileCache(createChildProcesses(process.env), 'linux')
  const files = [{ path: await modelFile(), sizeBytes }]
  await cache.fill(files, never)
  await expect(cache.fill(files, AbortSignal.abort())).rejects.toThrow()
  expect(await cache.bytesFromDisk(2 ** 30)).toBeNull()
})
