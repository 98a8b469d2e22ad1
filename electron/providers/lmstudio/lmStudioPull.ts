import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { PullRequest, ReportTransfer } from '../provider.ts'
import { Download } from './lmStudioSchemas.ts'

/** A server that restarts loses some looks, not the download. */
const missesAllowed = 5

const goesOn = 'LM Studio itself goes on with the download: pause or cancel it there, in Downloads.'

export interface LmStudioPull {
  readonly http: HttpClient
  readonly request: PullRequest
  /** milliseconds between two looks */
  readonly pollMs: number
  /** for the first answer */
  readonly answerMs: number
}

/** Resolves when LM Studio has it all. Aborting ends only our looking: its API has no end for a download. */
export const pullWithLmStudio = async (
  pull: LmStudioPull,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<void> => {
  const { http, request } = pull
  const call = { path: '/api/v1/models/download', body: toBody(request), limits: { answerMs: pull.answerMs } }
  let download = await http.json(call, Download, signal)
  const id = download.job_id
  try {
    for (let misses = 0; ; ) {
      if (isDone(download, request.name)) return
      tell(download, report)
      if (id === null)
        throw new AppError('PROVIDER_BAD_ANSWER', 'LM Studio began a download without a name to ask about.')
      await delay(pull.pollMs, undefined, { signal })
      try {
        download = await http.json(
          { path: `/api/v1/models/download/status/${encodeURIComponent(id)}` },
          Download,
          signal,
        )
        misses = 0
      } catch (error) {
        if (signal.aborted || !mayPass(error) || ++misses > missesAllowed) throw error
      }
    }
  } catch (error) {
    if (signal.aborted)
      throw new AppError('CANCELLED', `Berth no longer watches this download. ${goesOn}`, {
        advice: goesOn,
        cause: error,
      })
    throw error
  }
}

/** @throws AppError VERB_NOT_SUPPORTED */
const toBody = ({ name, quantization, insecure }: PullRequest) => {
  if (insecure === true)
    throw new AppError(
      'VERB_NOT_SUPPORTED',
      'LM Studio downloads only from its catalog and from Hugging Face, encrypted.',
      {
        advice: 'Leave "insecure" out.',
      },
    )
  const isLink = /^https?:\/\//i.test(name)
  if (quantization !== undefined && !isLink)
    throw new AppError('VERB_NOT_SUPPORTED', 'LM Studio takes a quantisation only with a link to Hugging Face.', {
      advice: `Give https://huggingface.co/user/repository, or leave the quantisation out.`,
    })
  return { model: name, ...(quantization !== undefined && { quantization }) }
}

const isDone = ({ status }: Download, name: string): boolean => {
  if (status === 'failed')
    throw new AppError('PROVIDER_ERROR', `LM Studio could not download ${name}; it gives no reason.`, {
      advice: 'LM Studio shows more in its own Downloads.',
      details: { status: 200 }, // the server is well; the download is not
    })
  return status === 'completed' || status === 'already_downloaded'
}

const tell = (
  { status, downloaded_bytes: doneBytes, total_size_bytes: totalBytes }: Download,
  report: ReportTransfer,
) =>
  report(
    status === 'paused' ? 'paused in LM Studio' : `LM Studio downloads; cancelling ends only the watching`,
    doneBytes === null ? null : { doneBytes, totalBytes, parts: [] },
  )

const mayPass = (error: unknown): boolean =>
  error instanceof AppError && ['PROVIDER_UNREACHABLE', 'PROVIDER_TIMEOUT', 'PROVIDER_BUSY'].includes(error.code)
