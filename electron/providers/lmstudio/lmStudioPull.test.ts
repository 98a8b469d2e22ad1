import { afterEach, expect, test, vi } from 'vitest'
import { createLmStudioBench, never, patience, report } from '../../../test/support/lmStudioBench.ts'

const { start, cleanUp } = createLmStudioBench()
afterEach(cleanUp)

const job = (more: object) => ({ job_id: 'job_1', status: 'downloading', total_size_bytes: 100, ...more })

test('a download is watched to its end and resolves with the key that is new', async () => {
  const { server, provider } = await start({}, { pollMs: 5 })
  server.state.download = [
    job({}),
    job({ downloaded_bytes: 40 }),
    job({ status: 'paused', downloaded_bytes: 40 }),
    job({ status: 'completed' }),
  ]
  server.state.onDownloaded = () => server.world.state.models.push({ key: 'someone/new' })
  const told: unknown[] = []
  const request = { name: 'https://huggingface.co/Someone/New-GGUF', quantization: 'Q4_K_M' }
  expect(await provider.pull(request, (text, transfer) => told.push([text, transfer]), never)).toBe('someone/new')
  const transfer = { doneBytes: 40, totalBytes: 100, parts: [] }
  expect(told).toEqual([
    [expect.stringContaining('LM Studio downloads'), null],
    [expect.stringContaining('LM Studio downloads'), transfer],
    ['paused in LM Studio', transfer],
  ])
  const body = server.requests.find(({ path }) => path === '/api/v1/models/download')?.body
  expect(body).toEqual({ model: 'https://huggingface.co/Someone/New-GGUF', quantization: 'Q4_K_M' })
})

test('what is downloaded already resolves at once with its key', async () => {
  const { server, provider } = await start({ models: [{ key: 'google/gemma' }] })
  server.state.download = [{ status: 'already_downloaded' }]
  expect(await provider.pull({ name: 'Google/Gemma' }, report, never)).toBe('google/gemma')
  expect(await provider.pull({ name: 'other/name' }, report, never)).toBe('other/name')
})

test('a download that fails has failed, though LM Studio gives no reason', async () => {
  const { server, provider } = await start({}, { pollMs: 5 })
  server.state.download = [job({}), job({ status: 'failed' })]
  await expect(provider.pull({ name: 'a/b' }, report, never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('a/b'),
  })
})

test('cancelling a download ends the watching, and says that LM Studio goes on', async () => {
  const { server, provider } = await start({}, { pollMs: 5 })
  server.state.download = [job({ downloaded_bytes: 1 })]
  const cancel = new AbortController()
  let told = 0
  // between two looks, so that no request of ours is still on its way when they are counted
  const cancelLater = () => {
    if (++told === 3) cancel.abort()
  }
  await expect(provider.pull({ name: 'a/b' }, cancelLater, cancel.signal)).rejects.toMatchObject({
    code: 'CANCELLED',
    advice: expect.stringContaining('goes on'),
  })
  const seen = server.requests.length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(server.requests).toHaveLength(seen)
})

test('a look that misses does not end a download; many in a row do', async () => {
  const { server, provider } = await start({}, { pollMs: 20 })
  server.state.download = [job({})]
  const status = '/api/v1/models/download/status/job_1'
  const seen = () => server.requests.filter(({ path }) => path === status).length
  server.behaviour[status] = 'reset'
  const pulling = provider.pull({ name: 'a/b' }, report, never)
  await vi.waitFor(() => expect(seen()).toBeGreaterThan(1), patience)
  delete server.behaviour[status]
  server.state.download = [job({ status: 'completed' })]
  await pulling
  server.state.download = [job({})]
  server.behaviour[status] = 'reset'
  await expect(provider.pull({ name: 'a/b' }, report, never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
})

test('a download without encryption, or a quantisation without a link, is refused before anything is asked', async () => {
  const { server, provider } = await start()
  for (const request of [
    { name: 'a/b', insecure: true },
    { name: 'a/b', quantization: 'Q4_0' },
  ])
    await expect(provider.pull(request, report, never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  expect(server.paths()).not.toContain('POST /api/v1/models/download')
})
