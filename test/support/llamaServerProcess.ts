import { textEvent } from './openAiBehaviour.ts'
import { type Handler, sendError, sendEvents, sendJson } from './openAiServer.ts'

export interface ProcessOptions {
  readonly id?: string
  readonly path?: string
  readonly ftype?: string
  /** `--embeddings`, with a pooling or without one */
  readonly embeddings?: 'pooled' | 'unpooled'
  readonly rerank?: boolean
  /** a vocabulary of word pieces: it cannot write */
  readonly bert?: boolean
  readonly vision?: boolean
  readonly tools?: boolean
  readonly noSlots?: boolean
  readonly metrics?: boolean
  readonly adapters?: readonly { readonly id: number; readonly path: string; readonly scale: number }[]
  /** older builds draw no marker at each start */
  readonly noMarker?: boolean
}

/** What one process of llama-server answers (build 11669). `state` may be changed while it runs. */
export const createLlamaProcess = (options: ProcessOptions = {}) => {
  const { id = '/models/tiny.gguf', path = '/models/tiny.gguf', ftype = 'Q4_0' } = options
  const state = {
    sleeping: false,
    loading: false,
    crashed: false,
    marker: Math.random().toString(36),
    answer: ['Hello', ' there', '.'],
    pauseMs: 0,
    slots: [0, 1].map((slot) => ({ id: slot, n_ctx: 2048, is_processing: false, n_prompt_tokens: 0, id_task: -1 })),
    adapters: [...(options.adapters ?? [])],
    build: 'b11669-Debian' as string | undefined,
    /** of native completions; `lie` stands in place of the timings that are true */
    native: { promptMs: 0.1, tokenMs: 2, lie: {} as Record<string, unknown>, noTimings: false },
  }
  const meta = {
    vocab_type: options.bert ? 3 : 1,
    n_vocab: 4096,
    n_ctx: 2048,
    n_ctx_train: 4096,
    n_embd: 256,
    n_params: 5_507_328,
    size: 3_105_792,
    ftype,
  }
  const architecture = { input_modalities: options.vision ? ['text', 'image'] : ['text'], output_modalities: ['text'] }
  const off = (what: string) => [501, `This server does not support ${what}. Start it with \`--${what}\``] as const

  const props: Handler = (_, response) =>
    sendJson(response, {
      default_generation_settings: { params: { temperature: 0.8 }, n_ctx: 2048 },
      total_slots: state.slots.length,
      model_alias: id,
      model_path: path,
      model_ftype: ftype,
      modalities: { vision: options.vision ?? false, video: false, audio: false },
      ...(!options.noMarker && { media_marker: `<__media_${state.marker}__>` }),
      endpoint_slots: !options.noSlots,
      endpoint_metrics: options.metrics ?? false,
      chat_template: '{{ messages }}',
      chat_template_caps: { supports_tools: options.tools ?? false, supports_tool_calls: options.tools ?? false },
      ...(state.build !== undefined && { build_info: state.build }),
      is_sleeping: state.sleeping,
    })

  /** Whatever needs the model. */
  const waking =
    (handler: Handler): Handler =>
    (request, response) => {
      state.sleeping = false
      return handler(request, response)
    }

  const embed: Handler = ({ body }, response) => {
    if (options.embeddings === undefined && !options.rerank) return sendError(response, ...off('embeddings'))
    if (options.embeddings === 'unpooled')
      return sendError(response, 400, "Pooling type 'none' is not OAI compatible. Please use a different pooling type")
    if (body.input === undefined) return sendError(response, 400, '"input" or "content" must be provided')
    const texts = Array.isArray(body.input) ? body.input : [body.input]
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [String(text).length, 0.5] }))
    return sendJson(response, { object: 'list', model: body.model, data, usage: { prompt_tokens: 3, total_tokens: 3 } })
  }

  const chat: Handler = async ({ body }, response) => {
    if (options.embeddings === 'unpooled') {
      state.crashed = true
      response.socket?.destroy()
      return
    }
    const limit = typeof body.max_tokens === 'number' ? body.max_tokens : Number.POSITIVE_INFINITY
    const words = state.answer.slice(0, limit)
    const usage = { prompt_tokens: 15, completion_tokens: words.length, total_tokens: 15 + words.length }
    const timings = { cache_n: 0, prompt_n: 15, prompt_ms: 30, predicted_n: words.length, predicted_ms: 20 }
    const first = { choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] }
    const finish = words.length < state.answer.length ? 'length' : 'stop'
    const last = [textEvent('', finish), JSON.stringify({ choices: [], usage, timings }), '[DONE]']
    await sendEvents(response, [JSON.stringify(first), ...words.map((word) => textEvent(word)), ...last], state.pauseMs)
  }

  /** Native: a prompt of token numbers, and an answer that goes on to its length. */
  const complete: Handler = async ({ body }, response) => {
    const prompt = Array.isArray(body.prompt) ? body.prompt : []
    const predicted = Number(body.n_predict)
    if (prompt.length + predicted > meta.n_ctx)
      return sendError(response, 400, `request (${prompt.length} tokens) exceeds the available context size`)
    if (prompt.some((token) => !Number.isInteger(token) || token < 0 || token >= meta.n_vocab))
      return sendError(response, 400, 'Prompt contains invalid tokens')
    const { promptMs, tokenMs, lie } = state.native
    await new Promise((resolve) => setTimeout(resolve, promptMs * prompt.length))
    const timings = {
      cache_n: 0,
      prompt_n: prompt.length,
      prompt_ms: promptMs * prompt.length,
      predicted_n: predicted,
      predicted_ms: tokenMs * (predicted - 1),
      ...lie,
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let n = 0; n < predicted && !response.destroyed; n++) {
      if (n > 0) await new Promise((resolve) => setTimeout(resolve, tokenMs))
      response.write(`data: ${JSON.stringify({ content: ' word', stop: false })}\n\n`)
    }
    response.end(
      `data: ${JSON.stringify({ content: '', stop: true, ...(state.native.noTimings ? {} : { timings }) })}\n\n`,
    )
  }

  const metrics: Handler = (_, response) => {
    if (!options.metrics) return sendError(response, ...off('metrics'))
    const text = '# TYPE llamacpp:prompt_tokens_total counter\nllamacpp:prompt_tokens_total 1234\n'
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`${text}llamacpp:requests_deferred 2\nodd line\n`)
  }

  const setAdapters: Handler = ({ body }, response) => {
    const wanted = Object.values(body) as { id: number; scale: number }[]
    state.adapters = state.adapters.map((each) => ({
      ...each,
      scale: wanted.find((other) => other.id === each.id)?.scale ?? 0,
    }))
    sendJson(response, { success: true })
  }

  const routes: Record<string, Handler> = {
    'GET /props': props,
    'GET /slots': options.noSlots
      ? (_, response) => sendError(response, ...off('slots'))
      : waking((_, response) => sendJson(response, state.slots)),
    'GET /metrics': metrics,
    'POST /tokenize': waking(({ body }, response) =>
      sendJson(response, { tokens: String(body.content).match(/\S+/g) ?? [] }),
    ),
    'POST /v1/embeddings': waking(embed),
    'POST /v1/rerank': waking(({ body }, response) => {
      if (!options.rerank) return sendError(response, ...off('reranking'))
      return sendError(response, 400, `"query" must be provided, and not ${body.query}`)
    }),
    'POST /v1/chat/completions': waking(chat),
    'POST /completion': waking(complete),
    'GET /lora-adapters': waking((_, response) =>
      sendJson(
        response,
        state.adapters.map((each) => ({ ...each, task_name: '', prompt_prefix: '' })),
      ),
    ),
    'POST /lora-adapters': waking(setAdapters),
  }
  const item = { id, aliases: [id], tags: [''], object: 'model', created: 1_795_294_251, owned_by: 'llamacpp' }
  return { id, state, routes, meta, architecture, item: { ...item, architecture } }
}
export type LlamaProcess = ReturnType<typeof createLlamaProcess>
