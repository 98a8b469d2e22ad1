import { expect, test } from 'vitest'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { Verb } from '../../../shared/contract/providers.ts'
import { lacking } from '../../../test/support/lacking.ts'
import { connect, error, factsOf, never, root, say, start } from '../../../test/support/openRouterConnection.ts'
import { freePrice, openRouterEndpoint, openRouterModel } from '../../../test/support/openRouterServer.ts'
import type { Provider } from '../provider.ts'
import { listLifeMs } from './openRouterCatalog.ts'

test('status asks about the key, and about the number of models where there is none', async () => {
  const { server, provider } = await start()
  expect(await provider.status(never)).toEqual({ version: null, latencyMs: expect.any(Number) })
  await connect(server.address, null).status(never)
  expect(server.paths()).toEqual([`GET ${root}/key`, `GET ${root}/models/count`])
})

test('a key that is wrong is noticed, though the list is public', async () => {
  const { server } = await start()
  const provider = connect(server.address, 'sk-or-v1-another')
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  expect(await provider.models(never)).toHaveLength(1)
  await expect(say(connect(server.address, null))).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
})

test('every request says who asks', async () => {
  const { server, provider } = await start()
  await Promise.all([provider.status(never), provider.models(never), say(provider)])
  for (const { headers } of server.requests)
    expect(headers).toMatchObject({ 'x-openrouter-title': 'Berth', 'http-referer': 'http://localhost' })
})

test('the list shows prices by the million, the smaller context, and what each model can', async () => {
  const multimodal = { input_modalities: ['text', 'image', 'audio'], output_modalities: ['text', 'image'] }
  const { server, provider } = await start({
    models: [
      openRouterModel('some/model', { top_provider: { context_length: 65_536 } }),
      openRouterModel('some/eyes:free', { architecture: multimodal, supported_parameters: [], pricing: freePrice }),
      openRouterModel('some/vectors', { architecture: { output_modalities: ['embeddings'] } }),
      openRouterModel('some/painter', { architecture: { input_modalities: ['text'], output_modalities: ['image'] } }),
      openRouterModel('openrouter/auto', { pricing: { prompt: '-1', completion: '-1' }, context_length: null }),
    ],
  })
  const [plain, eyes, vectors, painter, auto] = await provider.models(never)
  expect(server.requests[0]?.query.toString()).toBe('output_modalities=all')
  expect(plain).toEqual({
    key: 'some/model',
    name: 'Some: some/model',
    reason: null,
    role: 'llm',
    loadable: true,
    capabilities: ['completion', 'tools', 'thinking', 'structured-output'],
    format: null,
    architecture: null,
    parameterCount: null,
    quantization: null,
    bitsPerWeight: null,
    contextLength: 65_536,
    sizeBytes: null,
    path: null,
    digest: null,
    weightsSha256: null,
    price: { promptUsdPerMillion: 0.15, completionUsdPerMillion: 0.6, requestUsd: 0, free: false },
    modifiedAt: 1_733_506_137_000,
    lacks: lacking('embed'),
  })
  expect(eyes).toMatchObject({ capabilities: ['completion', 'vision', 'audio', 'image'], price: { free: true } })
  expect(vectors).toMatchObject({
    role: 'embedding',
    capabilities: expect.arrayContaining(['embedding']),
    lacks: lacking('chat'),
  })
  expect(painter).toMatchObject({ role: 'diffusion', lacks: lacking('chat', 'embed') })
  expect(auto?.price).toEqual({
    promptUsdPerMillion: null,
    completionUsdPerMillion: null,
    requestUsd: null,
    free: false,
  })
})

test('where paid models are hidden, those whose price changes or is not told are too', async () => {
  const models = [
    openRouterModel('a/paid'),
    openRouterModel('a/free:free', { pricing: freePrice }),
    openRouterModel('a/variable', { pricing: { prompt: '-1', completion: '-1' } }),
    openRouterModel('a/untold', { pricing: null }),
    openRouterModel('a/image', { pricing: { prompt: '0', completion: '0', image_output: '0.04' } }),
  ]
  const { provider } = await start({ models }, { hidePaid: true })
  expect((await provider.models(never)).map(({ key }) => key)).toEqual(['a/free:free'])
  expect(factsOf(await provider.facts(never))).toMatchObject({
    Offered: '5',
    Free: '1',
    'Hidden, because they cost': '4',
  })
})

