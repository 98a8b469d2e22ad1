import { randomUUID } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import type { Check } from '../../../shared/contract/checks.ts'
import type { Comparison, FileRow, LabelChange, Report, ReportEvent } from '../../../shared/contract/files.ts'
import type { Job } from '../../../shared/contract/jobs.ts'
import type { FileRepository } from '../../catalog/fileRepository.ts'
import { AppError } from '../../lib/appError.ts'
import { createFileReader } from '../fileReader.ts'
import type { FileEvent } from '../fileWorker.ts'
import type { ModelFileSummary } from '../formats/modelFile.ts'
import { createReaderPool } from '../readerPool.ts'
import { collectionReport } from './collectionReport.ts'
import { createFileList, type ListQuery } from './fileList.ts'
import { existingPath, freePath, plainPath } from './paths.ts'
import { type Refresh, refreshFolder } from './refreshFolder.ts'
import { composeReport, unreadReport } from './report.ts'
import { reportPage } from './reportPage.ts'
import { createReportStore, rules } from './reportStore.ts'
import { createSaver } from './saver.ts'
import { describeRefresh, progressText } from './sentences.ts'
import type { TensorPage, TensorQuery } from './tensors.ts'
import { withoutReport } from './withoutReport.ts'

interface JobContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

export interface ValidationServiceDeps {
  readonly files: FileRepository
  readonly startWorker: () => Worker
  /** Runs the work as a job a person sees and can cancel; it resolves with one sentence. */
  readonly runJob: (kind: 'validate' | 'write', subject: string, work: (context: JobContext) => Promise<string>) => Job
  /** does it fit into this machine */
  readonly fit: (summary: ModelFileSummary) => readonly Check[]
  readonly publish: (changed: readonly FileRow[], removed: readonly string[]) => void
  readonly now: () => number
}

/** Readers at once: reading is half waiting for the disk, and the other cores belong to the person. */
const readerCount = 2
/** Questions at once for a folder: a reader that ends one has the next at hand. */
const width = 2 * readerCount

