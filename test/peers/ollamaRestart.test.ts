import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { freePort } from '../support/freePort.ts'
import { connectOllama } from '../support/ollamaConnection.ts'
import { tempDir } from '../support/tempDir.ts'

const program = process.env.PEER_OLLAMA_BIN
const never = new AbortController().signal
const ignore = () => {}

/** Ends it with the runners it started: they are of its process group. */
const end = async (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL') => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  process.kill(-child.pid, signal)
  await gone
}

/** Starts an Ollama of its own, with its own models; PEER_OLLAMA_BIN is its program. */
describe.skipIf(!program)(
  program ? 'an Ollama that ends and comes back' : 'an Ollama of its own by PEER_OLLAMA_BIN (not set: skipped)',
  () => {
    const serve = async (port: number, models: string) => {
      const child = spawn(program ?? '', ['serve'], {
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, OLLAMA_HOST: `127.0.0.1:${port}`, OLLAMA_MODELS: models },
      })
      onTestFinished(() => end(child, 'SIGKILL'))
      await once(child, 'spawn')
      const provider = connectOllama(`http://127.0.0.1:${port}`)
      await vi.waitFor(() => provider.status(never), { timeout: 30_000, interval: 200 })
      return child
    }

    test('is unreachable while it is gone, and then shows its models and nothing loaded', async () => {
      const [port, models] = [await freePort(), tempDir()]
      const provider = connectOllama(`http://127.0.0.1:${port}`)
      let child = await serve(port, models)
      expect(await provider.models(never)).toEqual([])
      const path = join(tempDir(), 'sample.gguf')
      await writeSampleModel(path, { targetBytes: 60_000_000 }) // slow enough to be in the middle of its answer
      const key = await provider.create({ key: 'berth-restart', source: { from: 'file', path } }, ignore, never)
      const options = { contextLength: 512, keepAlive: 'forever' } as const
      await provider.load(key, options, ignore, never)

      const request = { messages: [{ role: 'user' as const, content: 'x' }], maxTokens: 100_000 }
      const answer = async () => {
        for await (const _ of provider.chat(key, request, never)) await end(child, 'SIGKILL')
      }
      await expect(answer()).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
      const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens') }
      await vi.waitFor(() => expect(provider.status(never)).rejects.toMatchObject(unreachable))
      await expect(provider.models(never)).rejects.toMatchObject(unreachable)
      await expect(provider.load(key, {}, ignore, never)).rejects.toMatchObject(unreachable)

      child = await serve(port, models)
      expect(await provider.models(never)).toMatchObject([{ key, loadable: true }])
      expect(await provider.instances(never)).toEqual([])
      expect(await provider.load(key, options, ignore, never)).toMatchObject({ state: 'loaded', expiresAt: 'never' })
      await end(child, 'SIGTERM')
      await expect(provider.instances(never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
    })

    test('that ends during a load fails it, and leaves nothing that is taken for loaded', async () => {
      const [port, models] = [await freePort(), tempDir()]
      const provider = connectOllama(`http://127.0.0.1:${port}`)
      const child = await serve(port, models)
      const path = join(tempDir(), 'sample.gguf')
      await writeSampleModel(path, { targetBytes: 60_000_000 })
      const key = await provider.create({ key: 'berth-restart', source: { from: 'file', path } }, ignore, never)
      const failed = expect(provider.load(key, {}, ignore, never)).rejects.toMatchObject({
        code: expect.stringMatching(/^PROVIDER_/),
      })
      await delay(40)
      await end(child, 'SIGKILL')
      await failed
      await serve(port, models)
      expect(await provider.instances(never)).toEqual([])
      expect(await provider.models(never)).toMatchObject([{ key, loadable: true }])
    })
  },
)
