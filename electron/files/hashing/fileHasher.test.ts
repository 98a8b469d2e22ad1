import { createHash } from 'node:crypto'
import { appendFile, open, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../../../test/support/tempDir.ts'
import { createFileHasher, type FileHasherDeps, type HashRequest, startHashWorker } from './fileHasher.ts'

const GiB = 2 ** 30
const full = { pace: 'full', readAhead: true } as const
const gentle = { pace: 'gentle', readAhead: true } as const
const paused = { pace: 'paused', readAhead: true } as const

const workers = (): { started: Worker[]; startWorker: () => Worker } => {
  const started: Worker[] = []
  const startWorker = () => {
    const worker = startHashWorker(new URL('./hashWorker.ts', import.meta.url))
    started.push(worker)
    return worker
  }
  return { started, startWorker }
}

const hasher = (deps: Partial<FileHasherDeps> = {}) => {
  const created = createFileHasher({ startWorker: workers().startWorker, ...deps })
  onTestFinished(() => created.close())
  return {
    ...created,
    hash: (path: string, request: Partial<HashRequest> = {}) =>
      created.hash(path, { control: full, signal: new AbortController().signal, ...request }),
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const fileOf = async (bytes: Buffer): Promise<string> => {
  const path = join(tempDir(), 'file')
  await writeFile(path, bytes)
  return path
}

/** A file of zeros that takes no disk: enough work to do something to it meanwhile. */
const sparse = async (sizeBytes: number): Promise<string> => {
  const path = join(tempDir(), 'sparse')
  const file = await open(path, 'w')
  await file.truncate(sizeBytes)
  await file.close()
  return path
}

/** Resolves with the first progress; the hash itself goes on. */
const begun = (files: ReturnType<typeof hasher>, path: string, request: Partial<HashRequest> = {}) => {
  const first = Promise.withResolvers<void>()
  const result = files.hash(path, { ...request, report: () => first.resolve() })
  result.catch(() => {})
  return { first: Promise.race([first.promise, result]), result }
}

test('files of every length give the digest and the stamp they had, read ahead or each piece in its turn', async () => {
  const files = hasher()
  for (const length of [0, 1, (1 << 20) - 1, 1 << 20, (4 << 20) + 1, (9 << 20) + 12_345]) {
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length; at += 997) bytes[at] = at % 251
    const path = await fileOf(bytes)
    await utimes(path, 1_100_000_000, 1_100_000_000.5)
    for (const readAhead of [true, false])
      expect(await files.hash(path, { control: { pace: 'full', readAhead } })).toEqual({
        sha256: sha256(bytes),
        sizeBytes: length,
        modifiedAt: 1_100_000_000_500,
      })
  }
})

test('the part behind a header has a digest of its own', async () => {
  const files = hasher()
  const path = await fileOf(Buffer.from('header and data'))
  expect((await files.hash(path, { from: 11 })).sha256).toBe(sha256(Buffer.from('data')))
  expect((await files.hash(path, { from: 15 })).sha256).toBe(sha256(Buffer.alloc(0)))
  await expect(files.hash(path, { from: 16 })).rejects.toMatchObject({ details: { fault: 'TOO_SHORT' } })
})

test('changing how pieces are read in the middle of a file changes nothing of its digest', async () => {
  const files = hasher()
  const path = await sparse(100 << 20)
  let readAhead = true
  const flip = setInterval(() => {
    readAhead = !readAhead
    files.control({ pace: 'full', readAhead })
  }, 20)
  onTestFinished(() => clearInterval(flip))
  const { sha256: digest } = await files.hash(path)
  const expected = createHash('sha256')
  for (let n = 0; n < 100; n++) expected.update(Buffer.alloc(1 << 20))
  expect(digest).toBe(expected.digest('hex'))
})

test('what is no regular file, a link or not there is refused by name', async () => {
  const files = hasher()
  const folder = tempDir()
  const path = await fileOf(Buffer.from('there'))
  await symlink(path, join(folder, 'link'))
  for (const [name, fault] of [
    ['link', 'IS_A_LINK'],
    ['none', 'FILE_MISSING'],
    ['.', 'NOT_A_REGULAR_FILE'],
  ] as const)
    await expect(files.hash(join(folder, name))).rejects.toMatchObject({ code: 'PATH_UNUSABLE', details: { fault } })
  expect((await files.hash(path)).sizeBytes).toBe(5)
})

test('a file that is written to, replaced, shortened or deleted meanwhile has no digest', async () => {
  const other = await sparse(GiB / 4)
  const attacks: Record<string, (path: string) => Promise<unknown>> = {
    written: (path) => appendFile(path, 'x'),
    touched: (path) => utimes(path, 1, 1),
    replaced: (path) => rename(other, path),
    deleted: (path) => rm(path),
  }
  for (const [name, attack] of Object.entries(attacks)) {
    const files = hasher()
    const path = await sparse(GiB / 4)
    const { first, result } = begun(files, path, { control: gentle })
    await first
    await attack(path)
    files.control(full)
    await expect(result, name).rejects.toMatchObject({ code: 'PATH_UNUSABLE', details: { fault: 'FILE_CHANGED' } })
  }
  for (const [readAhead, fault] of [
    [true, 'FILE_SHRANK'],
    [false, 'FILE_CHANGED'],
  ] as const) {
    const files = hasher()
    const path = await sparse(GiB / 4)
    const { first, result } = begun(files, path, { control: { pace: 'gentle', readAhead } })
    await first
    await truncate(path, 4096)
    await expect(result).rejects.toMatchObject({ code: 'PATH_UNUSABLE', details: { fault } })
  }
})

test('cancelling ends it at once, also while it is paused, and the next file is hashed by the same worker', async () => {
  const { started, startWorker } = workers()
  const files = hasher({ startWorker })
  const path = await sparse(64 * GiB)
  for (const control of [full, paused, gentle]) {
    const controller = new AbortController()
    const { first, result } = begun(files, path, { signal: controller.signal })
    await first
    files.control(control)
    await setTimeout(50)
    const startedAt = performance.now()
    controller.abort()
    await expect(result).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(performance.now() - startedAt).toBeLessThan(5_000) // the whole file takes half a minute and more
  }
  await expect(files.hash(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await files.hash(await fileOf(Buffer.from('small')))).sizeBytes).toBe(5)
  expect(started).toHaveLength(1)
})

test('a worker that does not hear that it is cancelled is ended, and another one serves the next file', async () => {
  const deaf = join(tempDir(), 'worker.mjs')
  await writeFile(
    deaf,
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', () => { for (;;); })
     parentPort.postMessage('ready')`,
  )
  let isDeaf = true
  const { startWorker } = workers()
  const files = hasher({ startWorker: () => (isDeaf ? new Worker(pathToFileURL(deaf)) : startWorker()) })
  const path = await fileOf(Buffer.from('small'))
  await expect(files.hash(path, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'CANCELLED' })
  isDeaf = false
  expect((await files.hash(path)).sizeBytes).toBe(5)
})

test('a paused one stops and goes on where it was', async () => {
  const files = hasher()
  const path = await sparse(GiB)
  let doneBytes = 0
  const result = files.hash(path, {
    control: gentle,
    report: (done) => {
      doneBytes = done
    },
  })
  await expect.poll(() => doneBytes).toBeGreaterThan(0)
  files.control(paused)
  let before = 0
  const stands = () => {
    const isSame = doneBytes === before
    before = doneBytes
    return isSame
  }
  await expect.poll(stands, { interval: 400 }).toBe(true)
  expect(before).toBeLessThan(GiB)
  files.control(full)
  expect((await result).sizeBytes).toBe(GiB)
})

test('one that starts paused reads nothing until it may', async () => {
  const files = hasher()
  const result = files.hash(await fileOf(Buffer.from('small')), { control: paused })
  expect(await Promise.race([result, setTimeout(300, 'waits')])).toBe('waits')
  files.control(full)
  expect((await result).sizeBytes).toBe(5)
})

test('a worker that does not start is said so, and the next file tries anew', async () => {
  let fails = true
  const { startWorker } = workers()
  const files = hasher({
    startWorker: () => (fails ? new Worker('throw new Error("no module")', { eval: true }) : startWorker()),
  })
  const path = await fileOf(Buffer.from('small'))
  await expect(files.hash(path)).rejects.toMatchObject({ code: 'INTERNAL' })
  fails = false
  expect((await files.hash(path)).sizeBytes).toBe(5)
})

test('an idle worker ends, and closing ends one at work', async () => {
  const { started, startWorker } = workers()
  const files = hasher({ startWorker, idleMs: 50 })
  const path = await fileOf(Buffer.from('small'))
  await files.hash(path)
  await expect.poll(() => started[0]?.threadId).toBe(-1)
  const { first, result } = begun(files, await sparse(64 * GiB))
  await first
  files.close()
  await expect(result).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => started[1]?.threadId).toBe(-1)
  await expect(files.hash(path)).rejects.toMatchObject({ code: 'CANCELLED' })
})
