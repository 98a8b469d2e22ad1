import type { FactGroup } from '../../../shared/contract/checks.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { group, grouped, told } from '../parts/facts.ts'
import { nullFor } from '../parts/faults.ts'
import { ttlWords } from './llamaSwapModel.ts'
import { Activity, RunningList, Stats, Version } from './llamaSwapSchemas.ts'

const recent = 10

/** What it says of itself now: its build, what runs, what it counted, and the last requests. */
export const readFacts = async (http: HttpClient, signal: AbortSignal): Promise<FactGroup[]> => {
  const [version, { running }, stats, activity] = await Promise.all([
    http.json({ path: '/api/version' }, Version, signal),
    http.json({ path: '/running' }, RunningList, signal),
    http.json({ path: '/api/metrics/stats' }, Stats, signal).catch(unlessOlder),
    http.json({ path: `/api/metrics/activity?limit=${recent}` }, Activity, signal).catch(unlessOlder),
  ])
  return told([
    group('Server', '/api/version', [
      ['Version', version.version],
      ['Commit', version.commit],
      ['Built', version.build_date],
    ]),
    group(
      'Running',
      '/running',
      (running ?? []).map(({ model, state, ttl }) => [
        model,
        `${state ?? 'unknown'}${ttl === null ? '' : `; unloaded after: ${ttlWords(ttl)}`}`,
      ]),
    ),
    ...(stats === null ? [] : [statsGroup(stats)]),
    ...(activity === null ? [] : [activityGroup(activity)]),
  ])
}

/** Versions before these routes answer 404, or their page. */
const unlessOlder = nullFor('PROVIDER_ERROR', 'PROVIDER_BAD_ANSWER', 'MODEL_NOT_FOUND')

const statsGroup = (stats: Stats): FactGroup =>
  group('Since it counts', '/api/metrics/stats', [
    ['Requests', stats.total_requests],
    ['Prompt tokens', stats.total_input_tokens],
    ['Prompt tokens out of the cache', stats.total_cache_tokens],
    ['Tokens written', stats.total_output_tokens],
    ['Reading, tokens/s', spread(stats.prompt_histogram)],
    ['Writing, tokens/s', spread(stats.gen_histogram)],
  ])

const spread = (histogram: Stats['gen_histogram']): string | null =>
  histogram?.p50 == null
    ? null
    : `${grouped(histogram.p50, 1)} in the middle, ${histogram.p95 === null ? '–' : grouped(histogram.p95, 1)} at best`

const activityGroup = ({ data }: Activity): FactGroup =>
  group(
    'Last requests',
    '/api/metrics/activity',
    (data ?? []).slice(0, recent).map(({ timestamp, model, resp_status_code, duration_ms, tokens }) => {
      const words = [
        resp_status_code !== null && `status ${resp_status_code}`,
        tokens?.input_tokens != null && `${grouped(tokens.input_tokens)} tokens in`,
        tokens?.output_tokens != null && `${grouped(tokens.output_tokens)} out`,
        tokens?.tokens_per_second ? `${grouped(tokens.tokens_per_second, 1)} tokens/s` : false,
        duration_ms !== null && `${grouped(duration_ms / 1000, 1)} s`,
      ]
      const at = timestamp?.slice(0, 19).replace('T', ' ')
      return [[at, model].filter(Boolean).join(' ') || 'Request', words.filter((word) => word !== false).join(', ')]
    }),
  )