/** Reports of files and folders, what a person says of them, and how two of them differ. */
export const createValidationService = (deps: ValidationServiceDeps) => {
  const { now } = deps
  const list = createFileList(deps.files, deps.publish)
  const store = createReportStore(list)
  const readers = createReaderPool(
    Array.from({ length: readerCount }, () => createFileReader({ startWorker: deps.startWorker })),
  )
  /** gigabytes take their time, and so does a disk that takes the last of them */
  const writer = createFileReader({ startWorker: deps.startWorker, timeoutMs: 24 * 3_600_000, cancelMs: 60_000 })
  let refreshing = 0
  const batches = new Map<string, Job>()

  /** Null: a folder of other things. Not saved yet. @throws AppError PATH_UNUSABLE, FILE_INVALID */
  const examine = async (path: string, { requestId, signal, emit }: Asking): Promise<Report | null> => {
    const begun = performance.now()
    const onEvent = (event: FileEvent) =>
      'rung' in event && emit({ type: 'rung', rung: event.rung, checks: [...event.checks] })
    const examination = await readers.ask((reader) => reader.examine(path, { signal, onEvent }))
    if (examination === null) return null
    const fit = examination.inspection ? deps.fit(examination.inspection.summary) : []
    emit({ type: 'rung', rung: 'fit', checks: [...fit] })
    return composeReport(examination, {
      path,
      requestId,
      fit,
      checkedAt: now(),
      elapsedMs: performance.now() - begun,
    })
  }

  const examineOrSay = async (path: string, signal: AbortSignal): Promise<Report | null> => {
    const requestId = randomUUID()
    try {
      return await examine(path, { requestId, signal, emit: ignore })
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'PATH_UNUSABLE' && error.code !== 'FILE_INVALID')) throw error
      if (error.details?.fault === 'FILE_MISSING') return null
      return unreadReport(path, error.message, { requestId, checkedAt: now(), elapsedMs: 0 })
    }
  }

  const refresh = async (folder: string, { signal, report }: RefreshContext): Promise<Refresh> => {
    const saver = createSaver(store.save)
    refreshing++
    try {
      return await refreshFolder(folder, {
        list,
        rules,
        width,
        signal,
        report,
        validate: async (path) => {
          const made = await examineOrSay(path, signal)
          if (made !== null) await saver.add(made)
          else if (list.find(path) !== null) await list.remove([path]) // gone, or no model any more
        },
      })
    } finally {
      await saver.flush().finally(() => refreshing--)
    }
  }

  const validate = async (wanted: string, asking: Asking): Promise<Report> => {
    const { requestId, signal, emit } = asking
    const path = await existingPath(wanted)
    const report = await examine(path, asking)
    if (report !== null) {
      await store.save([report])
      return store.withHash(report)
    }
    const begun = performance.now()
    await refresh(path, { signal, report: (done, total) => emit({ type: 'progress', done, total }) })
    const elapsedMs = performance.now() - begun
    return collectionReport(path, list.rowsBelow(path), { requestId, checkedAt: now(), elapsedMs })
  }

  const known = async (asked: string): Promise<Report> => {
    const path = plainPath(asked)
    const report = await store.load(path)
    if (report === null) throw new AppError('FILE_NOT_KNOWN', `Berth has no report of ${path}.`)
    return report
  }

  return {
    list: ({ below, ...query }: ListQuery) =>
      list.list({ ...query, ...(below !== undefined && { below: plainPath(below) }) }),

    /** One report, saved. @throws AppError PATH_UNUSABLE, FILE_INVALID, CANCELLED */
    validate: (path: string, requestId: string, signal: AbortSignal): Promise<Report> =>
      validate(path, { requestId, signal, emit: ignore }),

    /** The same as it is found. */
    watch: async (asked: string, requestId: string, signal: AbortSignal): Promise<ReportEvents> => {
      const path = await existingPath(asked) // what is wrong with the path is an answer, not an event
      return eventsOf((emit) =>
        validate(path, { requestId, signal, emit }).then((report) => emit({ type: 'report', report })),
      )
    },

    /** Everything below a folder; one at a time for each. @throws AppError PATH_UNUSABLE */
    batch: async (asked: string): Promise<Job> => {
      const path = await existingPath(asked)
      const running = batches.get(path)
      if (running) return running
      const begun = performance.now()
      const job = deps.runJob('validate', path, async ({ signal, report }) => {
        try {
          const found = await refresh(path, {
            signal,
            report: (done, total) => report(total === 0 ? 1 : done / total, progressText(done, total, begun)),
          })
          return describeRefresh(found)
        } finally {
          batches.delete(path)
        }
      })
      batches.set(path, job)
      return job
    },

    /** Without a job, after a scan: most times next to nothing is to be done. */
    refresh: async (folder: string, signal: AbortSignal): Promise<void> =>
      void (await refresh(folder, { signal, report: () => {} })),

    /** The last one, with the hash that is known by now. @throws AppError FILE_NOT_KNOWN */
    report: known,

    /** The last one of these bytes, wherever they lie. @param hash SHA-256 or fingerprint */
    reportOf: async (hash: string): Promise<Report> => {
      const path = list.placeOf(hash)
      if (path === null) throw new AppError('FILE_NOT_KNOWN', 'Berth has no report of these bytes.')
      return await known(path)
    },

    /** As a document to keep or send on. @throws AppError FILE_NOT_KNOWN */
    export: async (path: string, as: 'json' | 'html') => documentOf(await known(path), as),

    /** @throws AppError PATH_UNUSABLE, FILE_INVALID */
    tensors: async (asked: string, query: TensorQuery): Promise<TensorPage> => {
      const path = await existingPath(asked)
      return await readers.ask((reader) => reader.tensors(path, query))
    },

    /** @throws AppError PATH_UNUSABLE, FILE_INVALID */
    compare: async (left: string, right: string): Promise<Comparison> => {
      const [one, other] = [await existingPath(left), await existingPath(right)]
      return await readers.ask((reader) => reader.compare(one, other))
    },

    /**
     * A copy of one file with other metadata; the file itself is only read. The copy is validated like any other.
     * @throws AppError PATH_UNUSABLE, FILE_INVALID, FILE_EXISTS
     */
    writeMetadata: async ({ path: asked, target: wanted, changes }: WriteRequest): Promise<Job> => {
      const path = await existingPath(asked)
      const target = await freePath(wanted)
      return deps.runJob('write', target, async ({ signal, report }) => {
        const copy = { path, target, changes: changes.map(({ key, value }) => [key, value] as const) }
        await writer.write(copy, {
          signal,
          onEvent: (event) => 'fraction' in event && report(event.fraction, null),
        })
        const made = await examine(target, { requestId: randomUUID(), signal, emit: ignore })
        if (made !== null) await store.save([made])
        return `Written and read back: ${target}.`
      })
    },

    /**
     * A file nobody looked into yet, or that is another by now, is looked into first: labels are kept by content.
     * @throws AppError PATH_UNUSABLE, FILE_INVALID: not every path was labelled
     */
    label: async (asked: readonly string[], change: LabelChange): Promise<FileRow[]> => {
      await list.loaded()
      const paths = [...new Set(asked.map(plainPath))]
      for (const path of await withoutReport(paths, list)) {
        const report = await examine(await existingPath(path), { requestId: randomUUID(), signal: never, emit: ignore })
        if (report?.content == null)
          throw new AppError('FILE_INVALID', `${path} is no model that labels could be kept for.`)
        await store.save([report])
      }
      const rows = await list.label(paths, change)
      const labelled = new Set(rows.map(({ path }) => path))
      const lost = paths.find((path) => !labelled.has(path))
      if (lost !== undefined)
        throw new AppError('PATH_UNUSABLE', `${lost} left the list meanwhile and got no label. Validate it again.`)
      return rows
    },

    files: list,

    forget: async (asked: readonly string[]): Promise<number> => {
      const paths = [...new Set(asked.map(plainPath))].filter((path) => list.find(path) !== null)
      await list.remove(paths)
      return paths.length
    },

    /** a folder is being gone through */
    isBusy: (): boolean => refreshing > 0,

    /** All that was found below a folder. */
    forgetBelow: async (folder: string): Promise<void> => {
      await list.loaded()
      await list.remove(list.below(folder).map(({ path }) => path))
    },

    close: (): void => {
      readers.close()
      writer.close()
    },
  }
}

