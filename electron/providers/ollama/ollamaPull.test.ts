import { expect, test, vi } from 'vitest'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { connectOllama, recordReports, startOllama } from '../../../test/support/ollamaConnection.ts'
import { startOllamaServer } from '../../../test/support/ollamaServer.ts'
import { patience } from '../../../test/support/patience.ts'

const never = new AbortController().signal
const ignore = () => {}
const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`
/** Short where it is waited for, else long enough for a busy machine. */
const quietMsFor = (code: string) => (code === 'PROVIDER_TIMEOUT' ? 100 : 10_000)
const registry = [
  {
    name: 'llama9',
    layers: [
      { digest: digestOf('a'), bytes: 8_000 },
      { digest: digestOf('b'), bytes: 4_000 },
      { digest: digestOf('c'), bytes: 10 },
    ],
  },
]

test('a pull tells each layer and their sum, and ends with the name under which it is listed', async () => {
  const { server, provider } = await startOllama({ models: [], registry })
  const { report, reports, texts, last } = recordReports()
  expect(await provider.pull({ name: 'llama9' }, report, never)).toBe('llama9:latest')
  expect(texts()).toEqual([
    'Reading the manifest',
    'Downloading aaaaaaaaaaaa',
    'Downloading bbbbbbbbbbbb',
    'Checking what was downloaded',
    'Writing the manifest',
    'Done',
  ])
  expect(reports[0]?.transfer).toBeNull()
  const first = reports.find(({ text }) => text === 'Downloading aaaaaaaaaaaa')?.transfer
  expect(first).toEqual({
    doneBytes: 0,
    totalBytes: 8_000,
    parts: [{ name: 'aaaaaaaaaaaa', doneBytes: 0, totalBytes: 8_000 }],
  })
  // the second layer has begun: the first is whole, though its last line was short of that
  const second = reports.find(({ text }) => text === 'Downloading bbbbbbbbbbbb')?.transfer
  expect(second).toMatchObject({ doneBytes: 8_000, totalBytes: 12_000, parts: [{ doneBytes: 8_000 }, {}] })
  // the third is small and had no line
  expect(last()).toEqual({
    doneBytes: 12_000,
    totalBytes: 12_000,
    parts: [
      { name: 'aaaaaaaaaaaa', doneBytes: 8_000, totalBytes: 8_000 },
      { name: 'bbbbbbbbbbbb', doneBytes: 4_000, totalBytes: 4_000 },
    ],
  })
  expect(server.requests[0]).toMatchObject({
    path: '/api/pull',
    body: { model: 'llama9:latest', insecure: false, stream: true },
  })
  expect((await provider.models(never)).map(({ key }) => key)).toEqual(['llama9:latest'])
})

test('cancelling a pull closes its connection, and the next one goes on where it was', async () => {
  const { server, provider } = await startOllama({ models: [], registry })
  const release = server.hold('next line')
  const controller = new AbortController()
  const { report, last } = recordReports()
  const pulling = provider.pull({ name: 'llama9' }, report, controller.signal)
  await vi.waitFor(() => expect(last()).not.toBeNull(), patience)
  server.store.fetched.set(digestOf('a'), 6_000)
  controller.abort()
  await expect(pulling).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toEqual(['/api/pull']), patience)
  release()
  const again = recordReports()
  await provider.pull({ name: 'llama9' }, again.report, never)
  expect(again.reports.find(({ transfer }) => transfer !== null)?.transfer).toMatchObject({ doneBytes: 6_000 })
})

test('a quantisation is a tag, and a name that has another one is refused', async () => {
  const { server, provider } = await startOllama()
  const hub = [{ name: 'hf.co/user/repo:Q4_K_M', layers: [] }]
  server.store.state.registry = hub
  const pull = (name: string, quantization: string) => provider.pull({ name, quantization }, ignore, never)
  expect(await pull('https://hf.co/user/repo', 'Q4_K_M')).toBe('hf.co/user/repo:Q4_K_M')
  expect(await pull('hf.co/user/repo:q4_k_m', 'Q4_K_M')).toBe('hf.co/user/repo:Q4_K_M')
  await expect(pull('hf.co/user/repo:Q8_0', 'Q4_K_M')).rejects.toMatchObject({ code: 'NAME_INVALID' })
  await expect(pull('hf.co/user/repo', 'Q4 K')).rejects.toMatchObject({ code: 'NAME_INVALID' })
})

test('a name that Ollama cannot take is refused before anything is asked', async () => {
  const { server, provider } = await startOllama()
  for (const name of ['', 'a b', 'a/b/c/d', 'm@sha256:00', 'hf.co/some.one/repo', 'm:', ':latest', `${'x'.repeat(81)}`])
    await expect(provider.pull({ name }, ignore, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
  expect(server.requests).toEqual([])
})

test('an unknown model and a registry out of reach are two different things, in words', async () => {
  const { server, provider } = await startOllama({ registry })
  await expect(provider.pull({ name: 'nope' }, ignore, never)).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringContaining('no model of this name'),
  })
  server.store.state.offline = true
  await expect(provider.pull({ name: 'llama9' }, ignore, never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('could not reach the registry'),
    advice: expect.stringContaining('HTTPS_PROXY'),
    details: { status: 200 }, // of the registry, not of Ollama: no reason to pause it
  })
})

const errorLine = (error: string): Behaviour => ({
  lines: ['{"status":"pulling manifest"}', JSON.stringify({ error })],
})

test.each<[Behaviour, string, string]>([
  [errorLine('max retries exceeded'), 'PROVIDER_ERROR', 'could not reach the registry'],
  [errorLine('write /x: no space left on device'), 'DISK_FULL', 'disk of Ollama'],
  [errorLine('digest mismatch, file must be downloaded again: want a, got b'), 'PROVIDER_ERROR', 'not what was sent'],
  [errorLine('EOF'), 'PROVIDER_ERROR', 'cannot go on'],
  [errorLine('pull model manifest: 412: requires a newer version of Ollama'), 'PROVIDER_TOO_OLD', 'newer version'],
  [errorLine('this model requires MLX support'), 'PROVIDER_ERROR', 'MLX'],
  [{ lines: ['{"status":"pulling manifest"}'] }, 'PROVIDER_BAD_ANSWER', 'without saying that it had finished'],
  [{ lines: ['{"status":7}'] }, 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
  [{ status: 429, body: '{"error":"slow down"}' }, 'PROVIDER_RATE_LIMITED', 'slow down'],
  [{ status: 500, body: '{"error":"boom"}' }, 'PROVIDER_ERROR', '(500): boom'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY', 'busy'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['wrong types', 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
  ['endless line', 'PROVIDER_BAD_ANSWER', 'a line of more than'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['no headers', 'PROVIDER_TIMEOUT', 'did not answer in time'],
])('a pull and a push that break by %j are %s', async (how, code, words) => {
  const models = [{ name: 'me/tiny' }]
  const behaviour = { '/api/pull': how, '/api/push': how }
  const { provider } = await startOllama({ models, behaviour }, { quietMs: quietMsFor(code), maxLineLength: 100_000 })
  const expected = { code, message: expect.stringContaining(words) }
  await expect(provider.pull({ name: 'llama9' }, ignore, never)).rejects.toMatchObject(expected)
  await expect(provider.push('me/tiny:latest', false, ignore, never)).rejects.toMatchObject(expected)
})

test('a redirect is not followed: where it points nothing arrives', async () => {
  const other = await startOllamaServer({ registry })
  const { server, provider } = await startOllama({ registry })
  for (const path of ['/api/pull', '/api/delete', '/api/copy', '/api/embed', '/'])
    server.behaviour[path] = { redirect: `${other.url}${path}` }
  const refused = { code: 'PROVIDER_BAD_ANSWER', message: expect.stringContaining('redirect') }
  await expect(provider.pull({ name: 'llama9' }, ignore, never)).rejects.toMatchObject(refused)
  await expect(provider.remove('tiny:latest', never)).rejects.toMatchObject(refused)
  await expect(provider.copy('tiny:latest', 'b', never)).rejects.toMatchObject(refused)
  await expect(provider.embed('tiny:latest', ['a'], never)).rejects.toMatchObject(refused)
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
  expect(other.requests).toEqual([])
  await other.close()
})

test('hostile progress is bounded: sizes, digests, texts and the number of layers', async () => {
  const line = (fields: object) => JSON.stringify(fields)
  const lines = [
    line({ status: 'x'.repeat(10_000) }),
    line({ status: 'pulling', digest: 'sha256:<b>', total: -5 }),
    line({ status: 'pulling over', digest: digestOf('d'), total: 10, completed: 99 }),
    ...Array.from({ length: 3_000 }, (_, index) => line({ status: `s${index}`, digest: `sha256:${index}`, total: 1 })),
    line({ status: 'success' }),
  ]
  const { provider } = await startOllama({ models: [{ name: 'llama9' }], behaviour: { '/api/pull': { lines } } })
  const { report, reports, last } = recordReports()
  await provider.pull({ name: 'llama9' }, report, never)
  expect(Math.max(...reports.map(({ text }) => text.length))).toBeLessThan(250)
  expect(last()?.parts).toHaveLength(1000)
  expect(last()?.parts[1]).toEqual({ name: 'dddddddddddd', doneBytes: 10, totalBytes: 10 })
  expect(last()).toMatchObject({ totalBytes: null }) // one layer did not tell its size
})

test('a pull after which Ollama does not list the model has failed: a file of it is damaged', async () => {
  const { provider } = await startOllama({ behaviour: { '/api/pull': { lines: ['{"status":"success"}'] } } })
  await expect(provider.pull({ name: 'llama9' }, ignore, never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('does not list llama9:latest'),
    advice: expect.stringContaining('ollama rm llama9:latest'),
  })
})

test('a push uploads what has a namespace, and refuses the rest with what to do', async () => {
  const { server, provider } = await startOllama({ models: [{ name: 'tiny' }, { name: 'me/tiny' }] })
  const { report, texts, last } = recordReports()
  await provider.push('me/tiny:latest', true, report, never)
  expect(texts()).toEqual([
    'Reading the manifest',
    'Starting the upload',
    'Uploading 0123456789ab',
    'Uploading the manifest',
    'Done',
  ])
  expect(last()).toMatchObject({ doneBytes: 4_000, totalBytes: 4_000 })
  expect(server.requests.at(-1)?.body).toMatchObject({ model: 'me/tiny:latest', insecure: true })
  await expect(provider.push('tiny:latest', false, report, never)).rejects.toMatchObject({
    code: 'NAME_INVALID',
    advice: expect.stringContaining('Copy the model'),
  })
  await expect(provider.push('me/nope', false, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  const uploads = (await provider.models(never)).map((model) => [model.key, model.lacks.push === undefined])
  expect(uploads).toEqual([
    ['tiny:latest', false],
    ['me/tiny:latest', true],
  ])
})

test('a server that is down is unreachable in the verbs that change models too', async () => {
  const server = await startOllamaServer()
  const provider = connectOllama(server.url)
  await server.close()
  const unreachable = { code: 'PROVIDER_UNREACHABLE' }
  await expect(provider.pull({ name: 'a' }, ignore, never)).rejects.toMatchObject(unreachable)
  await expect(provider.push('me/a', false, ignore, never)).rejects.toMatchObject(unreachable)
  await expect(provider.copy('a', 'b', never)).rejects.toMatchObject(unreachable)
  await expect(provider.remove('a', never)).rejects.toMatchObject(unreachable)
  await expect(provider.removal('a', never)).rejects.toMatchObject(unreachable)
  await expect(provider.keepAlive('a', 60, never)).rejects.toMatchObject(unreachable)
  await expect(provider.embed('a', ['x'], never)).rejects.toMatchObject(unreachable)
  await expect(provider.facts(never)).rejects.toMatchObject(unreachable)
})
