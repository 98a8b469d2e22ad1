import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createLoadClient } from '../../electron/benchmark/servingTest/loadClient.ts'
import { type Answer, promptMark, type WireOrder } from '../../electron/benchmark/servingTest/loadOrder.ts'
import { createPrompts } from '../../electron/benchmark/servingTest/prompts.ts'
import { createLlamaServerProvider } from '../../electron/providers/llamaServer/llamaServerProvider.ts'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { createOllamaProvider } from '../../electron/providers/ollama/ollamaProvider.ts'
import type { Provider } from '../../electron/providers/provider.ts'
import { curlStream } from '../support/curlStream.ts'

const never = new AbortController().signal
const rounds = 15
const limits = { requestMs: 60_000, maxStreamBytes: 2 ** 24, maxLineLength: 2 ** 20, maxPieces: 10_000 }
const quantile = (values: readonly number[], part: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN
}
const median = (values: readonly number[]): number => quantile(values, 0.5)
/** Of a median, as a part of it: from the spread between the quartiles, which is 1.35 deviations of a normal distribution. */
const errorOf = (values: readonly number[]): number => {
  const deviation = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.35
  return (1.25 * deviation) / Math.sqrt(values.length) / median(values)
}

const models = process.env.PEER_MODELS_DIR
/** `made`: in Ollama, for this test; it must take longer for a token than this machine for a message between two processes */
const made = 'berth-serving:latest'
const servers: readonly (readonly [string, string | undefined, string, () => Provider])[] = [
  [
    'llama-server at LLAMA_SERVER_URL',
    process.env.LLAMA_SERVER_URL,
    'small',
    () => createLlamaServerProvider(config('llama-server', process.env.LLAMA_SERVER_URL ?? '')),
  ],
  [
    'Ollama at OLLAMA_HOST, with PEER_MODELS_DIR',
    models && process.env.OLLAMA_HOST,
    made,
    () => createOllamaProvider(config('ollama', resolveOllamaAddress(null, process.env.OLLAMA_HOST).address)),
  ],
]
const config = (id: string, address: string) => ({
  id,
  name: id,
  address,
  apiKey: () => null,
  hidePaid: false,
  now: Date.now,
})

/** Figures of one answer, as curl's are made. */
const figuresOf = ({ firstMs, plannedMs, pieceMs, endMs, outputTokens }: Answer) => ({
  tokens: outputTokens,
  ttftMs: (firstMs ?? Number.NaN) - plannedMs,
  itlMs: ((pieceMs.at(-1) ?? Number.NaN) - (firstMs ?? Number.NaN)) / ((outputTokens ?? Number.NaN) - 1),
  totalMs: endMs - plannedMs,
})

describe.each(servers)('%s', (name, address, key, create) => {
  const provider = address ? create() : null
  const client = address ? createLoadClient() : null
  afterAll(async () => {
    await client?.close()
    await provider?.unload?.(key, null, never)
    if (key === made) await provider?.remove?.(key, never)
    await provider?.close?.()
  })

  test.skipIf(!address)(
    address ? 'one stream takes as long as for curl' : `${name} (not set: skipped)`,
    async () => {
      if (provider === null || client === null) throw new Error('there is no server')
      if (key === made) {
        const source = { from: 'file', path: join(models ?? '', 'small.gguf') } as const
        await provider.create?.({ key, source }, () => {}, never)
      }
      // on one thread, as other work on the machine disturbs several more
      await provider.load?.(key, 'threads' in provider.ignoredOptions ? {} : { threads: 1 }, () => {}, never)
      const messages = [{ role: 'user' as const, content: promptMark }]
      const wire = await provider.wire?.(key, { messages, maxTokens: 32, temperature: 1, exact: true }, never)
      if (wire === undefined) throw new Error('it has no wire')
      const prompts = { seed: 1, words: 100, tag: Date.now().toString(36) }
      const ours = async (firstPrompt: number) => {
        const answers: Answer[] = []
        const arrivals = { loop: 'closed', level: 1, count: 1 } as const
        const order: WireOrder = { wire, arrivals, prompts, firstPrompt, limits, remainingMs: null, spending: null }
        await client.run(order, (answer) => answers.push(answer), never)
        const [answer] = answers
        if (answer?.error !== null) throw new Error(`it failed: ${answer?.error}`)
        return figuresOf(answer)
      }
      const curls = (prompt: number) =>
        curlStream({ ...wire, body: wire.body.replace(promptMark, createPrompts(prompts)(prompt)) })

      await ours(0) // and curl's first start is read from the disk
      await curls(1)
      const pairs: { ours: Awaited<ReturnType<typeof ours>>; curls: Awaited<ReturnType<typeof curls>> }[] = []
      for (let round = 1; round <= rounds; round++)
        pairs.push(
          round % 2
            ? { ours: await ours(round * 2), curls: await curls(round * 2 + 1) }
            : { curls: await curls(round * 2), ours: await ours(round * 2 + 1) },
        )
      // an answer may end before its limit: those that are as long are compared whole
      const whole = pairs.filter((pair) => pair.ours.tokens === pair.curls.tokens)
      expect(whole.length).toBeGreaterThan(rounds / 2)
      for (const figure of ['ttftMs', 'itlMs', 'totalMs'] as const) {
        const own = whole.map((pair) => pair.ours[figure])
        const curl = whole.map((pair) => pair.curls[figure])
        // where the machine is busy neither is known to 5 %: then by three of their own errors
        const tolerance = Math.min(0.5, Math.max(0.05, 3 * Math.hypot(errorOf(own), errorOf(curl))))
        const said = `${figure}: ${median(own)} and ${median(curl)} of curl`
        expect(Math.abs(median(own) / median(curl) - 1), said).toBeLessThan(tolerance)
      }
    },
    300_000,
  )
})
