import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { cpuMs } from '../../../test/support/cpuTime.ts'
import { freePrice, openRouterModel } from '../../../test/support/openRouterServer.ts'
import { createOpenRouterProvider } from './openRouterProvider.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal
const count = 10_000

/** A list as large as a gateway could make it, ready to be sent: 15 MB. */
const start = async () => {
  const models = Array.from({ length: count }, (_, at) =>
    openRouterModel(`org-${at % 100}/model-${at}`, at % 10 === 0 ? { pricing: freePrice } : {}),
  )
  const body = Buffer.from(JSON.stringify({ data: models, total_count: count }))
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  const { port } = server.address() as AddressInfo // it listens on a port
  return { address: `http://127.0.0.1:${port}/api/v1`, sizeBytes: body.length }
}
const connect = (address: string, hidePaid: boolean) => {
  const config = { id: 'openrouter', name: 'OpenRouter', address, apiKey: () => null, hidePaid, now: Date.now }
  const provider = createOpenRouterProvider(config)
  cleanUps.push(provider.close)
  return provider
}

/** The most that this thread computed between two turns of others, while `work` ran. */
const longestTurnMs = async (work: () => Promise<unknown>): Promise<number> => {
  let longest = 0
  let last = cpuMs()
  let running = true
  const tick = () => {
    const at = cpuMs()
    longest = Math.max(longest, at - last)
    last = at
    if (running) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  running = false
  return longest
}

test('ten thousand models are read while others get their turn, and then kept', async () => {
  const { address, sizeBytes } = await start()
  expect(sizeBytes).toBeGreaterThan(14_000_000)
  const provider = connect(address, false)
  // parsed at once it would be some 300; what is left is the collector of garbage, which a busy machine slows down
  expect(await longestTurnMs(() => provider.models(never))).toBeLessThan(60)
  const models = await provider.models(never)
  expect(models).toHaveLength(count)
  expect(models.at(-1)).toMatchObject({ key: 'org-99/model-9999', price: { promptUsdPerMillion: 0.15 } })
  const before = cpuMs()
  for (let look = 0; look < 100; look++) expect(await provider.models(never)).toBe(models)
  expect(cpuMs() - before).toBeLessThan(100)
})

test('of ten thousand models the free ones are left where paid ones are hidden', async () => {
  const provider = connect((await start()).address, true)
  const models = await provider.models(never)
  expect(models).toHaveLength(count / 10)
  expect(models.every(({ price }) => price?.free)).toBe(true)
})
