import {
  link,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Job } from '../../shared/contract/jobs.ts'
import { tempDir } from '../../test/support/tempDir.ts'
import { createArtifactRepository } from '../catalog/artifactRepository.ts'
import { createFolderRepository } from '../catalog/folderRepository.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createJobService } from '../jobs/jobService.ts'
import { startFileWorker } from './fileReader.ts'
import { encodeGgufHeader, type GgufWriteEntry } from './formats/gguf/ggufWriter.ts'
import type { ModelFileSummary } from './formats/modelFile.ts'
import { createLibraryService, type LibraryChange, type LibraryServiceDeps } from './libraryService.ts'

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (fields: object) => expect.fail(JSON.stringify(fields)),
}

const catalog = () => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  onTestFinished(() => void db.close())
  return db
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 2 })

/** A library on a real catalog, with a real worker and real watches. */
const makeLibrary = async (deps: Partial<LibraryServiceDeps> & { db?: Database.Database } = {}) => {
  const root = join(await realpath(tempDir()), 'models')
  await mkdir(root)
  const db = deps.db ?? catalog()
  const jobs = createJobService({
    jobs: createJobRepository(db),
    now: Date.now,
    publish: () => {},
    onBug: (error) => expect.fail(String(error)),
  })
  const finished = new Map<string, Promise<void>>()
  const library = createLibraryService({
    folders: createFolderRepository(db),
    artifacts: createArtifactRepository<ModelFileSummary>(db),
    startWorker: () => startFileWorker(new URL('./fileWorker.ts', import.meta.url)),
    findStores: async () => [],
    runJob: (kind, subject, work) => {
      const run = jobs.run(kind, subject, work)
      finished.set(run.job.job, run.finished)
      return run.job
    },
    now: Date.now,
    log: silent,
    settle: { quietMs: 20, longestMs: 200 },
    ...deps,
  })
  onTestFinished(() => library.close())
  const changes: LibraryChange[] = []
  library.onChange((change) => void changes.push(change))
  /** the job as it ended */
  const ended = async ({ job }: Job): Promise<Job> => {
    await finished.get(job)
    return jobs.list(100).find((other) => other.job === job) ?? expect.fail('the job is gone')
  }
  return {
    root,
    db,
    jobs,
    library,
    changes,
    ended,
    add: async (path = root) => ended((await library.add(path)).job),
    scan: async (path?: string) => Promise.all(library.scan(path).map(ended)),
    keys: () =>
      library
        .artifacts()
        .map(({ key }) => key)
        .sort(),
  }
}

/** A small file that our reader accepts, of one tensor; as a shard when `split` says so. */
const modelBytes = (name: string, split?: { no: number; count: number }): Buffer => {
  const metadata: GgufWriteEntry[] = [
    { key: 'general.architecture', type: 'string', value: 'llama' },
    { key: 'general.name', type: 'string', value: name },
    { key: 'llama.context_length', type: 'uint32', value: 2048 },
  ]
  if (split) {
    metadata.push(
      { key: 'split.no', type: 'uint16', value: split.no },
      { key: 'split.count', type: 'uint16', value: split.count },
      { key: 'split.tensors.count', type: 'int32', value: split.count },
    )
  }
  const tensors = [{ name: `blk.${split?.no ?? 0}.attn_q.weight`, dimensions: [64, 64], type: 'Q8_0' }]
  const header = encodeGgufHeader({ metadata, tensors })
  return Buffer.concat([header.bytes, Buffer.alloc(header.dataBytes)])
}

const put = async (path: string, bytes: Buffer | string = modelBytes('A model')): Promise<string> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  return path
}

test('a folder is scanned when it is added, and what was found has its facts', async () => {
  const { root, library, add } = await makeLibrary()
  const path = await put(join(root, 'org', 'repo', 'tiny-Q8_0.gguf'))
  await put(join(root, 'notes.txt'), 'no model')
  const job = await add()
  expect(job).toMatchObject({ state: 'done', kind: 'scan', subject: root, result: '1 model, 1 read.' })
  expect(library.artifacts()).toMatchObject([
    { key: 'tiny-Q8_0', path, name: 'A model', format: 'GGUF', architecture: 'llama', error: null },
  ])
  expect(library.artifact('tiny-Q8_0')?.summary).toMatchObject({ contextLength: 2048, role: 'llm' })
  expect(library.list()).toMatchObject([{ path: root, state: 'ok', artifacts: 1, reason: null }])
  expect(library.list()[0]?.sizeBytes).toBe((await readFile(path)).length)
})

