import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ModelId } from '../shared/contract/modelId.ts'
import type { Change } from '../shared/contract/system.ts'
import { startLlamaSwapServer } from '../test/support/llamaSwapServer.ts'
import { startOllamaServer } from '../test/support/ollamaServer.ts'
import { patience } from '../test/support/patience.ts'
import { tempDir } from '../test/support/tempDir.ts'
import { createTestApp } from '../test/support/testApp.ts'
import { startWatchedProxy } from '../test/support/watchedProxy.ts'
import type { AppDeps } from './app.ts'

const start = async (deps: Partial<AppDeps> = {}) => {
  const app = await createTestApp(deps)
  onTestFinished(() => app.close())
  return app
}
const hello = { messages: [{ role: 'user' as const, content: 'say hello' }], maxTokens: 8, temperature: 0 }
const never = new AbortController().signal

describe('the application', () => {
  it('writes a sample, loads it, talks to it, shows what it holds, unloads it, and knows it after a restart', async () => {
    const dataDir = tempDir()
    const app = await start({ dataDir })
    const { models, samples } = app.services
    const { model } = await samples.create()
    const instance = await models.load(model, { contextLength: 1024 }, true)
    expect(instance).toMatchObject({ model, state: 'loaded', contextLength: 1024, estimatedBytes: expect.any(Number) })
    const answer = await models.complete({ model, ...hello }, never)
    expect(answer).toMatchObject({ usage: { completionTokens: 8 }, finishReason: 'length' })
    await vi.waitFor(() => {
      const [held] = app.services.resources().devices.flatMap((device) => device.instances)
      expect(held).toMatchObject({ model, source: 'measured', bytes: expect.any(Number) })
    }, patience)
    await models.unload(model)
    expect(models.instances()).toEqual([])
    await app.close()
    const [known] = (await start({ dataDir })).services.models.list({ provider: 'embedded' })
    expect(known).toMatchObject({ model, state: 'unloaded', tokensPerSecond: answer.timings.tokensPerSecond })
  })

  it('tells a subscriber of every step of a load, whole values only', async () => {
    const app = await start()
    const { model } = await app.services.samples.create()
    const ended = new AbortController()
    const changes: Change[] = []
    const stream = app.services.subscribe(ended.signal)
    const reading = (async () => {
      for await (const change of stream) changes.push(change)
    })().catch((error: unknown) => {
      if (!ended.signal.aborted) throw error
    })
    await vi.waitFor(() => expect(changes[0]).toEqual({ type: 'subscribed' }), patience)
    await app.services.models.load(model, {}, true)
    await app.services.models.unload(model)
    const states = () =>
      changes
        .flatMap((change) => (change.type === 'models' ? change.changed : []))
        .flatMap((changed) => (changed.model === model ? changed.state : []))
        .filter((state, index, all) => state !== all[index - 1])
    await vi.waitFor(() => expect(states().slice(-4)).toEqual(['loading', 'loaded', 'unloading', 'unloaded']), patience)
    expect(
      changes.flatMap((change) => (change.type === 'job' && change.job.kind === 'load' ? change.job.state : [])),
    ).toContain('done')
    ended.abort()
    await reading
  })

  it('closes while a server keeps a load, an unload, an answer and a look waiting, and leaves no clean-up behind', async () => {
    const dataDir = tempDir()
    const server = await startLlamaSwapServer({ models: ['tiny', 'other'].map((id) => ({ id, cmd: 'llama-server' })) })
    let silent = false
    const target = server.url
    const proxy = await startWatchedProxy({ target, instead: () => (silent ? 'silence' : null) })
    const unheard = vi.fn()
    process.on('unhandledRejection', unheard)
    onTestFinished(async () => {
      process.off('unhandledRejection', unheard)
      await Promise.all([proxy.close(), server.close()])
    })
    const app = await start({ dataDir })
    const { connections, models, jobs } = app.services
    await connections.add({ kind: 'llama-swap', address: proxy.origin })
    const model = ModelId.parse('llama-swap/tiny')
    await models.load(model, {}, true)
    server.state.start = 'held'
    const other = models.load(ModelId.parse('llama-swap/other'), {}, true) // its end is told to the server
    await vi.waitFor(() => expect(server.state.running.has('other')).toBe(true), patience)
    silent = true
    const asked = Promise.allSettled([
      other,
      models.unload(model),
      models.complete({ model, ...hello }, never),
      models.load(model, { contextLength: 4096 }, true),
      connections.check('llama-swap'),
    ])
    await vi.waitFor(() => expect(proxy.seen.length).toBeGreaterThan(8), patience)
    const closingAt = performance.now()
    await app.close()
    expect(performance.now() - closingAt).toBeLessThan(15_000)
    await asked
    expect(unheard).not.toHaveBeenCalled()
    await vi.waitFor(async () => expect(await proxy.connections()).toBe(0), patience)
    expect(() => jobs.run('load', model, async () => 'late')).toThrow('closing')
    expect((await start({ dataDir })).services.system.get().notices).toEqual([])
  })

  it('refuses a file that was cut, or went away, since it was read, and keeps the rest working', async () => {
    const app = await start()
    const { models, samples } = app.services
    const { model, path } = await samples.create()
    truncateSync(path, 1_000_000)
    await expect(models.load(model, {}, true)).rejects.toMatchObject({
      code: 'FILE_INVALID',
      message: expect.stringMatching(/missing|ends|cut|bytes/i),
    })
    renameSync(path, `${path}.elsewhere`)
    await expect(models.load(model, {}, true)).rejects.toMatchObject({
      code: expect.stringMatching(/PATH_UNUSABLE|FILE_INVALID|MODEL_NOT_FOUND|MODEL_NOT_LOADABLE/),
    })
    expect(app.services.system.get().notices).toEqual([])
  })

  it('shows a file that is no model with the reason, and does not offer to load it', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'page.gguf'), '<!DOCTYPE html><title>404</title>'.padEnd(200))
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true })
    const app = await start()
    await app.services.library.include(folder)
    await vi.waitFor(() => expect(app.services.models.list({})).toHaveLength(1), patience)
    expect(app.services.models.list({})[0]).toMatchObject({
      loadable: false,
      reason: expect.stringMatching(/web page|HTML/i),
      verbs: { load: false },
    })
    await expect(app.services.models.load(ModelId.parse('embedded/page'), {}, true)).rejects.toMatchObject({
      code: expect.stringMatching(/FILE_INVALID|MODEL_NOT_LOADABLE/),
    })
  })

  it('keeps what it knows of a folder that vanishes, and says that it is missing', async () => {
    const disk = join(tempDir(), 'disk')
    mkdirSync(disk)
    const dataDir = tempDir()
    const app = await start({ dataDir })
    await app.services.library.include(disk)
    rmSync(disk, { recursive: true })
    await app.close()
    const again = await start({ dataDir })
    await vi.waitFor(
      () => expect(again.services.library.list()).toMatchObject([{ path: disk, state: 'missing' }]),
      patience,
    )
  })

  it('connects the Ollama that a person chose, loads and unloads there, and shows it stale with the reason when it goes away', async () => {
    const ollama = await startOllamaServer()
    onTestFinished(() => ollama.close())
    const dataDir = tempDir()
    const app = await start({ dataDir })
    const { models, connections } = app.services
    expect(await connections.add({ kind: 'ollama', address: ollama.url })).toMatchObject({
      provider: 'ollama',
      status: { state: 'reachable' },
    })
    const [model] = models.list({ provider: 'ollama' }).filter((each) => each.verbs.chat)
    if (!model) throw new Error('The server has no model that chats.')
    await models.load(model.model, {}, true)
    expect(models.status(model.model).state).toBe('loaded')
    expect(await models.complete({ model: model.model, ...hello }, never)).toMatchObject({
      message: { role: 'assistant' },
    })
    expect(connections.info('ollama').usage.today.requests).toBe(1)
    await models.unload(model.model)
    expect(models.status(model.model).state).toBe('unloaded')
    await ollama.close()
    await connections.check('ollama')
    expect(models.status(model.model).stale).toBe(true)
    expect(connections.info('ollama').status).toMatchObject({
      state: 'unreachable',
      reason: expect.any(String),
      nextAttemptAt: expect.any(Number),
    })
    await app.close()
    const again = await start({ dataDir })
    expect(again.services.connections.list().map(({ provider }) => provider)).toEqual(['embedded', 'ollama'])
  })

  it('connects nothing by itself, and lets go of what is switched off or removed', async () => {
    const ollama = await startOllamaServer()
    onTestFinished(() => ollama.close())
    const app = await start({ env: { ...process.env, OLLAMA_HOST: ollama.url } })
    const { models, connections } = app.services
    expect(connections.list().map(({ provider }) => provider)).toEqual(['embedded'])
    await connections.add({ kind: 'ollama', address: ollama.url })
    await connections.change({ provider: 'ollama', enabled: false })
    expect(models.list({ provider: 'ollama' })).toEqual([])
    expect(connections.info('ollama').status).toEqual({ state: 'off' })
    await connections.remove('ollama')
    expect(connections.list().map(({ provider }) => provider)).toEqual(['embedded'])
  })
})
