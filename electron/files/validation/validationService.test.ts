import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FileRow, ReportEvent } from '../../../shared/contract/files.ts'
import type { Job } from '../../../shared/contract/jobs.ts'
import { tempDir } from '../../../test/support/tempDir.ts'
import { openCatalog } from '../../catalog/database.ts'
import { createFileRepository } from '../../catalog/fileRepository.ts'
import { createJobRepository } from '../../catalog/jobRepository.ts'
import { createJobService } from '../../jobs/jobService.ts'
import { startFileWorker } from '../fileReader.ts'
import { checkOf } from '../formats/findings.ts'
import { createValidationService } from './validationService.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/gguf/${name}`, import.meta.url))
const never = new AbortController().signal

const open = (dataDir = tempDir()) => {
  const catalog = openCatalog({ dataDir, now: Date.now, uncleanStart: false })
  const finished = new Map<string, Promise<void>>()
  const published: FileRow[] = []
  const removed: string[] = []
  const bugs: unknown[] = []
  const jobs = createJobService({
    jobs: createJobRepository(catalog.db),
    now: Date.now,
    publish: () => {},
    onBug: (error) => bugs.push(error),
  })
  const service = createValidationService({
    files: createFileRepository(catalog.db),
    startWorker: () => startFileWorker(new URL('../fileWorker.ts', import.meta.url)),
    runJob: (kind, subject, work) => {
      const run = jobs.run(kind, subject, work)
      finished.set(run.job.job, run.finished)
      return run.job
    },
    fit: (summary) => [checkOf('fit', 'passed', 'fits', `${summary.dataBytes} bytes fit.`)],
    publish: (changed, gone) => {
      published.push(...changed)
      removed.push(...gone)
    },
    now: Date.now,
  })
  const close = async () => {
    await jobs.close()
    service.close()
    if (catalog.db.open) catalog.close()
  }
  onTestFinished(close)
  const end = async (job: Job): Promise<Job> => {
    await finished.get(job.job)
    return jobs.list(10).find((one) => one.job === job.job) ?? job
  }
  return {
    service,
    published,
    removed,
    close,
    end,
    jobs,
    bugs,
    db: catalog.db,
    dataDir,
    validate: (path: string) => service.validate(path, 'r1', never),
  }
}

/** A folder with one whole model, a cut one, a page saved as a model, and something beside them. */
const library = (): string => {
  const folder = tempDir()
  copyFileSync(fixture('llama-q5_0.gguf'), join(folder, 'good.gguf'))
  copyFileSync(fixture('llama-q5_0.gguf'), join(folder, 'cut.gguf'))
  truncateSync(join(folder, 'cut.gguf'), 9_000)
  writeFileSync(join(folder, 'page.gguf'), '<!DOCTYPE html><html><body>Please sign in</body></html>')
  writeFileSync(join(folder, 'README.md'), '# A model')
  return folder
}

