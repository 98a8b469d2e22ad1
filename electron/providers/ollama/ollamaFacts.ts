import type { FactGroup } from '../../../shared/contract/checks.ts'
import { group, grouped, type Row, tokens, told } from '../parts/facts.ts'
import { nullFor } from '../parts/faults.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { CloudStatus, type Running, Version } from './ollamaSchemas.ts'

const maxShown = 100

/** What Ollama tells of itself; queues, parallel slots, cache types and its environment it does not. */
export const readOllamaFacts = async (api: OllamaApi, signal: AbortSignal): Promise<readonly FactGroup[]> => {
  const [{ version }, cloud, running] = await Promise.all([
    api.http.json({ path: '/api/version' }, Version, signal),
    api.http.json({ path: '/api/status' }, CloudStatus, signal).catch(nullFor('PROVIDER_BAD_ANSWER')), // not there before 0.16
    api.running(signal),
  ])
  const disabled = cloud?.cloud?.disabled ?? null
  return told([
    {
      title: 'Server',
      facts: [
        { label: 'Version', value: version, source: '/api/version' },
        ...(disabled === null
          ? []
          : [{ label: 'Models of ollama.com', value: disabled ? 'switched off' : 'allowed', source: '/api/status' }]),
        { label: 'Models in memory', value: String(running.length), source: '/api/ps' },
      ],
    },
    group(
      'In memory',
      '/api/ps',
      running.slice(0, maxShown).map((entry): Row => [entry.name, inWords(entry)]),
    ),
  ])
}

const inWords = ({ size, size_vram: vram, context_length: context }: Running): string => {
  const parts = [
    size === null ? 'size not told' : `${grouped(Math.round(size / 2 ** 20))} MiB`,
    ...(size && vram !== null ? [`${Math.round((Math.min(vram, size) / size) * 100)} % of it on GPUs`] : []),
    ...(context === null ? [] : [`context of ${tokens(context)}`]),
  ]
  return parts.join(', ')
}
