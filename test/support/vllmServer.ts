import { type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'
import { type Handler, sendError, sendEvents, sendJson, startLyingServer } from './openAiServer.ts'

export interface VllmServerOptions {
  readonly version?: string
  /** names of the one model */
  readonly names?: readonly string[]
  readonly ownedBy?: string
  /** VLLM_SERVER_DEV_MODE and --enable-sleep-mode; `dev`: the first alone */
  readonly sleepMode?: boolean | 'dev'
  /** --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING */
  readonly lora?: boolean
  readonly embedding?: boolean
  readonly metrics?: 'new' | 'old' | 'none'
  readonly key?: string
  readonly port?: number
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
}

type Sleep = 'awake' | 'weights_offloaded' | 'discard_all'

/** A small server that speaks as vLLM 0.32 does, and lies on request. `state` may be changed while it runs. */
export const startVllmServer = async (options: VllmServerOptions = {}) => {
  const { version = '0.32.0', names = ['Qwen/Qwen3-8B'], ownedBy = 'vllm', sleepMode = true, lora = true } = options
  const base = names[0] ?? ''
  const state = {
    sleep: 'awake' as Sleep,
    /** weights, KV cache: what is in the GPU's memory; garbage after plain waking from level 2 */
    weights: 'good' as 'good' | 'garbage' | 'away',
    adapters: new Map<string, string>(),
    /** refuses to take adapters up into its list */
    forgetsAdapters: false,
    running: 0,
    waiting: 0,
    kvCache: 0.25,
    engineDead: false,
  }

  const model = (id: string, parent: string | null, root: string) => ({
    id,
    object: 'model',
    created: Math.floor(Date.now() / 1000),
    owned_by: ownedBy,
    root,
    parent,
    max_model_len: parent === null ? 40_960 : null,
    permission: [{ id: 'modelperm-1', object: 'model_permission' }],
  })
  const list = () => [
    ...names.map((name) => model(name, null, base)),
    ...[...state.adapters].map(([name, path]) => model(name, base, path)),
  ]

  const empty: Handler = (_, response) => void response.writeHead(200).end()
  const text =
    (words: string): Handler =>
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain' }).end(words)

  const wake = (tags: readonly string[]) => {
    const all = tags.length === 0
    if (all || tags.includes('weights')) state.weights = state.sleep === 'discard_all' ? 'garbage' : 'good'
    if (all || tags.includes('kv_cache')) state.sleep = 'awake'
  }
  const sleepRoutes: Record<string, Handler> = {
    'GET /is_sleeping': (_, response) => sendJson(response, { is_sleeping: state.sleep !== 'awake' }),
    'POST /sleep': (request, response) => {
      if (sleepMode === 'dev') return sendError(response, 500, 'Sleep mode is not enabled in the model config')
      state.sleep = request.query.get('level') === '2' ? 'discard_all' : 'weights_offloaded'
      state.weights = 'away'
      return empty(request, response)
    },
    'POST /wake_up': (request, response) => {
      wake(request.query.getAll('tags'))
      return empty(request, response)
    },
    'POST /collective_rpc': (request, response) => {
      if (request.body.method === 'reload_weights') state.weights = 'good'
      sendJson(response, { results: [null] })
    },
  }

  const loraRoutes: Record<string, Handler> = {
    'POST /v1/load_lora_adapter': (request, response) => {
      const { lora_name: name, lora_path: path } = request.body
      const error = (status: number, message: string, type: string) =>
        sendJson(response, { error: { message, type, param: null, code: status } }, status)
      if (!name || !path) return error(400, "Both 'lora_name' and 'lora_path' must be provided.", 'InvalidUserInput')
      if (state.adapters.has(String(name)))
        return error(400, `The lora adapter '${name}' has already been loaded.`, 'InvalidUserInput')
      if (!String(path).startsWith('/loras/'))
        return error(404, `Loading lora ${name} failed: No adapter found for ${path}`, 'NotFoundError')
      if (!state.forgetsAdapters) state.adapters.set(String(name), String(path))
      return text(`Success: LoRA adapter '${name}' added successfully.`)(request, response)
    },
    'GET /v1/load_lora_adapter': (_, response) => sendJson(response, { detail: 'Method Not Allowed' }, 405),
    'POST /v1/unload_lora_adapter': (request, response) => {
      const name = String(request.body.lora_name)
      if (!state.adapters.delete(name))
        return sendJson(response, { error: { message: `The lora adapter '${name}' cannot be found.` } }, 404)
      return text(`Success: LoRA adapter '${name}' removed successfully.`)(request, response)
    },
  }

  const known = (name: unknown) => list().some(({ id }) => id === name)
  const missing = (name: unknown) => `The model \`${name}\` does not exist.`
  const chat: Handler = async ({ body }, response) => {
    if (!known(body.model)) return sendError(response, 404, missing(body.model), { type: 'NotFoundError', code: 404 })
    if (options.embedding)
      return sendError(response, 400, 'The model does not support Chat Completions API', { type: 'BadRequestError' })
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }
    const reasoning = { choices: [{ index: 0, delta: { reasoning: 'Hm.' }, finish_reason: null }] }
    const word = state.weights === 'good' ? 'Hello' : '!!!!'
    await sendEvents(response, [
      JSON.stringify(reasoning),
      textEvent(word),
      textEvent('.', 'stop'),
      JSON.stringify({ choices: [], usage }),
      '[DONE]',
    ])
  }
  const embed: Handler = ({ body }, response) => {
    const texts = Array.isArray(body.input) ? body.input : [body.input]
    const data = texts.map((each, index) => ({ object: 'embedding', index, embedding: [String(each).length, 1] }))
    sendJson(response, { object: 'list', data, usage: { prompt_tokens: 4, total_tokens: 4 } })
  }

  const server = await startLyingServer({
    routes: {
      'GET /version': (_, response) => sendJson(response, { version }),
      'GET /health': (_, response) => void response.writeHead(state.engineDead ? 503 : 200).end(),
      'GET /v1/models': (request, response) =>
        options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`
          ? sendJson(response, { error: 'Unauthorized' }, 401)
          : sendJson(response, { object: 'list', data: list() }),
      'POST /v1/chat/completions': chat,
      'POST /tokenize': ({ body }, response) =>
        sendJson(response, { count: String(body.prompt).split(' ').length, max_model_len: 4096, tokens: [] }),
      ...(options.embedding && { 'POST /v1/embeddings': embed }),
      ...(options.metrics !== 'none' && {
        'GET /metrics': (request, response) =>
          text(metricsText(base, state, options.metrics === 'old'))(request, response),
      }),
      ...(sleepMode !== false && sleepRoutes),
      ...(lora && loraRoutes),
      'GET *': notFound,
      'POST *': notFound,
    },
    behaviour: options.behaviour,
    port: options.port,
  })
  return { ...server, state }
}

/** As its web framework says it. */
const notFound: Handler = (_, response) => sendJson(response, { detail: 'Not Found' }, 404)

const metricsText = (
  name: string,
  state: { sleep: Sleep; running: number; waiting: number; kvCache: number },
  old: boolean,
): string => {
  const of = (metric: string, value: number, more = '') =>
    `vllm:${metric}{engine="0",model_name="${name}"${more}} ${value.toFixed(3)}`
  const itl = old ? 'time_per_output_token_seconds' : 'inter_token_latency_seconds'
  const sleeps = ['awake', 'weights_offloaded', 'discard_all'].map((each) =>
    of('engine_sleep_state', each === state.sleep ? 1 : 0, `,sleep_state="${each}"`),
  )
  return `${[
    '# HELP vllm:num_requests_running Number of requests in model execution batches.',
    '# TYPE vllm:num_requests_running gauge',
    of('num_requests_running', state.running),
    of('num_requests_waiting', state.waiting),
    of(old ? 'gpu_cache_usage_perc' : 'kv_cache_usage_perc', state.kvCache),
    ...(old ? [] : sleeps),
    of('prefix_cache_queries_total', 200),
    of('prefix_cache_hits_total', 50),
    of('prompt_tokens_total', 1234),
    of('generation_tokens_total', 567),
    of('request_success_total', 7, ',finished_reason="stop"'),
    of('request_success_total', 0, ',finished_reason="length"'),
    of('time_to_first_token_seconds_bucket', 10, ',le="+Inf"'),
    of('time_to_first_token_seconds_count', 10),
    of('time_to_first_token_seconds_sum', 1.5),
    of(`${itl}_count`, 100),
    of(`${itl}_sum`, 2),
    'vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="0",gpu_memory_utilization="0.9",num_gpu_blocks="1000"} 1.0',
    'process_start_time_seconds 1.7556e+09',
  ].join('\n')}\n`
}