describe('one file', () => {
  it('a whole model passes, with facts, sources, hashes and the request’s id', async () => {
    const { validate } = open()
    const report = await validate(fixture('llama-q5_0.gguf'))
    expect(report).toMatchObject({
      requestId: 'r1',
      kind: 'file',
      label: 'GGUF language model',
      isValid: true,
      verdict: 'ok',
      issues: [],
      metadata: {
        format: 'GGUF',
        architecture: 'llama',
        parameterCount: 19_776,
        tensorCount: 20,
        quantization: 'Q5_0',
        contextLength: 512,
        license: 'mit',
      },
      content: { sha256: null, known: null, matches: null },
    })
    expect(new Set(report.checks.map(({ rung }) => rung))).toEqual(
      new Set(['identity', 'structure', 'meaning', 'safety', 'fit']),
    )
    expect(report.facts.flatMap(({ facts }) => facts).every(({ source }) => source !== '')).toBe(true)
  })

  it('a cut download is broken and says what is missing', async () => {
    const { validate } = open()
    const report = await validate(join(library(), 'cut.gguf'))
    expect(report).toMatchObject({ isValid: false, verdict: 'broken' })
    expect(report.issues[0]).toMatchObject({ outcome: 'broken', code: 'data-truncated', rung: 'structure' })
  })

  it('a web page under a model’s name is called one', async () => {
    const { validate } = open()
    const report = await validate(join(library(), 'page.gguf'))
    expect(report.isValid).toBe(false)
    expect(report.label).toMatch(/page/)
  })

  it('comes rung by rung, in the order of the ladder, and as a whole at the end', async () => {
    const { service } = open()
    const events: ReportEvent[] = []
    for await (const event of await service.watch(fixture('llama-q5_0.gguf'), 'r', never)) events.push(event)
    expect(events.map((event) => (event.type === 'rung' ? event.rung : event.type))).toEqual([
      'identity',
      'structure',
      'meaning',
      'safety',
      'structure', // the values
      'fingerprint',
      'fit',
      'report',
    ])
  })

  it('shards are one model, whichever of them is given', async () => {
    const { validate } = open()
    const report = await validate(fixture('sharded-00002-of-00003.gguf'))
    expect(report).toMatchObject({ kind: 'set', verdict: 'ok', metadata: { tensorCount: 20 } })
    expect(report.files).toHaveLength(3)
  })

  it('shards of safetensors are one model too, with their index', async () => {
    const folder = fileURLToPath(new URL('../../../test/fixtures/safetensors/', import.meta.url))
    const report = await open().validate(join(folder, 'model-00002-of-00003.safetensors'))
    expect(report).toMatchObject({ kind: 'set', verdict: 'ok' })
    expect(report.files.map((file) => basename(file.path))).toEqual([
      'model-00001-of-00003.safetensors',
      'model-00002-of-00003.safetensors',
      'model-00003-of-00003.safetensors',
      'model.safetensors.index.json',
    ])
  })

  it('a set with a missing part is broken and names it', async () => {
    const folder = tempDir()
    for (const n of [1, 3])
      copyFileSync(fixture(`sharded-0000${n}-of-00003.gguf`), join(folder, `m-0000${n}-of-00003.gguf`))
    const report = await open().validate(join(folder, 'm-00001-of-00003.gguf'))
    expect(report.verdict).toBe('broken')
    expect(report.issues[0]?.message).toContain('m-00002-of-00003.gguf')
  })

  it('nothing, a relative path and a socket are refused by name', async () => {
    const { validate } = open()
    await expect(validate('/nowhere/at/all.gguf')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    await expect(validate('relative.gguf')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    await expect(validate('/dev/null')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    await expect(validate('/proc')).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  })

  it('a link that a person chose is followed', async () => {
    const folder = tempDir()
    symlinkSync(fixture('llama-q5_0.gguf'), join(folder, 'link.gguf'))
    expect(await open().validate(join(folder, 'link.gguf'))).toMatchObject({
      verdict: 'ok',
      path: join(folder, 'link.gguf'),
    })
  })
})

describe('a folder', () => {
  it('answers one report over everything in it, worst first', async () => {
    const folder = library()
    const report = await open().validate(folder)
    expect(report).toMatchObject({ kind: 'collection', isValid: false, verdict: 'broken' })
    expect(report.members).toMatchObject({ ok: 1 })
    expect(report.issues.map(({ evidence }) => evidence?.file)).toEqual(
      expect.arrayContaining(['cut.gguf', 'page.gguf']),
    )
  })

  it('as a job, leaves side files out, skips what did not change, and forgets what is gone', async () => {
    const { service, end, removed } = open()
    const folder = library()
    expect((await end(await service.batch(folder))).result).toBe('3 files, 3 validated, 1 other file left out.')
    expect((await end(await service.batch(folder))).result).toBe('3 files, nothing changed, 1 other file left out.')
    rmSync(join(folder, 'page.gguf'))
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(folder, 'good.gguf'), later, later)
    expect((await end(await service.batch(folder))).result).toBe('2 files, 1 validated, 1 gone, 1 other file left out.')
    expect(removed).toEqual([join(folder, 'page.gguf')])
    expect(await service.list({ verdict: 'broken' })).toMatchObject({ total: 1, verdicts: { ok: 1, broken: 1 } })
  })

  it('keeps what is there and was looked into by itself: a side file, a second name, what a link leads out to', async () => {
    const { service, end, removed, validate } = open()
    const folder = library()
    linkSync(join(folder, 'good.gguf'), join(folder, 'second name.gguf'))
    symlinkSync(fixture('bert.gguf'), join(folder, 'elsewhere.gguf'))
    for (const name of ['README.md', 'second name.gguf', 'elsewhere.gguf']) await validate(join(folder, name))
    await end(await service.batch(folder))
    expect(removed).toEqual([])
    writeFileSync(join(folder, 'README.md'), '<!DOCTYPE html><html>')
    await end(await service.batch(folder))
    expect((await service.report(join(folder, 'README.md'))).label).not.toMatch(/text/)
  })

  it('a folder that is no model any more leaves the list', async () => {
    const { service, end, removed } = open()
    const folder = tempDir()
    const model = join(folder, 'model')
    mkdirSync(model)
    writeFileSync(join(model, 'config.json'), '{"model_type":"llama","architectures":["LlamaForCausalLM"]}')
    writeFileSync(join(model, 'model.safetensors'), 'cut')
    await end(await service.batch(folder))
    expect(await service.report(model)).toMatchObject({ kind: 'folder' })
    rmSync(join(model, 'config.json'))
    await end(await service.batch(folder))
    expect(removed).toEqual([model])
  })

  it('what came to a model’s folder is noticed, whatever its date', async () => {
    const { service, end } = open()
    const folder = tempDir()
    writeFileSync(join(folder, 'config.json'), '{"model_type":"llama","architectures":["LlamaForCausalLM"]}')
    writeFileSync(join(folder, 'model.safetensors'), 'cut')
    const look = async () => (await end(await service.batch(folder))).result
    expect(await look()).toBe('1 file, 1 validated.')
    expect(await look()).toBe('1 file, nothing changed.')
    await setTimeout(20)
    writeFileSync(join(folder, 'modeling_llama.py'), 'import os')
    utimesSync(join(folder, 'modeling_llama.py'), 1, 1)
    expect(await look()).toBe('1 file, 1 validated.')
    expect(await look()).toBe('1 file, nothing changed.')
  })

  it('a date that is still to come is no change', async () => {
    const { service, end } = open()
    const folder = tempDir()
    copyFileSync(fixture('llama-q5_0.gguf'), join(folder, 'a.gguf'))
    utimesSync(join(folder, 'a.gguf'), 4e9, 4e9)
    await end(await service.batch(folder))
    expect((await end(await service.batch(folder))).result).toBe('1 file, nothing changed.')
  })

  it('what is validated while the disk is read does not leave the list', async () => {
    const { service, end, removed, validate } = open()
    const folder = tempDir()
    for (let n = 0; n < 200; n++) mkdirSync(join(folder, `${n}`, 'deep'), { recursive: true })
    writeFileSync(join(folder, 'other.gguf'), 'x')
    const job = await service.batch(folder)
    const paths = Array.from({ length: 20 }, (_, n) => join(folder, `${n * 10}`, 'new.gguf'))
    for (const path of paths) {
      writeFileSync(path, path)
      await validate(path)
    }
    await end(job)
    expect(removed).toEqual([])
  })

  it('a batch that cannot write what it found ends, and all of it', async () => {
    const { service, end, db, bugs } = open()
    const folder = tempDir()
    for (let n = 0; n < 200; n++) writeFileSync(join(folder, `${n}.gguf`), `not a model ${n}`)
    const job = await service.batch(folder)
    db.exec("CREATE TRIGGER full BEFORE INSERT ON place BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
    expect(await end(job)).toMatchObject({ state: 'failed', error: { message: 'the disk is full' } })
    expect(service.isBusy()).toBe(false)
    expect(bugs).toHaveLength(1)
    db.exec('DROP TRIGGER full')
    await setTimeout(300)
    expect((await service.list({})).total).toBe(0)
  })

  it.skipIf(process.getuid?.() === 0)('that may not be read says so, alone and as a batch', async () => {
    const { service, end, validate } = open()
    const folder = tempDir()
    chmodSync(folder, 0)
    onTestFinished(() => chmodSync(folder, 0o700))
    await expect(validate(folder)).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
    expect(await end(await service.batch(folder))).toMatchObject({ state: 'failed', error: { code: 'PATH_UNUSABLE' } })
  })

  it('of more files than any model has is a folder of other things', async () => {
    const { validate } = open()
    const folder = tempDir()
    for (let n = 0; n <= 20_000; n++) writeFileSync(join(folder, `${n}.txt`), '')
    copyFileSync(fixture('llama-q5_0.gguf'), join(folder, 'a.gguf'))
    expect(await validate(folder)).toMatchObject({ kind: 'collection', verdict: 'ok', members: { ok: 1 } })
  }, 120_000)

  it('that goes away before its job begins is no bug', async () => {
    const { service, end, bugs } = open()
    const folder = tempDir()
    const job = service.batch(folder)
    rmSync(folder, { recursive: true })
    const ended = await job.then(end, (error: { code: string }) => ({ error }))
    expect(ended).toMatchObject({ error: { code: 'PATH_UNUSABLE' } })
    expect(bugs).toEqual([])
  })

  it('that is one model is looked into without the files that cannot be', async () => {
    const { validate } = open()
    const folder = tempDir()
    writeFileSync(join(folder, 'config.json'), '{"model_type":"llama","architectures":["LlamaForCausalLM"]}')
    writeFileSync(join(folder, 'model.safetensors'), 'cut')
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const private_ = join(folder, 'notes.bin')
    writeFileSync(private_, 'x')
    chmodSync(private_, 0)
    const { kind, files, checks, content } = await validate(folder)
    expect(kind).toBe('folder')
    expect(content).not.toBeNull()
    const isRoot = process.getuid?.() === 0
    expect(files.map(({ path }) => basename(path))).toEqual([
      'config.json',
      'model.safetensors',
      ...(isRoot ? ['notes.bin'] : []),
    ])
    expect(checks.filter(({ code }) => code === 'not-readable')).toHaveLength(isRoot ? 0 : 1)
  })

  it('a cancelled job keeps what it has done', async () => {
    const { service, end, jobs } = open()
    const folder = tempDir()
    for (let n = 0; n < 300; n++) writeFileSync(join(folder, `${n}.gguf`), `not a model ${n}`)
    const job = await service.batch(folder)
    await expect.poll(async () => (await service.list({})).total).toBeGreaterThan(0)
    await jobs.cancel(job.job)
    expect((await end(job)).state).toBe('cancelled')
    const { total } = await service.list({})
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThan(300)
  })
})

describe('reports and labels outlive', () => {
  it('a restart', async () => {
    const first = open()
    const path = join(library(), 'good.gguf')
    const report = await first.validate(path)
    await first.service.label([path], { name: 'My llama', addTags: ['small'] })
    await first.close()
    const second = open(first.dataDir)
    expect(await second.service.report(path)).toEqual(report)
    const { files } = await second.service.list({ search: 'my small' })
    expect(files).toMatchObject([{ path, labels: { name: 'My llama', tags: ['small'] } }])
  })

  it('a rename and a move', async () => {
    const { service, validate } = open()
    const folder = library()
    const path = join(folder, 'good.gguf')
    await service.label([path], { notes: 'mine', rating: 5 })
    mkdirSync(join(folder, 'deeper'))
    const moved = join(folder, 'deeper', 'other name.gguf')
    renameSync(path, moved)
    await validate(moved)
    expect((await service.list({ search: 'other name' })).files).toMatchObject([
      { labels: { notes: 'mine', rating: 5 } },
    ])
  })

  it('a report that was never made is not invented', async () => {
    await expect(open().service.report('/m/never.gguf')).rejects.toMatchObject({ code: 'FILE_NOT_KNOWN' })
  })
})

describe('labels', () => {
  it('any form of a path is the path', async () => {
    const { service } = open()
    const folder = library()
    const odd = `${folder}//none/../good.gguf`
    expect(await service.label([odd], { name: 'Mine' })).toMatchObject([{ path: join(folder, 'good.gguf') }])
    expect(await service.report(odd)).toMatchObject({ path: join(folder, 'good.gguf') })
    expect((await service.list({ below: `${folder}//` })).total).toBe(1)
    expect(await service.forget([odd])).toBe(1)
  })

  it('belong to the bytes that lie there now, not to those of the last report', async () => {
    const { service, validate } = open()
    const path = join(library(), 'good.gguf')
    await validate(path)
    copyFileSync(fixture('bert.gguf'), path)
    await service.label([path], { name: 'The new one' })
    await validate(path)
    expect((await service.list({})).files).toMatchObject([{ architecture: 'bert', labels: { name: 'The new one' } }])
  })

  it('are written for a file whose disk is away', async () => {
    const { service, validate } = open()
    const folder = library()
    const path = join(folder, 'good.gguf')
    await validate(path)
    renameSync(path, join(folder, 'away.gguf'))
    await service.label([path], { name: 'Mine' })
    await validate(join(folder, 'away.gguf'))
    expect((await service.list({ search: 'away' })).files).toMatchObject([{ labels: { name: 'Mine' } }])
  })
})

describe('copies of one file', () => {
  it('have reports of their own: in each folder other files lie beside them', async () => {
    const { service, validate } = open()
    const [whole, alone] = [tempDir(), tempDir()]
    for (const name of ['00001-of-00003', '00002-of-00003', '00003-of-00003'])
      copyFileSync(fixture(`sharded-${name}.gguf`), join(whole, `m-${name}.gguf`))
    const name = 'm-00001-of-00003.gguf'
    copyFileSync(join(whole, name), join(alone, name))
    const first = await validate(join(whole, name))
    const second = await validate(join(alone, name))
    expect(second.verdict).not.toBe(first.verdict)
    expect(await service.report(join(whole, name))).toEqual(first)
    expect(await service.report(join(alone, name))).toEqual(second)
  })

  it('are each compared with what is known of them', async () => {
    const { service, validate } = open()
    const folder = library()
    const path = join(folder, 'good.gguf')
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    const copy = join(folder, 'copy.gguf')
    copyFileSync(path, copy)
    const records = join(folder, '.cache/huggingface/download')
    mkdirSync(records, { recursive: true })
    const record = (name: string, digest: string) =>
      writeFileSync(join(records, `${name}.metadata`), `${'c'.repeat(40)}\n${digest}\n${Date.now() / 1000 + 60}\n`)
    record('good.gguf', sha256)
    record('copy.gguf', '0'.repeat(64))
    const { files } = await validate(path)
    const other = await validate(copy)
    service.files.setHashes([
      { path, files, sha256, rotted: false, at: 1 },
      { path: copy, files: other.files, sha256, rotted: false, at: 1 },
    ])
    const good = await service.report(path)
    expect(good).toMatchObject({ verdict: 'ok', isValid: true, content: { matches: true } })
    expect(good.checks.at(-1)).toMatchObject({ rung: 'provenance', outcome: 'passed', code: 'known' })
    const bad = await service.report(copy)
    expect(bad).toMatchObject({ verdict: 'broken', isValid: false, content: { matches: false } })
    expect(bad.issues[0]).toMatchObject({ rung: 'provenance', outcome: 'broken', code: 'differs' })
    expect((await service.list({ verdict: 'broken' })).files).toMatchObject([
      { path: copy, matches: false, worstIssue: bad.issues[0]?.message },
    ])
    expect(JSON.parse((await service.export(copy, 'json')).text).verdict).toBe('broken')
  })
})

describe('who goes away', () => {
  it('leaves nothing behind that fails later, wherever it was', async () => {
    const { service, bugs } = open()
    const folder = library()
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    for (let events = 0; events < 8; events++) {
      const heard: string[] = []
      for await (const { type } of await service.watch(join(folder, 'good.gguf'), 'r', never)) {
        heard.push(type)
        if (heard.length > events) break
      }
    }
    await setTimeout(200)
    expect([unhandled, bugs]).toEqual([[], []])
  })
})

describe('more about a file', () => {
  it('its tensors, searched and by page', async () => {
    const { service } = open()
    const path = fixture('llama-q5_0.gguf')
    const all = await service.tensors(path, {})
    expect(all.total).toBe(20)
    expect(all.tensors.find(({ name }) => name === 'token_embd.weight')).toMatchObject({ shape: [37, 32] })
    const found = await service.tensors(path, { search: 'ATTN_Q', limit: 1, offset: 1 })
    expect(found).toMatchObject({ total: 2, tensors: [{ name: 'blk.1.attn_q.weight' }] })
    await expect(service.tensors(join(library(), 'page.gguf'), {})).rejects.toMatchObject({ code: 'FILE_INVALID' })
  })

  it('how it differs from another', async () => {
    const { service } = open()
    const same = await service.compare(fixture('llama-q5_0.gguf'), fixture('sharded-00001-of-00003.gguf'))
    expect(same.tensors).toMatchObject({ same: 20, changed: 0, onlyLeft: 0, onlyRight: 0, rows: [] })
    expect(same.template).toEqual([])
    const other = await service.compare(fixture('llama-q5_0.gguf'), fixture('bert.gguf'))
    expect(other.facts.find(({ key }) => key === 'Architecture')).toMatchObject({ left: 'llama', right: 'bert' })
    expect(other.tensors.onlyLeft).toBeGreaterThan(0)
  })

  it('its report as a document', async () => {
    const { service, validate } = open()
    const path = fixture('llama-q5_0.gguf')
    const report = await validate(path)
    const json = await service.export(path, 'json')
    expect(JSON.parse(json.text)).toEqual(report)
    expect(await service.export(path, 'html')).toMatchObject({
      fileName: 'llama-q5_0.gguf.report.html',
      mediaType: 'text/html',
    })
  })
})

describe('a copy with other metadata', () => {
  it('is written, verified and validated; the file itself stays as it is', async () => {
    const { service, end, validate } = open()
    const folder = library()
    const path = join(folder, 'good.gguf')
    const before = await validate(path)
    const target = join(folder, 'renamed.gguf')
    const job = await end(
      await service.writeMetadata({
        path,
        target,
        changes: [
          { key: 'general.name', value: 'Other' },
          { key: 'general.license', value: null },
        ],
      }),
    )
    expect(job.state).toBe('done')
    expect((await service.report(target)).metadata).toMatchObject({ name: 'Other', license: null, tensorCount: 20 })
    expect((await validate(path)).content?.fingerprint).toBe(before.content?.fingerprint)
    await expect(service.writeMetadata({ path, target, changes: [] })).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  })
})
