import type { ServerResponse } from 'node:http'
import { type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'
import { type Handler, type SeenRequest, sendError, sendJson, startLyingServer } from './openAiServer.ts'

type Fields = Readonly<Record<string, unknown>>

/** One item of /models as OpenRouter sends it. */
export const openRouterModel = (id: string, fields: Fields = {}): Fields => ({
  id,
  canonical_slug: id.replace(/:.*$/, ''),
  hugging_face_id: 'meta-llama/Llama-3.3-70B-Instruct',
  name: `Some: ${id}`,
  created: 1_733_506_137,
  description: 'The “70B” model is tuned for dialogue. '.repeat(15),
  context_length: 131_072,
  architecture: {
    modality: 'text->text',
    input_modalities: ['text'],
    output_modalities: ['text'],
    tokenizer: 'Llama3',
    instruct_type: 'llama3',
  },
  pricing: { prompt: '0.00000015', completion: '0.0000006', request: '0', image: '0', web_search: '0' },
  top_provider: { context_length: 131_072, max_completion_tokens: 16_384, is_moderated: false },
  per_request_limits: null,
  supported_parameters: ['max_tokens', 'temperature', 'tools', 'tool_choice', 'reasoning', 'response_format'],
  default_parameters: null,
  supported_voices: null,
  links: { details: `/api/v1/models/${id}/endpoints` },
  knowledge_cutoff: null,
  expiration_date: null,
  ...fields,
})
export const freePrice = { prompt: '0', completion: '0.0', request: '0', image: '0', web_search: '0.01' }

export const openRouterEndpoint = (provider: string, fields: Fields = {}): Fields => ({
  name: `${provider} | some/model`,
  model_id: 'some/model',
  context_length: 131_072,
  pricing: { prompt: '0.00000015', completion: '0.0000006' },
  provider_name: provider,
  tag: `${provider.toLowerCase()}/fp8`,
  quantization: 'fp8',
  max_completion_tokens: 16_384,
  max_prompt_tokens: null,
  supported_parameters: ['temperature'],
  status: 0,
  uptime_last_1d: 99.87,
  latency_last_30m: { p50: 320, p75: 400, p90: 500, p99: 900 },
  throughput_last_30m: { p50: 45.25, p75: 60, p90: 70, p99: 90 },
  ...fields,
})

const keyInfo = {
  label: 'sk-or-v1-au7...890',
  limit: 100,
  limit_remaining: 74.5,
  usage: 25.5,
  usage_daily: 1,
  is_free_tier: false,
  is_management_key: false,
  is_provisioning_key: false,
  rate_limit: { requests: -1, interval: '10s' },
}

export interface OpenRouterServerOptions {
  readonly models?: readonly Fields[]
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  readonly key?: string
  readonly port?: number
}

/** A small OpenRouter by openrouter.md below /api/v1, which may be told to lie. `state` may be changed while it runs. */
export const startOpenRouterServer = async (options: OpenRouterServerOptions = {}) => {
  const { models = [openRouterModel('some/model')], key = 'sk-or-v1-test-0123456789', behaviour, port } = options
  const state = {
    models: [...models],
    answer: ['Hello', ' from', ' far', ' away'],
    key: { ...keyInfo } as Fields,
    credits: { total_credits: 100.5, total_usage: 25.75 },
    endpoints: [openRouterEndpoint('DeepInfra')],
    cost: 0.00014,
  }
  const base = '/api/v1'

  const withKey =
    (handler: Handler): Handler =>
    (request, response) =>
      request.headers.authorization === `Bearer ${key}`
        ? handler(request, response)
        : sendError(response, 401, 'No auth credentials found', { code: 401 })

  const known = ({ body }: SeenRequest, response: ServerResponse): boolean => {
    if (state.models.some(({ id }) => id === body.model)) return true
    sendError(response, 400, `${body.model} is not a valid model ID`, { code: 400 })
    return false
  }

  const chat: Handler = async (request, response) => {
    if (!known(request, response)) return
    const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14, cost: state.cost, is_byok: false }
    const words = state.answer.map((word) => textEvent(word))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': OPENROUTER PROCESSING\n\n')
    for (const data of [...words, textEvent('', 'stop'), JSON.stringify({ choices: [], usage }), '[DONE]'])
      response.write(`data: ${data}\n\n`)
    response.end()
  }

  const embed: Handler = (request, response) => {
    if (!known(request, response)) return
    const texts = Array.isArray(request.body.input) ? request.body.input : []
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [String(text).length, 0.5] }))
    sendJson(response, { object: 'list', data, usage: { prompt_tokens: 5, total_tokens: 5, cost: state.cost } })
  }

  const credits: Handler = (_, response) =>
    state.key.is_management_key === true
      ? sendJson(response, { data: state.credits })
      : sendError(response, 403, 'Only management keys can fetch credits', { code: 403 })

  const server = await startLyingServer({
    routes: {
      [`GET ${base}/models`]: ({ query }, response) => {
        const all = query.get('output_modalities') === 'all'
        const shown = all ? state.models : state.models.filter((each) => JSON.stringify(each).includes('->text'))
        sendJson(response, { data: shown, total_count: shown.length, links: { next: null } })
      },
      [`GET ${base}/models/count`]: (_, response) => sendJson(response, { data: { count: state.models.length } }),
      [`GET ${base}/models/*`]: ({ path }, response) =>
        path.endsWith('/endpoints') && state.models.some(({ id }) => path === `${base}/models/${id}/endpoints`)
          ? sendJson(response, { data: { id: 'some/model', endpoints: state.endpoints } })
          : sendError(response, 404, 'Model not found', { code: 404 }),
      [`GET ${base}/key`]: withKey((_, response) => sendJson(response, { data: state.key })),
      [`GET ${base}/credits`]: withKey(credits),
      [`POST ${base}/chat/completions`]: withKey(chat),
      [`POST ${base}/embeddings`]: withKey(embed),
    },
    behaviour,
    port,
  })
  return { ...server, state, key, address: `${server.url}${base}` }
}
