import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { createFileReader, type FileReaderDeps, startFileWorker } from './fileReader.ts'

const reader = (deps: Partial<FileReaderDeps> = {}) => {
  const created = createFileReader({
    startWorker: () => startFileWorker(new URL('./fileWorker.ts', import.meta.url)),
    ...deps,
  })
  onTestFinished(() => created.close())
  return created
}

/** A worker that does to a file what the file's name says. */
const badWorker = async (limits = {}) => {
  const path = join(tempDir(), 'worker.mjs')
  await writeFile(
    path,
    `import { parentPort } from 'node:worker_threads'
     parentPort.on('message', ({ paths: [path] }) => {
       if (path === 'crash') setImmediate(() => { throw new Error('boom') })
       else if (path === 'exit') process.exit(7)
       else if (path === 'hang') for (;;);
       else if (path === 'memory') { const all = []; for (;;) all.push(new Array(1e5).fill(path + all.length)) }
       else parentPort.postMessage({ error: null, value: { type: 'recognize', recognized: [true] } })
     })
     parentPort.postMessage('ready')`,
  )
  let started = 0
  const startWorker = () => {
    started++
    return new Worker(pathToFileURL(path), { resourceLimits: limits })
  }
  return { startWorker, started: () => started }
}

test('a file that crashes, hangs or fills the memory of the reader is an error, and the next one is read', async () => {
  const worker = await badWorker({ maxOldGenerationSizeMb: 32 })
  const patient = reader({ startWorker: worker.startWorker })
  const brief = reader({ startWorker: worker.startWorker, timeoutMs: 3000 })
  for (const [path, fault] of [
    ['crash', 'READER_CRASHED'],
    ['exit', 'READER_CRASHED'],
    ['hang', 'READ_TIMEOUT'],
    ['memory', 'READER_CRASHED'],
  ] as const) {
    const files = path === 'hang' ? brief : patient
    await expect(files.recognize([path])).rejects.toMatchObject({ code: 'FILE_INVALID', details: { fault } })
    expect(await files.recognize(['good'])).toEqual([true])
  }
  // each of the two its first, and one after each fault
  expect(worker.started()).toBe(6)
})

test('questions asked at once are answered one after the other, also after a crash among them', async () => {
  const worker = await badWorker()
  const files = reader({ startWorker: worker.startWorker })
  const answers = await Promise.allSettled(['good', 'crash', 'good'].map((path) => files.recognize([path])))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a worker that does not start blames no file', async () => {
  const files = reader({ startWorker: () => new Worker('throw new Error("no module")', { eval: true }) })
  await expect(files.recognize(['any'])).rejects.toMatchObject({ code: 'INTERNAL' })
})

test('an idle worker gives its memory back and a new one serves the next question', async () => {
  const worker = await badWorker()
  const files = reader({ startWorker: worker.startWorker, idleMs: 1 })
  await files.recognize(['good'])
  await expect.poll(async () => (await files.recognize(['good'])) && worker.started()).toBeGreaterThan(1)
})

describe('who asked does not want it any more', () => {
  /** What it does with a question is in the path; a cancelled one is answered, unless it hangs. */
  const slowWorker = async ({ startMs = 0, cancelMs = 30_000 } = {}) => {
    const path = join(tempDir(), 'slow.mjs')
    await writeFile(
      path,
      `import { parentPort } from 'node:worker_threads'
       let timer
       const said = (message) => parentPort.postMessage(message)
       parentPort.on('message', ({ type, path }) => {
         if (type === 'cancel') { clearTimeout(timer); said({ error: { code: 'CANCELLED', message: 'heard', advice: '' } }) }
         else if (path === 'hang') for (;;);
         else timer = setTimeout(() => said({ error: null, value: { type, examination: null } }), path === 'slow' ? 60_000 : 0)
       })
       setTimeout(() => said('ready'), ${startMs})`,
    )
    return reader({ startWorker: () => new Worker(pathToFileURL(path)), cancelMs })
  }
  const leaving = (afterMs: number) => ({ signal: AbortSignal.timeout(afterMs) })

  test('while the worker starts: the question is not asked', async () => {
    const files = await slowWorker({ startMs: 150 })
    await expect(files.examine('slow', leaving(50))).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await files.examine('quick')).toBe(null)
  })

  test('while another is answered: at once', async () => {
    const files = await slowWorker()
    await files.examine('quick') // it has started, however busy the machine is
    const ending = new AbortController()
    const first = files.examine('slow', { signal: ending.signal })
    await expect(files.examine('quick', leaving(50))).rejects.toMatchObject({ code: 'CANCELLED' })
    ending.abort()
    await expect(first).rejects.toMatchObject({ message: 'heard' })
  })

  test('and the reader does not hear it: it is ended, and the next file is read', async () => {
    const files = await slowWorker({ cancelMs: 100 })
    await files.examine('quick') // it has started
    await expect(files.examine('hang', leaving(200))).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await files.examine('quick')).toBe(null)
  })
})

test('what is asked after the end is refused', async () => {
  const files = reader()
  files.close()
  await expect(files.recognize(['any'])).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('recognises by content, and nothing that is not a regular file', async () => {
  const dir = tempDir()
  const paths = ['gguf', 'text', 'empty', 'missing', 'pipe'].map((name) => join(dir, name))
  await writeFile(join(dir, 'gguf'), Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(20)]))
  await writeFile(join(dir, 'text'), 'GGML is another format')
  await writeFile(join(dir, 'empty'), '')
  execFileSync('mkfifo', [join(dir, 'pipe')])
  expect(await reader().recognize([...paths, dir, '/dev/zero'])).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ])
})

test('every fault of a file has a name', async () => {
  const dir = tempDir()
  await writeFile(join(dir, 'page.gguf'), '<!DOCTYPE html><html>')
  await writeFile(join(dir, 'lfs.gguf'), 'version https://git-lfs.github.com/spec/v1\noid sha256:x\nsize 5\n')
  const files = reader()
  const fault = (path: string) =>
    files.summarize({ files: [{ name: 'x.gguf', path, identity: null }], set: null }).then(
      () => null,
      (error) => [error.code, error.details.fault],
    )
  expect(await fault(join(dir, 'page.gguf'))).toEqual(['FILE_INVALID', 'ERROR_PAGE'])
  expect(await fault(join(dir, 'lfs.gguf'))).toEqual(['FILE_INVALID', 'GIT_LFS_POINTER'])
  expect(await fault(join(dir, 'none.gguf'))).toEqual(['PATH_UNUSABLE', 'FILE_MISSING'])
  expect(await fault(dir)).toEqual(['PATH_UNUSABLE', 'NOT_A_REGULAR_FILE'])
  expect(await fault('/dev/zero')).toEqual(['PATH_UNUSABLE', 'NOT_A_REGULAR_FILE'])
})

test('a file that took the place of the one that was found is not read', async () => {
  const path = join(tempDir(), 'a.gguf')
  await writeFile(path, 'anything')
  const asked = { files: [{ name: 'a.gguf', path, identity: '1:2' }], set: null }
  await expect(reader().summarize(asked)).rejects.toMatchObject({
    code: 'PATH_UNUSABLE',
    message: expect.stringContaining('Another file'),
  })
})