test('a look is one small request: the list lives ten minutes', async () => {
  let at = 1_000_000
  const { server, provider } = await start({}, { now: () => at })
  const lists = () => server.requests.filter(({ path }) => path === `${root}/models`).length
  const first = await provider.models(never)
  for (let look = 0; look < 20; look++) {
    await provider.status(never)
    expect(await provider.models(never)).toBe(first)
  }
  expect(lists()).toBe(1)
  at += listLifeMs
  server.state.models.push(openRouterModel('some/other'))
  const second = await provider.models(never)
  expect(second).toHaveLength(2)
  expect(second[0]).toBe(first[0]) // it did not change, and nobody has to look closer
  expect(lists()).toBe(2)
  at -= 10 * listLifeMs // a clock that was set back
  await provider.models(never)
  expect(lists()).toBe(3)
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const hostile = {
    id: '<img src=x onerror=alert(1)>/m',
    name: 7,
    created: -1,
    context_length: '131072',
    pricing: { prompt: {}, completion: [], __proto__: { polluted: 1 }, overrides: 'x', image: 0.000_001 },
    architecture: 'x',
    supported_parameters: [1, 'tools'],
    top_provider: [],
    description: 'y'.repeat(100_000),
  }
  const { provider } = await start({ models: [hostile, { id: '' }, { name: 'no id' }, openRouterModel('a/b')] })
  const [first, second, ...others] = await provider.models(never)
  expect(others).toEqual([])
  expect(second).toMatchObject({ key: 'a/b' })
  expect(first).toMatchObject({
    key: hostile.id,
    name: hostile.id,
    contextLength: null,
    modifiedAt: null,
    role: 'unknown',
    lacks: lacking(),
    capabilities: ['tools'],
    price: { promptUsdPerMillion: null, free: false },
  })
  const details = await provider.details(hostile.id, never)
  expect(factsOf(details.groups).Description?.length).toBe(4_000)
  expect(factsOf(details.groups)).not.toHaveProperty('OpenRouter')
  expect({}).not.toHaveProperty('polluted')
})

test('details tell prices, limits, links as text, and who runs it', async () => {
  const pricing = {
    prompt: '0.00000015',
    completion: '0.0000006',
    input_cache_read: '0.00000003',
    request: '0',
    discount: 0.25,
    overrides: [{ min_prompt_tokens: 200_000, prompt: '0.0000003' }],
  }
  const model = openRouterModel('some/model:free', { pricing, expiration_date: '2027-01-01', context_length: 262_144 })
  const { server, provider } = await start({ models: [model] })
  server.state.endpoints = [
    openRouterEndpoint('DeepInfra'),
    openRouterEndpoint('Slow', { tag: null, quantization: 'unknown', latency_last_30m: null, status: -5 }),
  ]
  const { groups, warnings } = await provider.details('some/model:free', never)
  expect(warnings).toEqual([])
  expect(factsOf(groups)).toMatchObject({
    Name: 'some/model:free',
    'Stands for': 'some/model',
    'Is taken away on': '2027-01-01',
    Prompt: '$0.15 per million tokens',
    'Prompt from the cache': '$0.03 per million tokens',
    Request: 'free',
    Discount: '25 %',
    'Other price 1': 'min_prompt_tokens 200000: Prompt $0.3 per million tokens',
    'Context length': '131,072 tokens',
    'Context length of the model': '262,144 tokens',
    'Longest answer': '16,384 tokens',
    Moderated: 'no',
    Parameters: 'max_tokens, temperature, tools, tool_choice, reasoning, response_format',
    'Hugging Face': 'https://huggingface.co/meta-llama/Llama-3.3-70B-Instruct',
    OpenRouter: 'https://openrouter.ai/some/model:free',
    'DeepInfra (deepinfra/fp8)':
      'fp8 · 131,072 tokens · first token after 320 ms · 45.3 tokens/s · up 99.9 % of the last day · prompt $0.15 per million tokens · answer $0.6 per million tokens',
    Slow: expect.stringContaining('not well (status -5)'),
  })
  expect(server.requests.at(-1)?.path).toBe(`${root}/models/some/model:free/endpoints`)
})

