import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Behaviour, misbehave } from './ollamaBehaviour.ts'
import { createOllamaStore, type RegistryModel } from './ollamaStore.ts'

/**
 * A small server that speaks Ollama's protocol as 0.32 does, and lies on request. Everything about it may be changed
 * while it runs: `models`, `behaviour`, `answer`.
 */
export interface FakeModel {
  readonly name: string
  readonly sizeBytes?: number
  readonly embedding?: boolean
  readonly contextLength?: number
  /** /api/tags misses lengths and says "completion", as for all that Ollama converted itself */
  readonly guessed?: boolean
  /** listed, but its weights file is not there */
  readonly gone?: boolean
  /** runs at ollama.com */
  readonly remoteHost?: string
  /** models of equal weights share a runner; the name by default */
  readonly weights?: string
  /** runner memory */
  readonly memoryBytes?: number
  readonly vramBytes?: number
  readonly license?: string
}

export interface OllamaServerOptions {
  readonly models?: readonly FakeModel[]
  readonly behaviour?: Readonly<Record<string, Behaviour>>
  readonly version?: string
  /** 0: any free one */
  readonly port?: number
  /** what can be pulled */
  readonly registry?: readonly RegistryModel[]
}

export type FakeRequest = { readonly method: string; readonly path: string; readonly body: Record<string, unknown> }
type Runner = { name: string; contextLength: number; options: string; expiresAt: number; keepAliveMs: number }

