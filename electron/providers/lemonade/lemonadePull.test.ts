import { afterEach, expect, test, vi } from 'vitest'
import {
  type LemonadeServerOptions,
  pullEnd,
  pullEvents,
  startLemonadeServer,
} from '../../../test/support/lemonadeServer.ts'
import type { OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'
import { badAnswers, limitsFor } from '../../../test/support/openAiBehaviour.ts'
import { patience } from '../../../test/support/patience.ts'
import type { ReportTransfer } from '../provider.ts'
import { createLemonadeProvider, type LemonadeLimits } from './lemonadeProvider.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal
const quiet: ReportTransfer = () => {}

const start = async (options?: LemonadeServerOptions, limits?: Partial<LemonadeLimits>) => {
  const server = await startLemonadeServer(options)
  const config = { id: 'l', name: 'Lemonade', address: server.url, apiKey: () => null, hidePaid: false, now: Date.now }
  const provider = createLemonadeProvider({ ...config, ...(limits && { limits }) })
  cleanUps.push(server.close, provider.close)
  server.state.pull = [...pullEvents('tiny-Q4_0.gguf', [0, 0, 400, 1000], 1000), pullEnd]
  return { server, provider }
}
type Server = Awaited<ReturnType<typeof start>>['server']
const asked = (server: Server, path: string) => server.requests.filter((request) => request.path === path)
const pullOf = (server: Server) => asked(server, '/v1/pull').at(-1)?.body

test('a repository is registered under a name of its own, and pulled with its progress', async () => {
  const { server, provider } = await start()
  const reports: unknown[] = []
  const key = await provider.pull({ name: 'me/tiny-GGUF:Q4_0' }, (...args) => reports.push(args), never)
  expect(key).toBe('tiny-GGUF-Q4_0')
  expect(pullOf(server)).toEqual({
    model_name: 'user.tiny-GGUF-Q4_0',
    checkpoint: 'me/tiny-GGUF:Q4_0',
    recipe: 'llamacpp',
    stream: true,
  })
  const parts = (doneBytes: number) => [{ name: 'tiny-Q4_0.gguf', doneBytes, totalBytes: 1000 }]
  const text = 'Downloading file 1 of 1: tiny-Q4_0.gguf'
  expect(reports).toEqual([
    ['Asking for user.tiny-GGUF-Q4_0', null],
    [text, { doneBytes: 0, totalBytes: 1000, parts: parts(0) }],
    [text, { doneBytes: 0, totalBytes: 1000, parts: parts(0) }], // a size that was known stays
    [text, { doneBytes: 400, totalBytes: 1000, parts: parts(400) }],
    [text, { doneBytes: 1000, totalBytes: 1000, parts: parts(1000) }],
  ])
  expect((await provider.models(never)).map((model) => model.key)).toContain(key)
})

test('a name of the catalogue is pulled as it is', async () => {
  const { server, provider } = await start({ models: [{ id: 'Qwen3-GGUF', source: 'huggingface', downloaded: false }] })
  expect(await provider.models(never)).toEqual([])
  expect(await provider.pull({ name: 'Qwen3-GGUF' }, quiet, never)).toBe('Qwen3-GGUF')
  expect(pullOf(server)).toEqual({ model_name: 'Qwen3-GGUF', stream: true })
  expect(await provider.models(never)).toMatchObject([{ key: 'Qwen3-GGUF' }])
})

test('the quantisation may come apart, and what a repository is for is guessed from its name', async () => {
  const { server, provider } = await start()
  await provider.pull({ name: 'me/nomic-embed-GGUF', quantization: 'Q8_0' }, quiet, never)
  expect(pullOf(server)).toMatchObject({ checkpoint: 'me/nomic-embed-GGUF:Q8_0', labels: ['embeddings'] })
  await provider.pull({ name: 'me/my reranker' }, quiet, never)
  expect(pullOf(server)).toMatchObject({ model_name: 'user.my-reranker', labels: ['reranking'] })
})

test('a name that is taken by other weights is made longer, and one of the same weights is used again', async () => {
  const { server, provider } = await start({
    models: [{ id: 'x-Q4', source: 'huggingface', checkpoint: 'other/x:Q4' }],
  })
  await provider.pull({ name: 'me/x:Q4' }, quiet, never)
  expect(pullOf(server)).toMatchObject({ model_name: 'user.me-x-Q4' })
  await provider.pull({ name: 'other/x:Q4' }, quiet, never)
  expect(pullOf(server)).toMatchObject({ model_name: 'user.x-Q4' })
})

test.each([
  [{ name: 'tiny', insecure: true }, 'VERB_NOT_SUPPORTED'],
  [{ name: 'tiny', quantization: 'Q4_0' }, 'VERB_NOT_SUPPORTED'],
  [{ name: 'nope' }, 'MODEL_NOT_FOUND'],
  [{ name: '/x' }, 'MODEL_NOT_FOUND'],
  [{ name: 'me/' }, 'MODEL_NOT_FOUND'],
])('a pull of %j is %s before it begins', async (request, code) => {
  const { server, provider } = await start()
  await expect(provider.pull(request, quiet, never)).rejects.toMatchObject({ code })
  expect(asked(server, '/v1/pull')).toEqual([])
})

test('a pull that is refused offline says so, and leaves no name behind', async () => {
  const { server, provider } = await start({ offline: true })
  await expect(provider.pull({ name: 'me/x:Q4' }, quiet, never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('stay offline'),
    advice: expect.stringContaining('offline=false'),
    details: { status: 400 },
  })
  expect([...server.state.models.keys()]).toEqual(['tiny'])
  await expect(provider.pull({ name: 'tiny' }, quiet, never)).rejects.toMatchObject({ code: 'PROVIDER_ERROR' })
  expect([...server.state.models.keys()]).toEqual(['tiny'])
})

test.each([
  ['{"error":"Hugging Face repository not found or not accessible: me/x"}', 'MODEL_NOT_FOUND', 'me/x'],
  ['{"error":"No .gguf files found for variant Q4. \\n The scheme …"}', 'MODEL_NOT_FOUND', 'variant Q4'],
  ['{"error":"CURL error: Timeout was reached"}', 'PROVIDER_ERROR', 'CURL error'],
  ['{}', 'PROVIDER_ERROR', 'without a reason'],
])('an error in the stream, %s, is %s', async (data, code, words) => {
  const { server, provider } = await start()
  server.state.pull = [`event: error\ndata: ${data}`]
  await expect(provider.pull({ name: 'me/x:Q4' }, quiet, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
  expect([...server.state.models.keys()]).toEqual(['tiny'])
})

test('a download that broke off stays, so that the next one goes on there', async () => {
  const { server, provider } = await start()
  server.state.pull = pullEvents('x.gguf', [0, 400], 1000)
  await expect(provider.pull({ name: 'me/x:Q4' }, quiet, never)).rejects.toMatchObject({
    code: 'PROVIDER_BAD_ANSWER',
    message: expect.stringContaining('broke off'),
  })
  expect(server.state.models.get('x-Q4')).toMatchObject({ downloaded: false })
  expect(asked(server, '/v1/delete')).toEqual([])
})

test('cancelling closes the connection, which pauses the download', async () => {
  const behaviour: Record<string, OpenAiBehaviour> = { '/v1/pull': 'no headers' }
  const { server, provider } = await start({ behaviour })
  const controller = new AbortController()
  const pulling = provider.pull({ name: 'me/x:Q4' }, quiet, controller.signal)
  await vi.waitFor(() => expect(asked(server, '/v1/pull')).toHaveLength(1), patience)
  controller.abort()
  await expect(pulling).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toEqual(['/v1/pull']), patience)
})

/** A stream of another form: what each of them is for a pull. */
const inStreams: Readonly<Record<string, string>> = {
  'error inside': 'PROVIDER_ERROR',
  html: 'PROVIDER_BAD_ANSWER',
  'not json': 'PROVIDER_BAD_ANSWER',
  'cut in mid-answer': 'PROVIDER_BAD_ANSWER',
  'huge body': 'PROVIDER_BAD_ANSWER',
}
test.each([
  ...badAnswers.map(([how, code]) => [how, inStreams[String(how)] ?? code] as const),
  ['endless event line', 'PROVIDER_BAD_ANSWER'] as const,
  ['cut in mid-event', 'PROVIDER_BAD_ANSWER'] as const,
  ['one event, then silence', 'PROVIDER_TIMEOUT'] as const,
  [{ events: ['not json'] }, 'PROVIDER_BAD_ANSWER'] as const,
  [{ events: [] }, 'PROVIDER_BAD_ANSWER'] as const,
])('a pull, when the server answers %j, is %s', async (how, code) => {
  const short = limitsFor(how)
  const { provider } = await start({ behaviour: { '/v1/pull': how } }, { ...short, pullIdleMs: short.idleMs })
  await expect(provider.pull({ name: 'tiny' }, quiet, never)).rejects.toMatchObject({ code })
})
