import { expect, test, vi } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { patience } from '../../../test/support/patience.ts'
import { connect, never, qwen, report, start } from '../../../test/support/vllmConnection.ts'

test('without sleep mode a model can be neither loaded nor unloaded, and the words say how it could', async () => {
  const { server, provider } = await start({ sleepMode: false })
  expect(await provider.models(never)).toMatchObject([{ loadable: true, lacks: lacking('load', 'unload') }])
  expect(await provider.instances(never)).toMatchObject([{ key: qwen, state: 'loaded', expiresAt: 'never' }])
  await expect(provider.unload(qwen, null, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringMatching(/VLLM_SERVER_DEV_MODE=1.*--enable-sleep-mode/),
  })
  // it is loaded, so making sure of that succeeds
  await expect(provider.load(qwen, {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
  expect(server.paths().filter((path) => path.startsWith('POST'))).toEqual([])
})

test('sleep routes without the flag are told in the same words', async () => {
  const { provider } = await start({ sleepMode: 'dev' })
  await expect(provider.unload(qwen, null, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('--enable-sleep-mode'),
  })
})

test('an unload puts it to sleep with its weights kept, and a load wakes it', async () => {
  const { server, provider } = await start()
  const changes: string[] = []
  const stop = provider.onChange((what) => changes.push(what))
  await provider.unload(qwen, null, never)
  expect(server.state).toMatchObject({ sleep: 'weights_offloaded', weights: 'away' })
  expect(server.requests.find(({ path }) => path === '/sleep')?.query.toString()).toBe('level=1&mode=wait')
  expect(await provider.instances(never)).toEqual([])
  await provider.unload(qwen, null, never)
  expect(server.paths().filter((path) => path === 'POST /sleep')).toHaveLength(1)
  expect(await provider.load(qwen, {}, report, never)).toMatchObject({ key: qwen, state: 'loaded' })
  expect(server.state).toMatchObject({ sleep: 'awake', weights: 'good' })
  expect(server.paths()).not.toContain('POST /collective_rpc')
  expect(changes).toHaveLength(6)
  stop()
})

test.each([['new'], ['none']] as const)(
  'a model whose weights were thrown away gets them back before it answers (metrics: %s)',
  async (metrics) => {
    const { server, provider } = await start({ metrics })
    Object.assign(server.state, { sleep: 'discard_all', weights: 'away' })
    await provider.load(qwen, {}, report, never)
    expect(server.state).toMatchObject({ sleep: 'awake', weights: 'good' })
    const calls = server.requests.filter(({ method }) => method === 'POST')
    expect(calls.map(({ path, query, body }) => `${path} ${query} ${JSON.stringify(body)}`)).toEqual([
      '/wake_up tags=weights {}',
      '/collective_rpc  {"method":"reload_weights"}',
      '/wake_up tags=kv_cache {}',
    ])
  },
)

test('weights that cannot be read again leave it asleep: nobody gets garbage', async () => {
  const { server, provider } = await start({
    behaviour: { '/collective_rpc': { status: 500, body: '{"error":{"message":"no such file"}}' } },
  })
  Object.assign(server.state, { sleep: 'discard_all', weights: 'away' })
  await expect(provider.load(qwen, {}, report, never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('no such file'),
  })
  expect(server.state).toMatchObject({ sleep: 'discard_all', weights: 'away' })
  expect(await provider.instances(never)).toEqual([])
})

test('a cancelled load is taken back', async () => {
  const { server, provider } = await start({ behaviour: { '/wake_up': 'no headers' } })
  Object.assign(server.state, { sleep: 'weights_offloaded', weights: 'away' })
  const controller = new AbortController()
  const loading = provider.load(qwen, {}, report, controller.signal)
  await vi.waitFor(() => expect(server.paths()).toContain('POST /wake_up'), patience)
  expect(await provider.instances(never)).toMatchObject([{ state: 'loading' }])
  await expect(provider.unload(qwen, null, never)).rejects.toMatchObject({ code: 'BUSY' })
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.paths().at(-1)).toBe('POST /sleep')
  expect(server.state.sleep).toBe('weights_offloaded')
})

test('an unload waits for the requests under way, and gives up with their number', async () => {
  const { server, provider } = await start({}, { unloadMs: 1_000 })
  server.state.running = 2
  await expect(provider.unload(qwen, null, never)).rejects.toMatchObject({
    code: 'BUSY',
    message: expect.stringContaining('2 requests'),
  })
  const unloading = connect(server.url).unload(qwen, null, never)
  const polls = server.paths().filter((path) => path === 'GET /metrics').length
  await vi.waitFor(
    () => expect(server.paths().filter((path) => path === 'GET /metrics').length).toBeGreaterThan(polls),
    patience,
  )
  expect(server.state.sleep).toBe('awake')
  server.state.running = 0
  await unloading
  expect(server.state.sleep).toBe('weights_offloaded')
})
