import { createHash } from 'node:crypto'
import { open, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { type Job, JobId } from '../../../shared/contract/jobs.ts'
import { tempDir } from '../../../test/support/tempDir.ts'
import { startHashWorker } from './fileHasher.ts'
import { createHashService, type HashServiceDeps } from './hashService.ts'
import type { HashOrder } from './hashWorker.ts'

const MiB = 2 ** 20
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Jobs as the application runs them, with what became of each. */
const jobs = () => {
  const running: { subject: string; result: Promise<string>; fractions: number[]; cancel: () => void }[] = []
  const runJob: HashServiceDeps['runJob'] = (subject, work): Job => {
    const controller = new AbortController()
    const fractions: number[] = []
    const result = Promise.resolve().then(() =>
      work({ signal: controller.signal, report: (fraction) => fractions.push(fraction ?? -1) }),
    )
    result.catch(() => {})
    running.push({ subject, result, fractions, cancel: () => controller.abort() })
    return {
      job: JobId.parse(`${running.length}`),
      kind: 'scan',
      subject,
      state: 'running',
      progress: null,
      result: null,
      error: null,
      createdAt: 0,
      startedAt: 0,
      endedAt: null,
      cancellable: true,
    }
  }
  const last = () => {
    const job = running.at(-1)
    if (!job) throw new Error('no job was started')
    return job
  }
  return { runJob, last }
}

const service = (deps: Partial<HashServiceDeps> = {}) => {
  const hashed: string[] = []
  const logged: string[] = []
  const started: Worker[] = []
  /** what the workers were told, in order */
  const paces: string[] = []
  const { runJob, last } = jobs()
  const note = (_: object, message: string) => void logged.push(message)
  const created = createHashService({
    startWorker: () => {
      const worker = startHashWorker(new URL('./hashWorker.ts', import.meta.url))
      started.push(worker)
      const post = worker.postMessage.bind(worker)
      worker.postMessage = (order: HashOrder) => {
        if ('control' in order) paces.push(order.control.pace)
        post(order)
      }
      return worker
    },
    isUserActive: () => false,
    runJob,
    onHashed: (path) => hashed.push(basename(path)),
    log: { debug: note, info: note, warn: note, error: note },
    lookEveryMs: 20,
    ...deps,
  })
  onTestFinished(() => created.close())
  return { ...created, hashed, logged, started, paces, job: last }
}

const folderOf = async (files: Record<string, number | string>) => {
  const folder = tempDir()
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') {
      await writeFile(join(folder, name), content)
      continue
    }
    const file = await open(join(folder, name), 'w')
    await file.truncate(content)
    await file.close()
  }
  const at = (name: string) => join(folder, name)
  const known = (name: string) => ({
    path: at(name),
    sizeBytes: typeof files[name] === 'string' ? files[name].length : (files[name] ?? 0),
    modifiedAt: 1,
  })
  return { at, known }
}

test('what waits in the background is forgotten when it is dropped, and what is under way ends', async () => {
  const { at, known } = await folderOf({ big: 600 * MiB, b: 'two', c: 'three' })
  const hashes = service({ isUserActive: () => true })
  hashes.addBackground([known('big')])
  hashes.addBackground([{ ...known('b'), sizeBytes: 900 * MiB }])
  expect(hashes.waiting().files).toBe(2)
  hashes.dropBackground()
  await expect.poll(() => hashes.waiting().files).toBe(0)
  hashes.addBackground([known('c')])
  await expect.poll(() => hashes.hashed).toEqual(['c'])
  expect(hashes.logged).toEqual([])
  hashes.hash([at('b')], { why: 'one' })
  expect(await hashes.job().result).toContain(digestOf('two'))
})

