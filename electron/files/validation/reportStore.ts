import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { ContentHash, FileRow, Report } from '../../../shared/contract/files.ts'
import type { Place } from '../../catalog/fileRepository.ts'
import type { FileList } from './fileList.ts'
import { matchesKnown, provenanceChecks } from './provenance.ts'
import { issuesOf, verdictOf } from './report.ts'

/** Raise it when the checks change: reports by an older version are made anew at the next look at their folder. */
export const rules = 2

/** More than any report has; what is larger was not written here. */
const largestReportBytes = 64 * 1024 * 1024

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

const placeOf = (report: Report): Place => {
  const { path, kind, label, verdict, issues, metadata, files, content, checkedAt } = report
  const counted = issues.filter(({ outcome }) => outcome !== 'note')
  return {
    path,
    kind,
    label,
    verdict,
    files,
    sizeBytes: metadata.sizeBytes,
    modifiedAt: Math.max(0, ...files.map(({ modifiedAt }) => modifiedAt)),
    format: metadata.format,
    role: metadata.role,
    architecture: metadata.architecture,
    parameterCount: metadata.parameterCount,
    quantization: metadata.quantization,
    contextLength: metadata.contextLength,
    license: metadata.license,
    issues: counted.length,
    worstIssue: counted[0]?.message ?? null,
    checkedAt,
    fingerprint: content?.fingerprint ?? null,
    known: content?.known ?? null,
    rules,
  }
}

/** Reports as they lie in the catalog: one for each place, compressed. */
export const createReportStore = (list: FileList) => {
  /** The full hash belongs to the place: it is newer than any report, and what it tells is part of the verdict. */
  const withHash = (report: Report): Report => {
    const place = list.find(report.path)
    if (place === null || report.content === null) return report
    const { sha256, hashedAt, known } = place
    const content: ContentHash = { ...report.content, sha256, hashedAt, known, matches: matchesKnown(place) }
    const checks = [...report.checks, ...provenanceChecks(place)]
    const verdict = verdictOf(checks)
    const isValid = verdict === 'ok' || verdict === 'warnings'
    return { ...report, checks, issues: issuesOf(checks), verdict, isValid, content }
  }

  return {
    save: async (reports: readonly Report[]): Promise<FileRow[]> => {
      const bodies = await Promise.all(reports.map((report) => deflate(JSON.stringify(report))))
      return list.save(
        reports.map((report, index) => ({
          place: placeOf(report),
          report: bodies[index] ?? Buffer.alloc(0),
        })),
      )
    },

    load: async (path: string): Promise<Report | null> => {
      const body = list.report(path)
      if (body === null) return null
      const text = await inflate(body, { maxOutputLength: largestReportBytes })
      const report: Report = JSON.parse(text.toString('utf8')) // written by `save`, nobody else
      return withHash({ ...report, path })
    },

    withHash,
  }
}
