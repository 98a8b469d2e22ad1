import type { z } from 'zod'
import type { FactGroup } from '../../../shared/contract/checks.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { group, type Row, tokens, told } from '../parts/facts.ts'
import { costsTheOthers } from './lemonadeFault.ts'
import { Config, Health, Stats, SystemInfo } from './lemonadeSchemas.ts'

/** What Lemonade says of itself. Only health must be there. */
export const lemonadeFacts = async (http: HttpClient, signal: AbortSignal): Promise<readonly FactGroup[]> => {
  const optional = async <T>(path: string, schema: z.ZodType<T>): Promise<T | null> => {
    try {
      return await http.json({ path }, schema, signal)
    } catch (error) {
      if (error instanceof AppError && error.code !== 'CANCELLED') return null
      throw error
    }
  }
  const health = await http.json({ path: '/v1/health' }, Health, signal)
  const [stats, system, config] = await Promise.all([
    optional('/v1/stats', Stats),
    optional('/v1/system-info', SystemInfo),
    optional('/internal/config', Config), // may want a key of its own
  ])
  return told([
    group('Room', '/v1/health', roomRows(health)),
    group('Settings', '/internal/config', [
      ['Downloads', config?.offline == null ? null : config.offline ? 'off: it is set to stay offline' : 'allowed'],
      ['Extra folder', config?.extra_models_dir],
      ['Unloads what is idle', config?.auto_evict == null ? null : config.auto_evict ? 'yes' : 'only where asked'],
    ]),
    group('Since the start', '/v1/stats', [
      ['Requests', stats?.request_count_total],
      ['Prompts', tokens(stats?.input_tokens_total)],
      ['Answers', tokens(stats?.output_tokens_total)],
      ['Speed of the last answer', stats?.tokens_per_second ? `${stats.tokens_per_second.toFixed(1)} tokens/s` : null],
    ]),
    ...(system === null ? [] : [group('Machine', '/v1/system-info', machineRows(system))]),
    group('Take care', 'how Lemonade works', [['Failed loads', costsTheOthers]]),
  ])
}

/** Limits count by the type of a model. */
const roomRows = ({ all_models_loaded: loaded, max_models: most, pinned_models: pinned }: Health): Row[] => [
  ['Loaded', loaded.length],
  ...Object.entries(most ?? {})
    .slice(0, 32)
    .map(([type, limit]): Row => {
      const used = loaded.filter((model) => model.type === type).length
      const pins = own(pinned, type)
      return [`Type ${type}`, `${used} of ${limit < 0 ? 'any number' : limit}${pins ? `, ${pins} pinned` : ''}`]
    }),
]

const machineRows = (system: SystemInfo): Row[] => {
  const llama = own(system.recipes, 'llamacpp')
  const installed = Object.entries(llama?.backends ?? {}).flatMap(([name, backend]) =>
    backend?.state === 'installed' ? [[name, backend.version].filter(Boolean).join(' ')] : [],
  )
  const free = system.model_storage?.free_bytes
  return [
    ['Operating system', known(system['OS Version'])],
    ['Processor', known(system.Processor)],
    ['Memory', known(system['Physical Memory'])],
    ['Free for models', free == null ? null : `${(free / 2 ** 30).toFixed(1)} GiB`],
    ['llama.cpp by default', llama?.default_backend],
    ['llama.cpp installed', installed.join(', ')],
  ]
}

/** It writes its own faults into the fields. */
const known = (text: string | null): string | null => (text === null || /^error\b/i.test(text) ? null : text)

const own = <T>(record: Readonly<Record<string, T>> | null | undefined, key: string): T | null =>
  record != null && Object.hasOwn(record, key) ? (record[key] ?? null) : null