test('a model whose providers cannot be asked has details all the same, with the reason', async () => {
  const models = ['openrouter/auto', 'a/../../key', '../key', 'one'].map((id) => openRouterModel(id))
  const { server, provider } = await start({ models, behaviour: { [`${root}/models/*`]: error(500, 'broke') } })
  const { groups, warnings } = await provider.details('openrouter/auto', never)
  expect(factsOf(groups).Name).toBe('openrouter/auto')
  expect(warnings).toEqual([expect.stringContaining('broke')])
  const asked = server.requests.length
  for (const odd of ['a/../../key', '../key', 'one']) expect((await provider.details(odd, never)).warnings).toEqual([])
  expect(server.requests).toHaveLength(asked)
  await expect(provider.details('a/nope', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('the account tells what its key may know', async () => {
  const { server, provider } = await start()
  expect(await provider.account(never)).toEqual({
    label: 'sk-or-v1-au7...890',
    usedUsd: 25.5,
    usedTodayUsd: 1,
    limitUsd: 100,
    remainingUsd: 74.5,
    creditsUsd: null,
    isFreeTier: false,
    freeRequests: { limit: 1_000, remaining: null },
    freeRequestsPerMinute: 20,
  })
  expect(server.paths()).toEqual([`GET ${root}/key`])
  server.state.key = { ...server.state.key, is_management_key: true, is_free_tier: true, limit: null }
  expect(await provider.account(never)).toMatchObject({
    limitUsd: null,
    creditsUsd: 74.75,
    freeRequests: { limit: 50 },
  })
  server.behaviour[`${root}/credits`] = error(403, 'Only management keys can fetch credits')
  expect(await provider.account(never)).toMatchObject({ creditsUsd: null })
  server.state.key = { label: 'x', free_model_daily_requests: { limit: 1_000, remaining: 990, used: 10 } }
  expect(await provider.account(never)).toMatchObject({
    usedUsd: null,
    isFreeTier: null,
    freeRequests: { limit: 1_000, remaining: 990 },
  })
  server.state.key = { label: 'x' }
  expect(await provider.account(never)).toMatchObject({ freeRequests: null })
  await expect(connect(server.address, null).account(never)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
})

test('a chat streams, and ends with what it cost', async () => {
  const { server, provider } = await start()
  const chunks = await say(provider)
  expect(chunks.slice(0, -1)).toEqual(server.state.answer.map((text) => ({ type: 'text', text })))
  expect(chunks.at(-1)).toMatchObject({
    type: 'done',
    finishReason: 'stop',
    usage: { promptTokens: 10, completionTokens: 4 },
    costUsd: 0.00014,
  })
})

test('embeddings come with what they cost', async () => {
  const { provider } = await start()
  expect(await provider.embed('some/model', ['abc', 'a'], never)).toEqual({
    embeddings: [
      [3, 0.5],
      [1, 0.5],
    ],
    promptTokens: 5,
    costUsd: 0.00014,
  })
})

test('an unknown model is named as such in every verb', async () => {
  const { provider } = await start()
  const missing = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('some/nope') }
  await expect(say(provider, 'some/nope')).rejects.toMatchObject(missing)
  await expect(provider.embed('some/nope', ['a'], never)).rejects.toMatchObject(missing)
  await expect(provider.details('some/nope', never)).rejects.toMatchObject(missing)
})

test('every verb that is absent, and every option of a load, has its sentence', async () => {
  const { provider } = await start()
  const full: Provider = provider
  expect(Object.keys(provider.cannot)).toEqual(Verb.options.filter((verb) => full[verb] === undefined))
  expect(Object.keys(provider.ignoredOptions).toSorted()).toEqual(Object.keys(LoadOptions.shape).toSorted())
  for (const sentence of [...Object.values(provider.cannot), ...Object.values(provider.ignoredOptions)])
    expect(sentence).toMatch(/^[A-Z].{20,}\.$/)
  expect(await provider.instances()).toEqual([])
})
