import { describe, expect, onTestFinished, test } from 'vitest'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { Verb } from '../../../shared/contract/providers.ts'
import { lacking } from '../../../test/support/lacking.ts'
import { startLlamaServer } from '../../../test/support/llamaServer.ts'
import { canary, connect, never, say, start, tiny } from '../../../test/support/llamaServerConnection.ts'
import type { OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'

test('status tells the build', async () => {
  const { provider } = await start()
  expect(await provider.status(never)).toEqual({ version: 'b11669-Debian', latencyMs: expect.any(Number) })
})

test('a server that is loading its model is busy with that, and no other kind', async () => {
  const { server, provider } = await start()
  server.state.loading = true
  const busy = { code: 'PROVIDER_BUSY', message: 'llama-server is loading its model.' }
  await expect(provider.status(never)).rejects.toMatchObject(busy)
  await expect(provider.models(never)).rejects.toMatchObject(busy)
  server.state.loading = false
  await expect(provider.status(never)).resolves.toMatchObject({ version: 'b11669-Debian' })
})

test('a build that does not tell itself is too old', async () => {
  const { server, provider } = await start()
  server.state.build = undefined
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_TOO_OLD', advice: 'Update llama.cpp.' })
})

test.each<[string, OpenAiBehaviour]>([
  ['no such route', { status: 404, body: '{"error":"not found"}' }],
  ['a page', 'html'],
  ['an empty object', { status: 200, body: '{}' }],
  ['a list of models', { status: 200, body: '{"object":"list","data":[]}' }],
  ['plain text', { status: 200, body: 'OK' }],
])('another kind of server is recognised by %s', async (_, how) => {
  const { provider } = await start({ behaviour: { '/props': how } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test('a wrong key and a missing one are seen by status, and never repeated', async () => {
  const server = await startLlamaServer({ key: canary })
  onTestFinished(server.close)
  await expect(connect(server.url, {}, canary).status(never)).resolves.toMatchObject({ version: 'b11669-Debian' })
  for (const key of ['wrong-key-1', null]) {
    const error: unknown = await connect(server.url, {}, key)
      .status(never)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-key-1')
  }
})

test('the one model is listed with all that is told, under its server’s name', async () => {
  const { provider } = await start({ tools: true, vision: true })
  expect(await provider.models(never)).toEqual([
    {
      key: tiny,
      name: 'tiny',
      reason: null,
      role: 'llm',
      loadable: true,
      capabilities: ['completion', 'vision', 'tools'],
      format: 'gguf',
      architecture: null,
      parameterCount: 5_507_328,
      quantization: 'Q4_0',
      bitsPerWeight: expect.closeTo(4.5115, 3),
      contextLength: 4096,
      sizeBytes: null,
      path: tiny,
      digest: null,
      weightsSha256: null,
      price: null,
      modifiedAt: null,
      lacks: lacking('embed', 'load', 'unload', 'remove'),
    },
  ])
})

test.each([
  ['Q4_K - Medium', 'Q4_K_M'],
  ['all F32', 'F32'],
  ['IQ2_XXS - 2.0625 bpw', 'IQ2_XXS'],
  ['(guessed) Q8_0', 'Q8_0'],
  ['unknown, may not work', null],
])('the quantisation %s is shown as %s', async (ftype, expected) => {
  const { provider } = await start({ ftype })
  expect((await provider.models(never))[0]?.quantization).toBe(expected)
})

test.each([
  ['/models/Qwen3-8B-Q4_K_M-00001-of-00003.gguf', 'Qwen3-8B-Q4_K_M'],
  ['C:\\models\\tiny.gguf', 'tiny'],
  ['org/name:Q4_0', 'org/name:Q4_0'],
])('the model %s is called %s', async (id, name) => {
  const { provider } = await start({ id })
  expect((await provider.models(never))[0]).toMatchObject({ key: id, name })
})

describe('what it was started for', () => {
  test('a model for embeddings embeds and does not chat', async () => {
    const { provider } = await start({ embeddings: 'pooled' })
    const [model] = await provider.models(never)
    expect(model).toMatchObject({ role: 'embedding', capabilities: ['embedding'], reason: null })
    expect(model?.lacks).toEqual(lacking('chat', 'load', 'unload', 'remove'))
    expect(await provider.embed(tiny, ['a', 'abc'], never)).toEqual({
      embeddings: [
        [1, 0.5],
        [3, 0.5],
      ],
      promptTokens: 3,
      costUsd: null,
    })
    await expect(say(provider)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('a chat that would end its process is never sent, also when nobody looked before', async () => {
    const { server, provider } = await start({ embeddings: 'unpooled' })
    const refused = { code: 'VERB_NOT_SUPPORTED', message: expect.stringContaining('--pooling mean') }
    await expect(say(provider)).rejects.toMatchObject(refused)
    await expect(provider.embed(tiny, ['a'], never)).rejects.toMatchObject(refused)
    expect(server.paths()).not.toContain('POST /v1/chat/completions')
    expect((await provider.models(never))[0]).toMatchObject({
      lacks: lacking('chat', 'embed', 'load', 'unload', 'remove'),
      reason: refused.message,
    })
  })

  test('a reranker does neither', async () => {
    const { provider } = await start({ rerank: true })
    const [model] = await provider.models(never)
    expect(model).toMatchObject({ role: 'reranker', capabilities: ['rerank'] })
    expect(model?.lacks).toEqual(lacking('chat', 'embed', 'load', 'unload', 'remove'))
    await expect(say(provider)).rejects.toMatchObject({
      message: 'llama-server runs this model for reranking, so it does not chat.',
    })
  })

  test('an embedding model that was started as if it could chat says what to do', async () => {
    const { provider } = await start({ bert: true })
    const [model] = await provider.models(never)
    expect(model).toMatchObject({ role: 'embedding', reason: expect.stringContaining('--embeddings') })
    await expect(say(provider)).rejects.toMatchObject({ message: model?.reason })
    await expect(provider.embed(tiny, ['a'], never)).rejects.toMatchObject({ message: model?.reason })
  })

  test('it is asked once in the life of a process, and anew after a restart', async () => {
    const { server, provider } = await start()
    const probes = () => server.paths().filter((path) => path === 'POST /v1/embeddings').length
    await provider.models(never)
    await provider.models(never)
    await say(provider)
    expect(probes()).toBe(1)
    server.state.marker = 'another start'
    await say(provider)
    expect(probes()).toBe(2)
  })

  test('a build that does not tell one start from the next is asked each time', async () => {
    const { server, provider } = await start({ noMarker: true })
    await provider.models(never)
    await say(provider)
    expect(server.paths().filter((path) => path === 'POST /v1/embeddings')).toHaveLength(2)
  })

  test('a question that fails leaves it open, and the chat is not risked', async () => {
    const { server, provider } = await start({ behaviour: { '/v1/embeddings': 'html' } })
    expect((await provider.models(never))[0]).toMatchObject({ role: 'llm', reason: null })
    await expect(say(provider)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
    expect(server.paths()).not.toContain('POST /v1/chat/completions')
  })
})

describe('the instance', () => {
  test('is always loaded, with the context of a slot, who works, and how full the fullest slot is', async () => {
    const { server, provider } = await start()
    Object.assign(server.state.slots[1] ?? {}, { is_processing: true, n_prompt_tokens: 512 })
    expect(await provider.instances(never)).toEqual([
      {
        key: tiny,
        instance: null,
        state: 'loaded',
        reason: null,
        progress: null,
        options: {},
        memory: [],
        contextLength: 2048,
        gpuLayers: null,
        pid: null,
        loadedAt: null,
        expiresAt: null,
        activeRequests: 1,
        backend: null,
        kvCacheUse: 0.25,
      },
    ])
  })

  test('has no figures where the slots are switched off', async () => {
    const { server, provider } = await start({ noSlots: true })
    expect(await provider.instances(never)).toMatchObject([{ activeRequests: null, kvCacheUse: null }])
    expect(server.paths()).not.toContain('GET /slots')
  })

  test('is gone while it sleeps, and no look wakes it; a chat does', async () => {
    const { server, provider } = await start({ metrics: true })
    server.state.sleeping = true
    await provider.status(never)
    expect(await provider.instances(never)).toEqual([])
    expect(await provider.models(never)).toMatchObject([{ key: tiny, role: 'llm' }])
    await provider.facts(never)
    await provider.details(tiny, never)
    expect(server.state.sleeping).toBe(true)
    await say(provider)
    expect(await provider.instances(never)).toHaveLength(1)
  })
})

test('a chat streams its text and the server’s own figures', async () => {
  const { server, provider } = await start()
  const chunks = await say(provider, tiny, { maxTokens: 2, temperature: 0, seed: 7 })
  expect(chunks.slice(0, -1)).toEqual([
    { type: 'text', text: 'Hello' },
    { type: 'text', text: ' there' },
  ])
  expect(chunks.at(-1)).toMatchObject({
    type: 'done',
    finishReason: 'length',
    usage: { promptTokens: 15, completionTokens: 2 },
    timings: { promptTokensPerSecond: 500, tokensPerSecond: 50 },
  })
  expect(server.requests.at(-1)?.body).toMatchObject({ model: tiny, max_tokens: 2, temperature: 0, seed: 7 })
})

test('the tokens of a text are counted by its model', async () => {
  const { provider } = await start()
  expect(await provider.countTokens(tiny, 'three small words', never)).toBe(3)
})

test('a chat that is cancelled ends at the server', async () => {
  const { server, provider } = await start()
  server.state.answer = Array.from({ length: 1_000 }, () => 'word ')
  server.state.pauseMs = 5
  const controller = new AbortController()
  const answer = async () => {
    const request = { messages: [{ role: 'user' as const, content: 'x' }] }
    for await (const _ of provider.chat(tiny, request, controller.signal)) controller.abort()
  }
  await expect(answer()).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => server.aborted.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
})

test('a model that is not the one of this server is not found', async () => {
  const { provider } = await start()
  await expect(say(provider, 'other')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  await expect(provider.details('other', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('what a single server has not has its sentence, in cannot and when it is asked for', async () => {
  const { server, provider } = await start()
  await provider.status(never)
  const asked: Record<string, () => Promise<unknown>> = {
    load: () => provider.load(tiny, {}, () => {}, never),
    unload: () => provider.unload(tiny, null, never),
    pull: () => provider.pull({ name: 'a/b' }, () => {}, never),
    remove: () => provider.remove(tiny, never),
  }
  for (const [verb, ask] of Object.entries(asked))
    await expect(ask()).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED', message: provider.cannot[verb as Verb] })
  expect(Object.keys(provider.cannot).sort()).toEqual(
    [...Object.keys(asked), 'copy', 'create', 'keepAlive', 'push'].sort(),
  )
  const verbs = new Set(Object.keys(provider))
  for (const verb of Verb.options) expect(verbs.has(verb) || provider.cannot[verb]).toBeTruthy()
  expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
})

test('every option of a load has its sentence, and is refused with it before anything is asked', async () => {
  const { server, provider } = await start()
  expect(Object.keys(provider.ignoredOptions).sort()).toEqual(Object.keys(LoadOptions.shape).sort())
  await expect(provider.load(tiny, { contextLength: 2048 }, () => {}, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('--ctx-size'),
  })
  expect(server.requests).toEqual([])
})

test('facts tell the slots and the counters', async () => {
  const { server, provider } = await start({ metrics: true })
  Object.assign(server.state.slots[0] ?? {}, { n_prompt_tokens: 55, is_processing: true })
  const groups = await provider.facts(never)
  expect(groups.map(({ title }) => title)).toEqual(['Server', 'Slots', 'Counters'])
  expect(groups.flatMap(({ facts }) => facts)).toEqual(
    expect.arrayContaining([
      { label: 'Build', value: 'b11669-Debian', source: '/props' },
      { label: 'Slot 0', value: '55 of 2,048 tokens, working', source: '/slots' },
      { label: 'Prompt tokens read', value: '1,234', source: '/metrics' },
      { label: 'Requests waiting', value: '2', source: '/metrics' },
    ]),
  )
})

test('details have the template and the figures, without what is not told', async () => {
  const { provider } = await start()
  const details = await provider.details(tiny, never)
  const facts = details.groups.flatMap(({ facts }) => facts.map(({ label, value }) => `${label}: ${value}`))
  expect(facts).toEqual(
    expect.arrayContaining(['File: /models/tiny.gguf', 'Parameters: 5,507,328', 'Context of a slot: 2,048 tokens']),
  )
  expect(details.chatTemplate).toBe('{{ messages }}')
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const { server, provider } = await start()
  const hostile = { id: '<img src=x onerror=alert(1)>', meta: { n_params: -1, ftype: 7 }, aliases: 'no', status: 3 }
  server.behaviour['/models'] = { status: 200, body: JSON.stringify({ data: [hostile] }) }
  expect(await provider.models(never)).toMatchObject([
    { key: hostile.id, parameterCount: null, quantization: 'Q4_0', contextLength: null },
  ])
  const props = { default_generation_settings: { n_ctx: 'many' }, build_info: 'b1', model_path: 7, media_marker: [] }
  server.behaviour['/props'] = { status: 200, body: JSON.stringify(props) }
  expect(await provider.instances(never)).toMatchObject([{ contextLength: null }])
  server.behaviour['/slots'] = { status: 200, body: '[{"n_ctx":-1,"is_processing":"yes"},{}]' }
  expect(await connect(server.url).instances(never)).toMatchObject([{ activeRequests: 0, kvCacheUse: null }])
})