test('the file of a folder adds the folder; twice, or a part of it, is refused; a folder around it takes its place', async () => {
  const { root, library, ended, keys } = await makeLibrary()
  const inner = join(root, 'inner')
  await put(join(inner, 'deep', 'a.gguf'))
  await put(join(root, 'b.gguf'))
  const { folder, job } = await library.add(join(inner, 'deep', 'a.gguf'))
  expect(folder.path).toBe(join(inner, 'deep'))
  await ended(job)
  await expect(library.add(join(inner, 'deep'))).rejects.toMatchObject({ code: 'FOLDER_EXISTS' })
  await ended((await library.add(root)).job)
  expect(library.list().map(({ path }) => path)).toEqual([root])
  expect(keys()).toEqual(['a', 'b'])
  await expect(library.add(inner)).rejects.toMatchObject({
    code: 'FOLDER_EXISTS',
    message: expect.stringContaining(`a part of ${root}`),
  })
  await expect(library.add('models')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
})

test('taking a folder out takes its models out and leaves the files', async () => {
  const { root, library, add, keys, changes } = await makeLibrary()
  const path = await put(join(root, 'a.gguf'))
  await add()
  await library.remove(`${root}/`)
  expect(keys()).toEqual([])
  expect(library.list()).toEqual([])
  expect(changes).toContainEqual({ changed: [], removed: ['a'] })
  expect((await readFile(path)).length).toBeGreaterThan(0)
  await expect(library.remove(root)).rejects.toMatchObject({ code: 'FOLDER_NOT_FOUND' })
  expect(() => library.scan(root)).toThrow(expect.objectContaining({ code: 'FOLDER_NOT_FOUND' }))
})

test('the catalog survives a restart, and nothing that did not change is read again', async () => {
  const first = await makeLibrary()
  await put(join(first.root, 'a.gguf'))
  await put(join(first.root, 'broken.gguf'), 'no model at all, but some text')
  await first.add()
  await first.library.close()
  const second = await makeLibrary({ db: first.db })
  expect(second.keys()).toEqual(['a', 'broken'])
  const [job] = await second.scan(first.root)
  expect(job?.result).toBe('2 models, nothing changed, 1 broken.')
})

test('a broken file stays listed with the reason', async () => {
  const { root, library, add, jobs } = await makeLibrary()
  const whole = modelBytes('Whole')
  await put(join(root, 'cut.gguf'), whole.subarray(0, whole.length - 100))
  await put(join(root, 'empty.gguf'), '')
  await put(join(root, 'good.gguf'), whole)
  await put(join(root, 'page.gguf'), '<!DOCTYPE html><html><body>Not found')
  const job = await add()
  expect(job.result).toBe('4 models, 4 read, 3 broken.')
  expect(jobs.list(1)[0]?.state).toBe('done')
  expect(library.artifacts().map(({ key, error }) => [key, error?.code ?? null])).toEqual([
    ['cut', 'DATA_TRUNCATED'],
    ['empty', 'TOO_SHORT'],
    ['good', null],
    ['page', 'ERROR_PAGE'],
  ])
  const details = await library.details('page')
  expect(details.warnings[0]).toContain('web page')
  expect(details.files).toEqual([{ path: join(root, 'page.gguf'), sizeBytes: 36 }])
})

test('a file cut at any byte is broken or well, never a failed scan', async () => {
  const { root, library, add } = await makeLibrary()
  const whole = modelBytes('Whole')
  const cuts = Array.from({ length: 400 }, (_, cut) => cut)
  for (const cut of cuts) await put(join(root, `${cut}.gguf`), whole.subarray(0, cut))
  const job = await add()
  expect(job).toMatchObject({ state: 'done', result: '400 models, 400 read, 400 broken.' })
  expect(library.artifacts().every(({ error }) => error && error.code !== 'READER_FAILED')).toBe(true)
})

test('shards are one model; a missing one is named, and found when it comes', async () => {
  const { root, library, add, scan, keys } = await makeLibrary()
  const name = (no: number) => join(root, `big-0000${no}-of-00003.gguf`)
  for (const no of [1, 3]) await put(name(no), modelBytes('Big', { no: no - 1, count: 3 }))
  await add()
  expect(keys()).toEqual(['big'])
  expect(library.artifact('big')?.error).toEqual({
    code: 'BAD_SHARD_SET',
    message: '1 of 3 parts are missing: big-00002-of-00003.gguf.',
  })
  await put(name(2), modelBytes('Big', { no: 1, count: 3 }))
  await scan()
  const big = library.artifact('big')
  expect(big).toMatchObject({ error: null, path: name(1), summary: { tensorCount: 3 } })
  expect(big?.files.map(({ path }) => path)).toEqual([name(1), name(2), name(3)])
  expect(library.list()[0]?.sizeBytes).toBe(big?.files.reduce((sum, file) => sum + file.sizeBytes, 0))
  const details = await library.details('big')
  expect(details.tensorTypes).toEqual([{ type: 'Q8_0', tensors: 3, bytes: 3 * 64 * 68 }])
  await rm(name(1))
  await scan()
  expect(keys()).toEqual(['big'])
  expect(library.artifact('big')?.error?.message).toContain('big-00001-of-00003.gguf')
})

test('one file under several names is one model', async () => {
  const { root, library, add } = await makeLibrary()
  const blob = await put(join(root, 'blobs', 'c'.repeat(64)))
  await mkdir(join(root, 'snapshots', '1'), { recursive: true })
  await symlink(blob, join(root, 'snapshots', '1', 'linked.gguf'))
  await link(blob, join(root, 'hard.gguf'))
  await put(join(root, 'blobs', 'd'.repeat(64)), 'a licence, stored under its digest')
  await put(join(root, 'unnamed'))
  await put(join(root, 'README'), 'text of more than twenty-four bytes')
  await add()
  expect(library.artifacts().map(({ path }) => path.slice(root.length + 1))).toEqual(['hard.gguf', 'unnamed'])
})

test('two files of one name have two keys, and keep them', async () => {
  const { root, add, scan, keys, library } = await makeLibrary()
  await put(join(root, 'b', 'model.gguf'), modelBytes('B'))
  await add()
  await put(join(root, 'a', 'model.gguf'), modelBytes('A'))
  await put(join(root, 'MODEL.GGUF'), modelBytes('C'))
  await scan()
  expect(keys()).toEqual(['MODEL', 'a/model', 'model'])
  expect(library.artifact('model')?.name).toBe('B')
})

test('a file that moves to another folder keeps its key, one that is renamed has a new one', async () => {
  const { root, add, scan, keys, library } = await makeLibrary()
  await put(join(root, 'one', 'a.gguf'))
  await add()
  await mkdir(join(root, 'two'))
  await rename(join(root, 'one', 'a.gguf'), join(root, 'two', 'a.gguf'))
  await scan()
  expect(library.artifact('a')?.path).toBe(join(root, 'two', 'a.gguf'))
  await rename(join(root, 'two', 'a.gguf'), join(root, 'two', 'b.gguf'))
  await scan()
  expect(keys()).toEqual(['b'])
})

test('a thousand small files are scanned, and scanned again without reading one', async () => {
  const { root, library, add, scan } = await makeLibrary()
  const bytes = modelBytes('Small')
  for (let n = 0; n < 1000; n++) await put(join(root, `folder${n % 50}`, `${n}.gguf`), bytes)
  const job = await add()
  expect(job.result).toBe('1,000 models, 1,000 read.')
  expect(library.list()[0]?.artifacts).toBe(1000)
  const [again] = await scan()
  expect(again?.result).toBe('1,000 models, nothing changed.')
})

test('a scan that is cancelled keeps what it found', async () => {
  const { root, library, jobs, ended } = await makeLibrary()
  for (let n = 0; n < 300; n++) await put(join(root, `${n}.gguf`))
  const { job } = await library.add(root)
  await until(() => expect(library.artifacts().length).toBeGreaterThan(0))
  await jobs.cancel(job.job)
  expect(await ended(job)).toMatchObject({ state: 'cancelled' })
  const found = library.artifacts().length
  expect(found).toBeGreaterThan(0)
  expect(found).toBeLessThan(300)
  expect(library.list()[0]?.state).toBe('ok')
})

test('asking for a scan that is under way joins it', async () => {
  const { root, library, ended } = await makeLibrary()
  const { job } = await library.add(root)
  expect(library.scan(root)).toEqual([job])
  await ended(job)
  expect(library.scan(root)[0]?.job).not.toBe(job.job)
})

test('a disk that is unplugged keeps its models, and comes back', async () => {
  const { root, library, add, keys, ended } = await makeLibrary({ lookoutMs: 10 })
  await put(join(root, 'a.gguf'))
  await add()
  library.start()
  await rename(root, `${root}-unplugged`)
  await until(() => expect(library.list()[0]).toMatchObject({ state: 'missing', watched: false }))
  expect(library.list()[0]?.reason).toContain('There is no')
  expect(keys()).toEqual(['a'])
  const job = await Promise.all(library.scan(root).map(ended))
  expect(job).toMatchObject([{ state: 'failed', error: { code: 'PATH_UNUSABLE' } }])
  await expect(library.details('a')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await rename(`${root}-unplugged`, root)
  await put(join(root, 'b.gguf'))
  await until(() => expect(library.list()[0]).toMatchObject({ state: 'ok', reason: null, artifacts: 2 }))
})

test('a folder that is replaced by another of its name is watched anew', async () => {
  const { root, library, add, keys } = await makeLibrary({ lookoutMs: 10 })
  await add()
  library.start()
  await until(() => expect(library.list()[0]?.watched).toBe(true))
  await rename(root, `${root}-old`)
  await put(join(root, 'a.gguf'))
  await until(() => expect(keys()).toEqual(['a']))
  await until(() => expect(library.list()[0]).toMatchObject({ state: 'ok', watched: true }))
  await put(join(root, 'b.gguf'))
  await until(() => expect(keys()).toEqual(['a', 'b']))
})

test('the empty place where a disk was mounted is not taken for a folder that someone emptied', async () => {
  const first = await makeLibrary()
  await put(join(first.root, 'a.gguf'))
  await first.add()
  await first.library.close()
  await rm(join(first.root, 'a.gguf'))
  const { library, scan, keys } = await makeLibrary({ db: first.db })
  library.start()
  await until(() => expect(library.list()[0]?.state).toBe('missing'))
  expect(library.list()[0]?.reason).toContain('is empty')
  expect(keys()).toEqual(['a'])
  await scan(first.root) // a person says: look, it is so
  expect(keys()).toEqual([])
  expect(library.list()[0]?.state).toBe('ok')
})

test('files that come, change and go while it runs are noticed', async () => {
  const { root, library, add, keys } = await makeLibrary()
  await add()
  await until(() => expect(library.list()[0]?.watched).toBe(true))
  await put(join(root, 'new', 'folder', 'a.gguf'))
  await until(() => expect(keys()).toEqual(['a']))
  await put(join(root, 'new', 'folder', 'a.gguf'), modelBytes('Another name, another size'))
  await until(() => expect(library.artifact('a')?.name).toBe('Another name, another size'))
  await rename(join(root, 'new'), join(root, 'renamed'))
  await until(() => expect(library.artifact('a')?.path).toBe(join(root, 'renamed', 'folder', 'a.gguf')))
  await rm(join(root, 'renamed'), { recursive: true })
  await until(() => expect(keys()).toEqual([]))
})

test('a disk that refuses to be watched says why and is scanned on demand', async () => {
  const refuse = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
  const { root, library, add, scan, keys } = await makeLibrary({
    watch: refuse,
    log: { ...silent, warn: () => {} },
  })
  await add()
  await until(() => expect(library.list()[0]?.reason).toContain('fs.inotify.max_user_watches'))
  expect(library.list()[0]).toMatchObject({ state: 'ok', watched: false })
  await put(join(root, 'a.gguf'))
  await scan()
  expect(keys()).toEqual(['a'])
})

test('a file that grows is read when it is quiet', async () => {
  const { root, library, add, changes } = await makeLibrary({ settle: { quietMs: 2500, longestMs: 60_000 } })
  await add()
  await until(() => expect(library.list()[0]?.watched).toBe(true))
  const bytes = modelBytes('Download')
  const path = join(root, 'download.gguf')
  const handle = await open(path, 'w')
  for (let at = 0; at < bytes.length; at += 500) await handle.write(bytes, at, Math.min(500, bytes.length - at))
  await handle.close()
  await until(() => expect(library.artifact('download')?.error).toBeNull())
  expect(changes.filter((change) => change !== 'folders')).toEqual([{ changed: ['download'], removed: [] }])
})

test('details name the source of each fact', async () => {
  const { root, library, add } = await makeLibrary()
  await put(join(root, 'a.gguf'))
  await add()
  const { groups, metadata, chatTemplate } = await library.details('a')
  const facts = groups.flatMap((group) => group.facts)
  expect(facts).toContainEqual({ label: 'Context length', value: '2,048 tokens', source: 'llama.context_length' })
  expect(facts).toContainEqual({ label: 'Name', value: 'A model', source: 'general.name' })
  expect(facts).toContainEqual({ label: 'Path', value: join(root, 'a.gguf'), source: 'file system' })
  expect(facts).toContainEqual({ label: 'Parameters', value: '4,096', source: 'tensor table' })
  expect(metadata).toContainEqual({ key: 'llama.context_length', type: 'uint32', value: '2048' })
  expect(chatTemplate).toBeNull()
  await expect(library.details('none')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('a file that changed since it was scanned is read again before it may be loaded', async () => {
  const { root, library, add } = await makeLibrary({ settle: { quietMs: 60_000, longestMs: 60_000 } })
  const path = await put(join(root, 'a.gguf'))
  await add()
  expect((await library.verify('a')).name).toBe('A model')
  await put(path, modelBytes('Changed'))
  expect((await library.verify('a')).name).toBe('Changed')
  await truncate(path, 500)
  await expect(library.verify('a')).rejects.toMatchObject({ code: 'FILE_INVALID' })
  await rm(path)
  await expect(library.verify('a')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
})

test('a link that was turned to a private file after the scan is not read', async () => {
  const { root, library, add } = await makeLibrary({ settle: { quietMs: 60_000, longestMs: 60_000 } })
  const blob = await put(join(root, 'blobs', 'e'.repeat(64)))
  await symlink(blob, join(root, 'a.gguf'))
  await add()
  const secret = await put(join(dirname(root), 'private.gguf'), modelBytes('Private'))
  await rm(join(root, 'a.gguf'))
  await symlink(secret, join(root, 'a.gguf'))
  await expect(library.details('a')).rejects.toMatchObject({
    code: 'PATH_UNUSABLE',
    message: expect.stringContaining('leads out'),
  })
  await expect(library.verify('a')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
})

test('a file that only got another date is read again, and is the same model', async () => {
  const { root, library, add, scan } = await makeLibrary()
  const path = await put(join(root, 'a.gguf'))
  await add()
  await utimes(path, 1, 1)
  const [job] = await scan()
  expect(job?.result).toBe('1 model, 1 read.')
  expect(library.artifact('a')?.modifiedAt).toBe(1000)
})

test('a catalog that cannot be written fails the scan with its reason and leaves the list as it is', async () => {
  const { root, library, db, add, scan } = await makeLibrary()
  await add()
  const pages = db.pragma('page_count', { simple: true })
  db.pragma(`max_page_count = ${pages}`)
  for (let n = 0; n < 200; n++) await put(join(root, `${n}.gguf`))
  const [job] = await scan()
  expect(job).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } })
  expect(library.artifacts().length).toBe(Number(db.prepare('SELECT count(*) FROM artifact').pluck().get()))
  db.pragma('max_page_count = 1000000')
  expect((await scan())[0]?.state).toBe('done')
  expect(library.artifacts().length).toBe(200)
})
