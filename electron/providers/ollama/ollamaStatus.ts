import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { Version } from './ollamaSchemas.ts'

const oldest = { major: 0, minor: 5 }

/**
 * Proves that it is Ollama: others answer its paths too, Lemonade with a version of its own making, but only Ollama says
 * at its root that it is running. Asked there once for each version.
 */
export const createStatusCheck = (http: HttpClient) => {
  let proven: string | null = null
  return async (signal: AbortSignal): Promise<{ version: string; latencyMs: number }> => {
    const startedAt = performance.now()
    const { version } = await http.json({ path: '/api/version' }, Version, signal).catch(otherKind)
    const latencyMs = performance.now() - startedAt
    if (proven !== version) {
      const { text } = await http.whole({ path: '/' }, signal).catch(otherKind)
      if (!text.includes('Ollama is running'))
        throw new AppError('PROVIDER_WRONG_KIND', 'The server answers as Ollama does, but it is another one.')
      if (isTooOld(version))
        throw new AppError('PROVIDER_TOO_OLD', `This is Ollama ${version}; Berth needs at least 0.5.`, {
          advice: 'Update Ollama: ollama.com/download.',
        })
      proven = version
    }
    return { version, latencyMs }
  }
}

/** A build of one's own calls itself 0.0.0. */
const isTooOld = (version: string): boolean => {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (major === '' || /^v?0\.0\.0/.test(version)) return false
  return Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor)
}

/** An answer that is whole and not Ollama's comes from another server; one that breaks off says nothing. */
const otherKind = (error: unknown): never => {
  const isAnswer = error instanceof AppError && error.code === 'PROVIDER_BAD_ANSWER'
  if (!isAnswer || /^(E|UND_)/.test(String(error.details?.reason ?? ''))) throw error
  throw new AppError('PROVIDER_WRONG_KIND', `This is not Ollama: ${error.message}`, {
    cause: error,
    ...(error.details && { details: error.details }),
  })
}
