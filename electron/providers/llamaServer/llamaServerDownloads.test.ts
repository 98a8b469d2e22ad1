import { describe, expect, test } from 'vitest'
import type { Transfer } from '../../../shared/contract/jobs.ts'
import { never, report, start } from '../../../test/support/llamaRouterConnection.ts'
import { badAnswers, limitsFor } from '../../../test/support/openAiBehaviour.ts'

describe('a pull', () => {
  test('shows what comes, and resolves with the name it is listed under', async () => {
    const { server, provider } = await start()
    server.state.download = 'held'
    const seen: (Omit<Transfer, 'bytesPerSecond'> | null)[] = []
    const pulling = provider.pull(
      { name: 'user/repo', quantization: 'Q4_0' },
      (_, transfer) => seen.push(transfer),
      never,
    )
    await expect.poll(() => server.listeners.size).toBe(1)
    await expect.poll(() => server.models.has('user/repo:Q4_0')).toBe(true)
    const url = 'https://huggingface.co/user/repo/resolve/main/a-Q4_0.gguf?token=canary'
    server.tell('user/repo:Q4_0', 'download_progress', { [url]: { done: 10, total: 40 }, other: { done: 1 } })
    await expect
      .poll(() => seen.at(-1))
      .toEqual({
        doneBytes: 11,
        totalBytes: null,
        parts: [
          { name: 'a-Q4_0.gguf', doneBytes: 10, totalBytes: 40 },
          { name: 'other', doneBytes: 1, totalBytes: null },
        ],
      })
    server.become('user/repo:Q4_0', 'unloaded')
    expect(await pulling).toBe('user/repo:Q4_0')
  })

  test('that fails is told, though the router says that it finished', async () => {
    const { server, provider } = await start()
    server.state.download = 'fails'
    await expect(provider.pull({ name: 'user/repo' }, report, never)).rejects.toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('could not download user/repo'),
      advice: expect.stringContaining('no connection'),
    })
  })

  test('of a name that is none is refused, and so is one by another way', async () => {
    const { provider } = await start()
    await expect(provider.pull({ name: 'repo' }, report, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    const insecure = provider.pull({ name: 'user/repo', insecure: true }, report, never)
    await expect(insecure).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('that is cancelled ends at the router', async () => {
    const { server, provider } = await start()
    server.state.download = 'held'
    const controller = new AbortController()
    const pulling = provider.pull({ name: 'user/repo' }, report, controller.signal)
    pulling.catch(() => {}) // looked at below
    await expect.poll(() => server.models.get('user/repo')?.value).toBe('downloading')
    controller.abort()
    await expect(pulling).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(server.models.has('user/repo')).toBe(false)
  })

  test.each(badAnswers)('answered by %j is %s', async (how, code) => {
    const limits = limitsFor(how)
    // its status is true, and needs its time
    const { server, provider } = await start({}, { ...limits, answerMs: Math.max(1_500, limits.answerMs) })
    await provider.status(never)
    server.behaviour['/models'] = how // the list is read from there too
    await expect(provider.pull({ name: 'user/repo' }, report, never)).rejects.toMatchObject({ code })
  })
})

describe('a removal', () => {
  test('takes what the router downloaded, and nothing else', async () => {
    const { server, provider } = await start({ models: [{ id: 'tiny' }, { id: 'user/repo:Q4_0', canRemove: true }] })
    expect(await provider.removal('user/repo:Q4_0', never)).toMatchObject({ freedBytes: null, sharedWith: [] })
    await provider.remove('user/repo:Q4_0', never)
    expect([...server.models.keys()]).toEqual(['tiny'])
    for (const ask of [provider.removal, provider.remove])
      await expect(ask('tiny', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.remove('nope', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})