test('files a person asked for become one job with their digests, progress and stamps', async () => {
  const { at } = await folderOf({ a: 'one', b: 'two', big: 400 * MiB })
  const stamps: [string, number][] = []
  const inside = 'berth-test-'
  const hashes = service({
    onHashed: (path, stamp, sha256) => {
      stamps.push([sha256, stamp.sizeBytes])
      expect(stamp.modifiedAt).toBeGreaterThan(1.6e12)
      expect(path).toContain(inside)
    },
  })
  hashes.hash([at('a'), at('b'), at('big'), at('a')], { why: 'Checksums' })
  expect(hashes.job().subject).toBe('Checksums')
  expect(await hashes.job().result).toBe('3 files hashed.')
  expect(stamps).toHaveLength(3)
  expect(stamps).toContainEqual([digestOf('one'), 3])
  expect(stamps).toContainEqual([digestOf('two'), 3])
  const { fractions } = hashes.job()
  expect(fractions.length).toBeGreaterThan(0)
  for (const [index, fraction] of fractions.entries()) {
    expect(fraction).toBeGreaterThanOrEqual(fractions[index - 1] ?? 0)
    expect(fraction).toBeLessThanOrEqual(1)
  }
})

test('one file is told by its digest, or by what the caller makes of it', async () => {
  const { at } = await folderOf({ a: 'one' })
  const hashes = service()
  hashes.hash([at('a')], { why: 'Checksum' })
  expect(hashes.job().subject).toBe(at('a'))
  expect(await hashes.job().result).toBe(`SHA-256 ${digestOf('one')}`)
  const conclude = (digests: ReadonlyMap<string, string>) =>
    digests.get(at('a')) === digestOf('one') ? 'Unchanged.' : 'It rotted.'
  hashes.hash([at('a')], { why: 'Verification', conclude })
  expect(await hashes.job().result).toBe('Unchanged.')
})

test('what cannot be hashed fails the job after everything else was hashed', async () => {
  const { at } = await folderOf({ a: 'one', b: 'two' })
  const hashes = service()
  hashes.hash([at('a'), at('none'), at('b'), at('gone')], { why: 'Checksums' })
  await expect(hashes.job().result).rejects.toMatchObject({
    code: 'PATH_UNUSABLE',
    message: expect.stringContaining('2 of 4'),
  })
  expect(hashes.hashed.sort()).toEqual(['a', 'b'])
  hashes.hash([at('none')], { why: 'Checksum' })
  await expect(hashes.job().result).rejects.toMatchObject({ details: { fault: 'FILE_MISSING' } })
})

test('in the background the smallest comes first, each file once, and what cannot be read is passed over', async () => {
  const { known } = await folderOf({ large: 'aaaa', middle: 'aaa', small: 'aa', none: 'a' })
  await rm(known('none').path)
  const hashes = service({ isUserActive: () => false })
  hashes.addBackground(['large', 'small', 'none', 'middle'].map(known))
  expect(hashes.waiting()).toEqual({ files: 4, bytes: 10 })
  hashes.addBackground(['small', 'large'].map(known))
  await expect.poll(() => hashes.hashed).toEqual(['small', 'middle', 'large'])
  expect(hashes.waiting()).toEqual({ files: 0, bytes: 0 })
  expect(hashes.logged).toEqual(['a file was not hashed'])
})

test('what is asked for passes what runs in the background, which then goes on where it was', async () => {
  const { at, known } = await folderOf({ slow: 400 * MiB, asked: 150 * MiB, also: 150 * MiB })
  let isActive = true
  const hashes = service({ isUserActive: () => isActive })
  hashes.addBackground([known('slow')])
  await expect.poll(() => hashes.paces).toEqual(['gentle'])
  hashes.hash([at('asked'), at('also')], { why: 'Checksums' })
  await hashes.job().result
  expect(hashes.hashed.sort()).toEqual(['also', 'asked'])
  expect(hashes.started).toHaveLength(3)
  isActive = false
  await expect.poll(() => hashes.hashed, { timeout: 15_000 }).toEqual(['also', 'asked', 'slow'])
})