export type ValidationService = ReturnType<typeof createValidationService>

type Emit = (event: ReportEvent) => void
type ReportEvents = AsyncGenerator<ReportEvent, void, void>
const ignore: Emit = () => {}
const never = new AbortController().signal

interface Asking {
  readonly requestId: string
  readonly signal: AbortSignal
  readonly emit: Emit
}

interface WriteRequest {
  readonly path: string
  readonly target: string
  readonly changes: readonly { readonly key: string; readonly value: string | null }[]
}

interface RefreshContext {
  readonly signal: AbortSignal
  readonly report: (done: number, total: number) => void
}

/** What `run` emits, as it comes; who stops listening does not stop what is under way. */
async function* eventsOf(run: (emit: Emit) => Promise<void>): AsyncGenerator<ReportEvent, void, void> {
  let isHeard = true
  const stream = new ReadableStream<ReportEvent>({
    start: (controller) => {
      const ifHeard = (tell: () => void): void => {
        if (isHeard) tell()
      }
      run((event) => ifHeard(() => controller.enqueue(event))).then(
        () => ifHeard(() => controller.close()),
        (error: unknown) => ifHeard(() => controller.error(error)),
      )
    },
    cancel: () => {
      isHeard = false
    },
  })
  yield* stream
}

const documentOf = (report: Report, as: 'json' | 'html') => {
  const name = report.path.split(/[/\\]/).at(-1) ?? 'report'
  return as === 'json'
    ? { fileName: `${name}.report.json`, mediaType: 'application/json', text: `${JSON.stringify(report, null, 2)}\n` }
    : { fileName: `${name}.report.html`, mediaType: 'text/html', text: reportPage(report) }
}
