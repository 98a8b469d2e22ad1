import type { FactGroup } from '../../../shared/contract/checks.ts'
import { AppError } from '../../lib/appError.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { CloudStatus, type Running, Version } from './ollamaSchemas.ts'

const maxShown = 100

/** What Ollama tells of itself; queues, parallel slots, cache types and its environment it does not. */
export const readOllamaFacts = async (api: OllamaApi, signal: AbortSignal): Promise<readonly FactGroup[]> => {
  const [{ version }, cloud, running] = await Promise.all([
    api.http.json({ path: '/api/version' }, Version, signal),
    api.http.json({ path: '/api/status' }, CloudStatus, signal).catch(unlessAbsent),
    api.running(signal),
  ])
  const disabled = cloud?.cloud?.disabled ?? null
  const server = [
    { label: 'Version', value: version, source: '/api/version' },
    ...(disabled === null
      ? []
      : [{ label: 'Models of ollama.com', value: disabled ? 'switched off' : 'allowed', source: '/api/status' }]),
    { label: 'Models in memory', value: String(running.length), source: '/api/ps' },
  ]
  const inMemory = running.slice(0, maxShown).map((entry) => ({
    label: entry.name,
    value: inWords(entry),
    source: '/api/ps',
  }))
  return [
    { title: 'Server', facts: server },
    { title: 'In memory', facts: inMemory },
  ].filter(({ facts }) => facts.length > 0)
}

const inWords = ({ size, size_vram: vram, context_length: context }: Running): string => {
  const parts = [
    size === null ? 'size not told' : `${mebibytes(size)} MiB`,
    ...(size && vram !== null ? [`${Math.round((Math.min(vram, size) / size) * 100)} % of it on GPUs`] : []),
    ...(context === null ? [] : [`context of ${context.toLocaleString('en-US')} tokens`]),
  ]
  return parts.join(', ')
}

const mebibytes = (bytes: number): string => Math.round(bytes / 2 ** 20).toLocaleString('en-US')

/** Versions before 0.16 have no such path. */
const unlessAbsent = (error: unknown): null => {
  if (error instanceof AppError && error.code === 'PROVIDER_BAD_ANSWER') return null
  throw error
}
