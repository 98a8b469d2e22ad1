import { useCallback, useEffect, useState } from 'react'
import type { Report } from '../../../shared/contract/files.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { useFile } from '../../lib/store.ts'
import { useValidation } from '../../lib/validations.ts'
import { useHashJob } from './useHashJob.ts'

/** loading → ready | unknown | failed; each → loading on `again`. A report stays while a newer one is fetched. */
export type ReportState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly report: Report }
  /** nobody has looked into it yet */
  | { readonly state: 'unknown' }
  | { readonly state: 'failed'; readonly failure: Failure }

/** The last report of a file, again when it was looked into anew or its full hash is known. */
export const useReport = (path: string) => {
  const row = useFile(path)
  const validation = useValidation(path)
  const [answer, setAnswer] = useState<ReportState>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  const made = validation?.state === 'done' ? validation.report : null
  const isRunning = validation?.state === 'running'
  const checkedAt = row?.checkedAt ?? null
  const hashedAt = useHashJob(path)?.endedAt ?? null
  const sha256 = row?.sha256 ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt and a verified hash mean a new reading
  useEffect(() => {
    if (isRunning) return
    const isNewest = made !== null && (checkedAt ?? 0) <= made.checkedAt && sha256 === (made.content?.sha256 ?? null)
    if (isNewest) {
      setAnswer({ state: 'ready', report: made })
      return
    }
    const abort = new AbortController()
    setAnswer((before) => (before.state === 'ready' ? before : { state: 'loading' }))
    client.files.report({ path }, { signal: abort.signal }).then(
      (report) => {
        if (!abort.signal.aborted) setAnswer({ state: 'ready', report })
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        const failure = failureOf(error)
        setAnswer(failure.code === 'FILE_NOT_KNOWN' ? { state: 'unknown' } : { state: 'failed', failure })
      },
    )
    return () => abort.abort()
  }, [path, made, isRunning, checkedAt, sha256, hashedAt, attempt])
  const again = useCallback(() => setAttempt((count) => count + 1), [])
  return { answer, validation, row, again }
}
