import {
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
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
  const jobs = createJobService({
    jobs: createJobRepository(catalog.db),
    now: Date.now,
    publish: () => {},
    onBug: (error) => expect.fail(String(error)),
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
    for await (const event of service.watch(fixture('llama-q5_0.gguf'), 'r', never)) events.push(event)
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

  it('a cancelled job keeps what it has done', async () => {
    const { service, end, jobs } = open()
    const folder = tempDir()
    for (let n = 0; n < 300; n++) writeFileSync(join(folder, `${n}.gguf`), `not a model ${n}`)
    const job = await service.batch(folder)
    await expect.poll(async () => (await service.list({})).total, { timeout: 10_000 }).toBeGreaterThan(0)
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
