import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { createHttpClient, type HttpClient } from '../../lib/httpClient.ts'
import type { ConnectedKind } from '../kinds.ts'
import { withoutVersion } from '../providerAddress.ts'

export interface ServerIdentity {
  readonly kind: ConnectedKind
  readonly version: string | null
  /** of one short question; null where it was known without asking */
  readonly latencyMs: number | null
}

/** What a path said. `json` is undefined when it is none; `src` and `errorType` are those of an error's body. */
interface Answer {
  readonly status: number
  readonly text: string
  readonly json: unknown
  readonly html: boolean
  readonly src: string | null
  readonly errorType: string | null
}
type Answers = (path: string) => Answer | null

const paths = [
  ...['/live', '/v1/health', '/lmstudio-greeting', '/api/version', '/running'],
  ...['/health', '/props', '/version', '/health/liveliness'],
] as const
/**
 * Questions at once. Servers on cpp-httplib (llama-server, Lemonade) let five connections wait and drop the rest, which then
 * come back after a second.
 */
const lanes = 3
const maxBytes = 65_536
/** of a list of models */
const maxListBytes = 2 * 2 ** 20

/**
 * What answers at an address, by what only this kind of server says; null when nothing known does, within `limitMs`, or
 * when aborted. Asks only what changes nothing. Redirects are not followed, and a key goes to this origin alone.
 */
export const identifyServer = async (
  address: string,
  key: string | null,
  signal: AbortSignal,
  limitMs = 3_000,
): Promise<ServerIdentity | null> => {
  if (isOpenRouter(address)) return { kind: 'openrouter', version: null, latencyMs: null }
  const root = withoutVersion(address)
  const limits = { connectMs: limitMs, answerMs: limitMs, maxBodyBytes: maxBytes }
  const http = createHttpClient({ name: 'The server', baseUrl: root, key: () => key, limits, toFault })
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  try {
    const startedAt = performance.now()
    const front = await ask(http, '/', bounded)
    if (front === 'nobody') return null
    const latencyMs = performance.now() - startedAt
    const lists = [...new Set(['/v1/models', `${address.slice(root.length)}/models`])]
    const said = new Map<string, Answer | null>([['/', front]])
    const waiting = [...paths, ...lists]
    const lane = async () => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        const answer = await ask(http, path, bounded, lists.includes(path))
        said.set(path, answer === 'nobody' ? null : answer)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    const found = recognise((path) => said.get(path) ?? null, lists)
    return found && { ...found, latencyMs }
  } finally {
    void http.close()
  }
}

const isOpenRouter = (address: string): boolean => /^(.+\.)?openrouter\.ai$/.test(URL.parse(address)?.hostname ?? '')

const ErrorBody = z.object({
  src: z.string().catch(''),
  error: z.object({ type: z.string().catch('') }).catch({ type: '' }),
})

const toFault: ToFault = (status, text, { answer }) => {
  const body = ErrorBody.safeParse(answer).data
  return new AppError('PROVIDER_ERROR', text, {
    details: { status, src: body?.src || null, errorType: body?.error.type || null },
  })
}

/** `nobody`: there is no connection. Null: an answer that tells nothing. */
const ask = async (
  http: HttpClient,
  path: string,
  signal: AbortSignal,
  isList = false,
): Promise<Answer | 'nobody' | null> => {
  try {
    const call = isList ? { path, limits: { maxBodyBytes: maxListBytes } } : { path }
    const { text, status, contentType } = await http.whole(call, signal)
    return { status, text, json: jsonOf(text), html: contentType.includes('html'), src: null, errorType: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { status, src, errorType } = error.details ?? {}
    if (typeof status !== 'number') return error.code === 'PROVIDER_BAD_ANSWER' ? null : 'nobody'
    const asText = (value: unknown) => (typeof value === 'string' ? value : null)
    return { status, text: '', json: undefined, html: false, src: asText(src), errorType: asText(errorType) }
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const version = z.string().transform((value) => value.slice(0, 100))
const Version = z.object({ version })
const Ok = z.object({ status: z.literal('ok') })
const LemonadeHealth = z.object({ version, all_models_loaded: z.array(z.unknown()) })
const Greeting = z.object({ lmstudio: z.literal(true) })
const SwapVersion = z.object({ version, commit: z.string() })
const Running = z.object({ running: z.array(z.unknown()) })
const RouterProps = z.object({ role: z.literal('router'), build_info: version.nullable().catch(null) })
const Props = z.object({
  build_info: version.nullable().catch(null),
  total_slots: z.number(),
  default_generation_settings: z.object({}),
})
const List = z.object({ data: z.array(z.object({ id: z.string(), owned_by: z.string().catch('') })) })

type Found = Pick<ServerIdentity, 'kind' | 'version'>

/**
 * The order matters: Lemonade answers Ollama's paths and 200 with a page to most others, LM Studio 200 to every path, and
 * all of them have a list of models.
 */
const recognise = (at: Answers, lists: readonly string[]): Found | null => {
  const json = <T>(path: string, schema: z.ZodType<T>): T | null => {
    const answer = at(path)
    return answer === null || answer.status >= 400 ? null : (schema.safeParse(answer.json).data ?? null)
  }
  const refused = (path: string) => [401, 403].includes(at(path)?.status ?? 0)
  const models = lists.map((path) => json(path, List)).find((list) => list !== null) ?? null
  const owned = (by: string) => models?.data.some(({ owned_by }) => owned_by === by) ?? false
  const health = at('/health')

  const lemonade = json('/v1/health', LemonadeHealth)
  if (lemonade) return { kind: 'lemonade', version: lemonade.version }
  if (json('/live', Ok) && refused('/v1/health') && health?.html) return { kind: 'lemonade', version: null }

  if (json('/lmstudio-greeting', Greeting)) return { kind: 'lmstudio', version: null }

  const swap = json('/api/version', SwapVersion)
  if (swap && json('/running', Running)) return { kind: 'llama-swap', version: swap.version }
  if (at('/running')?.src === 'llama-swap') return { kind: 'llama-swap', version: null }

  const ollama = json('/api/version', Version)
  if (ollama && at('/')?.text.trim() === 'Ollama is running') return { kind: 'ollama', version: ollama.version }

  const props = json('/props', RouterProps) ?? json('/props', Props)
  if (props) return { kind: 'llama-server', version: props.build_info }
  const isLoading = health?.status === 503 && health.errorType === 'unavailable_error'
  const wantsKey = json('/health', Ok) !== null && at('/props')?.errorType === 'authentication_error'
  if (isLoading || wantsKey || owned('llamacpp')) return { kind: 'llama-server', version: null }

  const vllm = json('/version', Version)
  const isHealthy = health?.status === 200 && health.text === ''
  if (vllm && (owned('vllm') || (refused('/v1/models') && isHealthy))) return { kind: 'vllm', version: vllm.version }

  const isLiteLlm = at('/health/liveliness')?.text.replaceAll('"', '').trim() === "I'm alive!"
  return models !== null || isLiteLlm ? { kind: 'openai', version: null } : null
}
