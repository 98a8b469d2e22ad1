import { afterAll, beforeAll } from 'vitest'
import { type Script, type ScriptedServer, startScriptedServer } from '../../../test/support/scriptedServer.ts'
import { createLoadClient, type LoadClient } from './loadClient.ts'
import { type Answer, type Arrivals, promptMark, type RequestLimits, type WireOrder } from './loadOrder.ts'

const never = new AbortController().signal
export const testLimits: RequestLimits = {
  requestMs: 20_000,
  maxStreamBytes: 2 ** 20,
  maxLineLength: 10_000,
  maxPieces: 1000,
}

export const wireTo = (url: string, format: 'openai' | 'ollama' = 'openai'): WireOrder['wire'] => ({
  url,
  headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test-canary-0123456789' },
  body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: promptMark }], stream: true }),
  format,
})

/** A scripted server and a load client for the tests of a file. */
export const provideLoadTest = () => {
  const started = Promise.withResolvers<{ server: ScriptedServer; client: LoadClient }>()
  beforeAll(async () => started.resolve({ server: await startScriptedServer(), client: createLoadClient() }))
  afterAll(async () => {
    const { server, client } = await started.promise
    await client.close()
    await server.close()
  })

  const run = async (script: Script, arrivals: Arrivals, more: Partial<WireOrder> = {}, signal = never) => {
    const { server, client } = await started.promise
    await server.play(script)
    const answers: Answer[] = []
    const order: WireOrder = {
      wire: wireTo(server.url, script.answers[0]?.format),
      arrivals,
      prompts: { seed: 1, words: 8, tag: 'test' },
      firstPrompt: 0,
      limits: testLimits,
      remainingMs: null,
      spending: null,
      ...more,
    }
    const outcome = await client.run(order, (answer) => answers.push(answer), signal)
    const written = new Map((await server.written()).map((each) => [each.prompt, each]))
    return { answers, outcome, written }
  }
  return { run, started: started.promise }
}