const foreverMs = 292 * 365.25 * 86_400_000
const defaultKeepAliveMs = 5 * 60_000
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
/** Texts of equal length have equal vectors. */
const embeddingOf = (text: string) => [text.length / 100, 0.25, -0.5]
const full = (name: string) => (name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`)
const same = (a: string, b: string) => full(a).toLowerCase() === full(b).toLowerCase()

export const startOllamaServer = async (options: OllamaServerOptions = {}) => {
  const models: FakeModel[] = [...(options.models ?? [{ name: 'tiny:latest' }])]
  const behaviour: Record<string, Behaviour | undefined> = { ...options.behaviour }
  const requests: FakeRequest[] = []
  /** requests whose client went away before the answer was whole */
  const aborted: FakeRequest[] = []
  const held = new Map<string, Promise<void>>()
  const state = { answer: ['Hello', ' from', ' Ollama', '.'] }
  let runners: Runner[] = []
  let unloadsHeld = false

  const find = (name: unknown) => models.find((model) => typeof name === 'string' && same(model.name, name))
  const weightsOf = (name: string) => find(name)?.weights ?? full(name)
  const runnerOf = (name: string) => runners.find((runner) => weightsOf(runner.name) === weightsOf(name))
  const expire = () => {
    const now = Date.now()
    if (!unloadsHeld) runners = runners.filter(({ expiresAt }) => expiresAt > now)
  }

  const keepAliveMsOf = (value: unknown, current: number): number =>
    typeof value !== 'number' ? current : value < 0 ? foreverMs : value * 1000

  const acquireRunner = (model: FakeModel, body: Record<string, unknown>) => {
    const asked = { ...(body.options as Record<string, unknown> | undefined) }
    const runnerOptions = JSON.stringify(
      ['num_ctx', 'num_gpu', 'num_batch', 'use_mmap', 'num_thread'].map((key) => asked[key] ?? null),
    )
    let runner = runnerOf(model.name)
    if (runner !== undefined && runner.options !== runnerOptions) runners = runners.filter((other) => other !== runner)
    if (runner === undefined || runner.options !== runnerOptions) {
      const asksFor = typeof asked.num_ctx === 'number' ? asked.num_ctx : 4096
      runner = {
        name: full(model.name),
        contextLength: Math.min(asksFor, model.contextLength ?? 4096),
        options: runnerOptions,
        expiresAt: 0,
        keepAliveMs: defaultKeepAliveMs,
      }
      runners.push(runner)
    }
    runner.keepAliveMs = keepAliveMsOf(body.keep_alive, runner.keepAliveMs)
    runner.expiresAt = Date.now() + runner.keepAliveMs
  }

  const detailsOf = (model: FakeModel, withLengths: boolean) => ({
    parent_model: '',
    format: 'gguf',
    family: model.embedding ? 'bert' : 'llama',
    families: model.remoteHost === undefined ? [model.embedding ? 'bert' : 'llama'] : null,
    parameter_size: model.embedding ? '22.57M' : '5.51M',
    quantization_level: 'Q4_0',
    ...(withLengths && { context_length: model.contextLength ?? 4096, embedding_length: 256 }),
  })
  const capabilitiesOf = (model: FakeModel) => [model.embedding ? 'embedding' : 'completion']
  const digestOf = (model: FakeModel) => sha256(`manifest of ${JSON.stringify(model)}`)

  const tags = () => ({
    models: models.map((model) => ({
      name: full(model.name),
      model: full(model.name),
      ...(model.remoteHost !== undefined && { remote_host: model.remoteHost, remote_model: model.name }),
      modified_at: '2026-08-01T10:00:00.123456789+02:00',
      size: model.sizeBytes ?? 3_192_791,
      digest: digestOf(model),
      details: detailsOf(model, !model.guessed),
      ...(model.remoteHost === undefined && { capabilities: model.guessed ? ['completion'] : capabilitiesOf(model) }),
    })),
  })

  const ps = () => ({
    models: runners
      .toSorted((a, b) => b.expiresAt - a.expiresAt)
      .map((runner) => {
        const model = find(runner.name)
        return {
          name: runner.name,
          model: runner.name,
          size: model?.memoryBytes ?? 31_457_278,
          digest: model === undefined ? '' : digestOf(model),
          details: model === undefined ? {} : detailsOf(model, false),
          expires_at: new Date(runner.expiresAt).toISOString(),
          size_vram: model?.vramBytes ?? 0,
          context_length: runner.contextLength,
        }
      }),
  })

  const show = (model: FakeModel) => {
    const arch = model.embedding ? 'bert' : 'llama'
    return {
      ...(model.license !== undefined && { license: model.license }),
      modelfile: `# Modelfile generated by "ollama show"\nFROM /models/blobs/sha256-${sha256(weightsOf(model.name))}\nTEMPLATE {{ .Prompt }}\n`,
      parameters: 'stop                           "<|im_start|>"\nnum_ctx                        4096',
      template: '{{ .Prompt }}',
      details: detailsOf(model, false),
      model_info: {
        'general.architecture': arch,
        'general.file_type': 2,
        'general.parameter_count': model.embedding ? 22_565_376 : 5_507_328,
        [`${arch}.attention.head_count`]: 4,
        [`${arch}.block_count`]: 4,
        [`${arch}.context_length`]: model.contextLength ?? 4096,
        [`${arch}.embedding_length`]: 256,
        'tokenizer.ggml.tokens': null,
      },
      tensors: [{ name: 'token_embd.weight', type: 'Q4_0', shape: [256, 4096] }],
      capabilities: capabilitiesOf(model),
      modified_at: '2026-08-01T10:00:00.123456789+02:00',
    }
  }

  const reply = (response: ServerResponse, status: number, body: unknown) => {
    if (response.destroyed) return
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
  }
  const missing = (path: string, model: unknown) =>
    path === '/api/embed' || find(model)?.gone
      ? `model "${model}" not found, try pulling it first`
      : `model '${model}' not found`

  const stamp = (model: unknown) => ({ model, created_at: new Date().toISOString() })

  const loadOnly = (path: string, model: FakeModel, body: Record<string, unknown>, response: ServerResponse) => {
    const content = path === '/api/chat' ? { message: { role: 'assistant', content: '' } } : { response: '' }
    if (body.keep_alive === 0) {
      for (const runner of runners) if (runner === runnerOf(model.name)) runner.expiresAt = Date.now() - 1
      return reply(response, 200, { ...stamp(body.model), ...content, done: true, done_reason: 'unload' })
    }
    acquireRunner(model, body)
    reply(response, 200, { ...stamp(body.model), ...content, done: true, done_reason: 'load' })
  }

  const chat = async (model: FakeModel, body: Record<string, unknown>, response: ServerResponse) => {
    acquireRunner(model, body)
    const limit = (body.options as { num_predict?: number } | undefined)?.num_predict ?? Number.POSITIVE_INFINITY
    const words = state.answer.slice(0, limit)
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    const line = (fields: object) => `${JSON.stringify({ ...stamp(body.model), ...fields })}\n`
    for (const content of words) {
      response.write(line({ message: { role: 'assistant', content }, done: false }))
      await held.get('next word')
      if (response.destroyed) return
    }
    response.end(
      line({
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: words.length === limit ? 'length' : 'stop',
        total_duration: 500_000_000,
        prompt_eval_count: 15,
        prompt_eval_duration: 100_000_000,
        eval_count: words.length,
        eval_duration: words.length * 10_000_000,
      }),
    )
  }

  const store = createOllamaStore({ models, find, full, reply, free: (what) => held.get(what) })
  store.state.registry.push(...(options.registry ?? []))

  const answer = (request: FakeRequest, incoming: IncomingMessage, response: ServerResponse): void | Promise<void> => {
    const { method, path, body } = request
    const key = `${method} ${path}`
    const stored = store.answer(request, incoming, response)
    if (stored !== null) return stored
    if (key === 'GET /' || key === 'HEAD /') return void response.writeHead(200).end('Ollama is running')
    if (key === 'GET /api/version') return reply(response, 200, { version: options.version ?? '0.32.15' })
    if (key === 'GET /api/tags') return reply(response, 200, tags())
    if (key === 'GET /api/ps') return reply(response, 200, ps())
    if (key === 'GET /api/status') return reply(response, 200, { cloud: { disabled: false, source: 'none' } })
    if (!['/api/show', '/api/generate', '/api/chat', '/api/embed'].includes(path))
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
    if (method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end('405 method not allowed')
    const model = find(body.model)
    const runs = runners.some(({ name }) => same(name, String(body.model)))
    if (model === undefined || (model.gone && !runs)) return reply(response, 404, { error: missing(path, body.model) })
    if (path === '/api/show') return reply(response, 200, show(model))
    if (path === '/api/embed') {
      if (!model.embedding) return reply(response, 501, { error: 'This server does not support embeddings.' })
      acquireRunner(model, body)
      const texts = body.input as string[]
      if (texts.some((text) => text.length > (model.contextLength ?? 4096)))
        return reply(response, 400, { error: 'the input length exceeds the context length' })
      const counted = texts.length > 0 && { prompt_eval_count: texts.length * 3 } // zero is left out
      return reply(response, 200, { model: body.model, embeddings: texts.map(embeddingOf), ...counted })
    }
    const empty = path === '/api/generate' ? !body.prompt : (body.messages as unknown[] | undefined)?.length === 0
    if (model.embedding && !(empty && body.keep_alive === 0))
      return reply(response, 400, { error: `"${body.model}" does not support ${path.slice(5)}` })
    if (empty) return loadOnly(path, model, body, response)
    return chat(model, body, response)
  }

  const readBody = async (incoming: IncomingMessage): Promise<Record<string, unknown>> => {
    let text = ''
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const path = new URL(incoming.url ?? '/', 'http://server').pathname
    const isUpload = incoming.headers['content-type'] === 'application/octet-stream'
    const request = { method: incoming.method ?? 'GET', path, body: isUpload ? {} : await readBody(incoming) }
    requests.push(request)
    response.on('close', () => {
      if (!response.writableFinished) aborted.push(request)
    })
    await held.get(isUpload ? 'upload' : path)
    if (response.destroyed) return
    expire()
    const how = behaviour[isUpload ? 'upload' : path]
    if (how === undefined) await answer(request, incoming, response)
    else await misbehave(how, response, () => answer(request, incoming, response))
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    models,
    behaviour,
    requests,
    aborted,
    /** Blobs, what was fetched of each layer, the registry and whether it can be reached. */
    store,
    /** What the models say: one line of the stream each. */
    set answer(words: string[]) {
      state.answer = words
    },
    get loaded(): readonly string[] {
      expire()
      return runners.map(({ name }) => name)
    },
    /** Requests to this path (or an 'upload', the 'next word', 'next line' or 'next chunk' of every answer) wait until the returned function is called. */
    hold(path: string): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(path, promise)
      return () => {
        if (held.get(path) === promise) held.delete(path) // it may be held again
        resolve()
      }
    },
    /** A request uses every runner: what is unloaded stays listed with an end in the past, until released. */
    holdUnloads(): () => void {
      unloadsHeld = true
      return () => {
        unloadsHeld = false
      }
    },
    /** Loads it as another program would. */
    loadElsewhere(name: string, body: Record<string, unknown> = {}) {
      const model = find(name)
      if (model !== undefined) acquireRunner(model, body)
    },
    /** Ollama restarted: nothing is loaded. */
    forget() {
      runners = []
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
