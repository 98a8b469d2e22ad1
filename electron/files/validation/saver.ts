import type { FileRow, Report } from '../../../shared/contract/files.ts'

/** Written together: often enough to see the list fill, seldom enough that a write costs nothing. */
const batch = { reports: 25, everyMs: 500 }

/** Gathers reports of a folder, because each write of its own would wait for the disk. */
export const createSaver = (save: (reports: readonly Report[]) => Promise<readonly FileRow[]>) => {
  let waiting: Report[] = []
  let savedAt = performance.now()

  const flush = async (): Promise<void> => {
    const reports = waiting
    waiting = []
    savedAt = performance.now()
    if (reports.length > 0) await save(reports)
  }
  return {
    add: async (report: Report): Promise<void> => {
      waiting.push(report)
      if (waiting.length >= batch.reports || performance.now() - savedAt >= batch.everyMs) await flush()
    },
    flush,
  }
}