test('the background is gentle while somebody is active, stands still while the disk is wanted, and is fast else', async () => {
  const { known } = await folderOf({ large: 64 * 1024 * MiB })
  let [isActive, isDiskWanted] = [true, false]
  const hashes = service({ isUserActive: () => isActive, isDiskWanted: () => isDiskWanted })
  hashes.addBackground([known('large')])
  const pace = () => hashes.paces.at(-1)
  await expect.poll(pace).toBe('gentle')
  isActive = false
  await expect.poll(pace).toBe('full')
  isDiskWanted = true
  await expect.poll(pace).toBe('paused')
  isDiskWanted = false
  await expect.poll(pace).toBe('full')
})

test('what was added while the disk was wanted begins when it is not', async () => {
  const { known } = await folderOf({ a: 'one' })
  let isDiskWanted = true
  const hashes = service({ isDiskWanted: () => isDiskWanted })
  hashes.addBackground([known('a')])
  await setTimeout(60)
  expect(hashes.started).toEqual([])
  isDiskWanted = false
  await expect.poll(() => hashes.hashed).toEqual(['a'])
})

test('what was asked for meanwhile is not hashed again in the background', async () => {
  const { at, known } = await folderOf({ a: 'one', large: 300 * MiB })
  const hashes = service({ isUserActive: () => true })
  hashes.addBackground([known('large')])
  hashes.addBackground([known('a')])
  hashes.hash([at('large'), at('a')], { why: 'Checksums' })
  await hashes.job().result
  expect(hashes.waiting().files).toBeLessThanOrEqual(1)
  await expect.poll(() => hashes.waiting().files).toBe(0)
  expect(hashes.hashed.sort()).toEqual(['a', 'large'])
})

test('a cancelled job stops at once and the background goes on', async () => {
  const { at, known } = await folderOf({ a: 'one', large: 64 * 1024 * MiB, other: 64 * 1024 * MiB, last: 'x' })
  const hashes = service()
  hashes.hash([at('large'), at('other'), at('last')], { why: 'Checksums' })
  hashes.addBackground([known('a')])
  await expect.poll(() => hashes.job().fractions.length).toBeGreaterThan(0)
  expect(hashes.hashed).toEqual([])
  hashes.job().cancel()
  await expect(hashes.job().result).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => hashes.hashed).toEqual(['a'])
})

test('links are followed where the caller says so, and refused where it does not', async () => {
  const { at } = await folderOf({ a: 'one' })
  await symlink(at('a'), at('link'))
  const strict = service()
  strict.hash([at('link')], { why: 'Checksum' })
  await expect(strict.job().result).rejects.toMatchObject({ details: { fault: 'IS_A_LINK' } })
  const lenient = service({ resolvePath: (path) => realpath(path) })
  lenient.hash([at('link')], { why: 'Checksum' })
  expect(await lenient.job().result).toBe(`SHA-256 ${digestOf('one')}`)
  expect(lenient.hashed).toEqual(['link'])
})

test('a worker that does not start stops the background once, until there is something new', async () => {
  const { known } = await folderOf({ a: 'one', b: 'three' })
  let fails = true
  const hashes = service({
    startWorker: () =>
      fails
        ? new Worker('throw new Error("no module")', { eval: true })
        : startHashWorker(new URL('./hashWorker.ts', import.meta.url)),
  })
  hashes.addBackground([known('a')])
  await expect.poll(() => hashes.logged).toEqual(['hashing in the background stopped'])
  fails = false
  hashes.addBackground([known('b')])
  await expect.poll(() => hashes.hashed).toEqual(['a', 'b'])
})

test('closing ends everything, and idle workers end by themselves', async () => {
  const { at, known } = await folderOf({ a: 'one', large: 64 * 1024 * MiB })
  const idle = service({ idleMs: 50 })
  idle.hash([at('a')], { why: 'Checksum' })
  await idle.job().result
  await expect.poll(() => idle.started.map(({ threadId }) => threadId)).toEqual([-1])

  const busy = service()
  busy.hash([at('large')], { why: 'Checksum' })
  busy.addBackground([known('a')])
  await expect.poll(() => busy.job().fractions.length).toBeGreaterThan(0)
  await busy.close()
  await expect(busy.job().result).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => busy.started.every(({ threadId }) => threadId === -1)).toBe(true)
  expect(busy.hashed).toEqual([])
})
