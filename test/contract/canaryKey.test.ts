import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openCatalog } from '../../electron/catalog/database.ts'
import { engineEnvironment } from '../../electron/engine/engineEnvironment.ts'
import { listProcedures, type PublishedProcedure } from '../../electron/headless/routeTable.ts'
import { childEnvironment } from '../../electron/lib/childProcess.ts'
import { contract } from '../../shared/contract/index.ts'
import { echoes, startEchoServer } from '../support/echoServer.ts'
import { filesBelow, filesWithSecret, holdsSecret } from '../support/findSecret.ts'
import { patience } from '../support/patience.ts'
import { tempDir } from '../support/tempDir.ts'

const storedKey = 'sk-canary-stored/5f2c9+a8e1~d740=b6'
const variableKey = 'sk-canary-variable/17c0+44ef~90b2=a3'
const passphrase = 'canary passphrase, of some length'
const secrets = [storedKey, variableKey, passphrase]
const token = 'a-token-for-tests'
const program = fileURLToPath(new URL('../../electron/headless/main.ts', import.meta.url))

/** A headless Berth from its sources, as a person starts it; `produced` is all that came out of it. */
const startBerth = async (
  dataDir: string,
  env: Record<string, string> = {},
  flags: readonly string[] = ['--no-open'],
) => {
  const produced: { readonly what: string; readonly text: string }[] = []
  const child: ChildProcess = spawn(process.execPath, [program, '--data-dir', dataDir, '--token', token, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OPENAI_API_KEY: variableKey, OLLAMA_HOST: 'http://127.0.0.1:1', ...env },
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('The host has no output.')
  for (const stream of [stdout, stderr])
    stream.on('data', (chunk: Buffer) => produced.push({ what: 'the terminal', text: chunk.toString() }))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(() => void child.kill('SIGKILL'))
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(stdout).on('line', (text) => {
      const found = /Berth is ready at (http:\/\/[^/\s]+)/.exec(text)?.[1]
      if (found) resolve(found)
    })
    void ended.then(() => reject(new Error(`The host ended: ${produced.map(({ text }) => text)}`)))
  })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  /** The status and text of one call; a stream is read for a while. */
  const call = async (method: string, path: string, input: object = {}, ms = 30_000) => {
    const texts = Object.entries(input).map(([name, value]) => [name, String(value)])
    const query = method === 'GET' ? `?${new URLSearchParams(texts)}` : ''
    const body = method === 'GET' ? null : JSON.stringify(input)
    const signal = AbortSignal.timeout(ms)
    const chunks: Uint8Array[] = []
    let status = 0
    try {
      const answer = await fetch(`${address}/api/v1${path}${query}`, { method, headers, body, signal })
      status = answer.status
      produced.push({ what: `the headers of ${path}`, text: JSON.stringify([...answer.headers]) })
      for await (const chunk of answer.body ?? []) chunks.push(chunk)
    } catch (error) {
      if (!signal.aborted && status === 0) throw error // else the time was up, or a stream broke: what came counts
    }
    const text = Buffer.concat(chunks).toString()
    produced.push({ what: `${method} ${path} ${JSON.stringify(input)}`, text })
    return { status, text }
  }
  const stop = async () => {
    child.kill('SIGINT')
    await ended
  }
  return { call, produced, stop, pid: child.pid ?? 0 }
}
type Berth = Awaited<ReturnType<typeof startBerth>>

const about = /^(providers|models|secrets)\./
/** What each procedure about providers and models is asked, for one provider and a model of it. */
const inputsOf = (provider: string, model: string, address: string): Readonly<Record<string, readonly object[]>> => ({
  'providers.list': [{}],
  'providers.add': [
    { kind: 'ollama', address: `${address}/other`, key: storedKey },
    { kind: 'ollama', address: 'not an address', key: storedKey },
    { kind: 'ollama', address: `http://user:${storedKey}@127.0.0.1`, key: storedKey },
  ],
  'providers.change': [
    { provider, name: 'Renamed' },
    { provider: 'nobody', key: storedKey },
  ],
  'providers.remove': [{ provider: 'ollama-2' }],
  'providers.check': [{ provider }],
  'providers.health': [{ provider }],
  'providers.found': [{}],
  'providers.test': [
    { kind: 'ollama', address, key: storedKey },
    { kind: 'openai', address: `${address}/v1`, keyVariable: 'OPENAI_API_KEY' },
    { kind: 'llama-server', address, provider },
    { kind: 'openai', address: `${address}/${storedKey.length}`, key: storedKey },
  ],
  'models.list': [{}, { provider }],
  'models.details': [{ model }],
  'models.status': [{ model }],
  'models.resources': [{}],
  'models.instances': [{}],
  'models.load': [{ model, options: { keepAlive: 60 } }, { model }, { model, wait: false }],
  'models.unload': [{ model }],
  'models.keepAlive': [
    { model, keepAlive: 60 },
    { model, keepAlive: 'forever' },
  ],
  'models.chat': [true, false].map((stream) => ({ model, stream, messages: [{ role: 'user', content: 'hello' }] })),
  'models.embed': [{ model, input: ['hello'] }],
  'models.pull': [{ model: `${provider}/other` }],
  'models.push': [{ model }],
  'models.create': [{ model: `${provider}/made`, source: { from: 'model', key: 'plain:latest' } }],
  'models.copy': [{ model, to: 'copied' }],
  'models.rename': [{ model, to: 'renamed' }],
  'models.removal': [{ model }],
  'models.remove': [{ model }],
  'models.adapters': [{ model }],
  'models.changeAdapter': [{ model, change: { change: 'scale', id: '0', scale: 1 } }],
  'models.validateName': [{ name: storedKey.slice(0, 9) }],
  'secrets.get': [{}],
  'secrets.unlock': [{ passphrase: 'a wrong passphrase' }, { passphrase: storedKey }],
})

const askEverything = async (
  berth: Berth,
  procedures: readonly PublishedProcedure[],
  inputs: ReturnType<typeof inputsOf>,
) => {
  for (const { name, method, path } of procedures)
    for (const input of inputs[name] ?? []) await berth.call(method, path, input, 2000)
}

const expectNothing = (what: string, bytes: Buffer | string) => {
  for (const secret of secrets) if (holdsSecret(bytes, secret)) expect.fail(`${secret} is in ${what}`)
}

it('keys are in no byte that Berth produces, whatever a hostile server repeats of them', {
  timeout: 300_000,
}, async () => {
  const dataDir = tempDir()
  const server = await startEchoServer()
  onTestFinished(server.close)
  // the search finds what the server does: without this, all below would prove nothing
  const echoed = await fetch(`${server.url}/api/tags`, { headers: { authorization: `Bearer ${storedKey}` } })
  expect(holdsSecret(await echoed.text(), storedKey)).toBe(true)

  const berth = await startBerth(dataDir, { BERTH_KEYS_PASSPHRASE: passphrase })
  const changes = berth.call('GET', '/changes', {}, 60_000)
  const procedures = listProcedures(contract as never).filter(({ name }) => about.test(name)) // its shape is a router's
  const asked = inputsOf('ollama', 'ollama/plain:latest', server.url)
  expect(procedures.map(({ name }) => name).filter((name) => asked[name] === undefined)).toEqual([])

  const added = await berth.call('POST', '/providers', { kind: 'ollama', address: server.url, key: storedKey })
  expect([added.status, added.text]).toEqual([200, expect.stringContaining('"protection":"passphrase"')])
  const second = await berth.call('POST', '/providers', {
    kind: 'openai',
    address: `${server.url}/v1`,
    keyVariable: 'OPENAI_API_KEY',
  })
  expect([second.status, second.text]).toEqual([200, expect.stringContaining('"variable":"OPENAI_API_KEY"')])
  expect(new Set(server.heard)).toEqual(new Set([`Bearer ${storedKey}`, `Bearer ${variableKey}`]))

  await askEverything(berth, procedures, asked)
  const slow = ['secrets.unlock', 'providers.found'] // and the same whatever the server says
  const others = procedures.filter(({ name }) => !slow.includes(name))
  await askEverything(berth, others, inputsOf('openai', 'openai/plain', server.url))
  for (const how of echoes.filter((each) => each !== 'good')) {
    server.answer(how)
    await askEverything(berth, others, asked)
    if (how === 'status') await askEverything(berth, others, inputsOf('openai', 'openai/plain', server.url))
  }
  server.answer('good')
  for (const { name, method, path } of listProcedures(contract as never)) // as above
    if (['jobs.list', 'system.get', 'settings.get'].includes(name)) await berth.call(method, path)
  for (const [name, bytes] of filesBelow(dataDir)) expectNothing(`${name} while it runs`, bytes)
  expect([...filesBelow(dataDir).keys()]).toEqual(
    expect.arrayContaining(['catalog.sqlite-wal', 'secrets.json', 'berth.log']),
  )
  await berth.stop()
  expect((await changes).text).toContain('"type":"providers"')

  const catalog = openCatalog({ dataDir, now: Date.now, uncleanStart: false })
  await catalog.backUp()
  catalog.close()
  expect([...filesBelow(dataDir).keys()].filter((name) => name.startsWith('backups'))).not.toEqual([])
  for (const [name, bytes] of filesBelow(dataDir)) expectNothing(name, bytes)
  for (const { what, text } of berth.produced) expectNothing(what, text)
  expect(berth.produced.filter(({ text }) => text.includes('[key removed]')).length).toBeGreaterThan(20)
  // a log that held it would be found
  writeFileSync(join(dataDir, 'berth.log'), JSON.stringify({ msg: `sent ${storedKey}` }))
  expect(filesWithSecret(dataDir, storedKey)).toEqual(['berth.log'])
})

const oneRequest = {
  kind: 'serving',
  loads: [{ by: 'concurrency', level: 1 }],
  arrivals: 'constant',
  promptTokens: 8,
  outputTokens: 4,
  requestsPerLoad: 2,
  warmUpRequests: 0,
  requestSeconds: 20,
  limits: {},
  findHighestLoad: false,
  seed: 1,
}
const oneText = {
  kind: 'embedding',
  batchSizes: [1],
  textTokens: 4,
  repetition: { least: 1, most: 1, relativeError: 0.5 },
}

it('keys are in nothing that a benchmark says, stores or exports of a hostile server', {
  timeout: 300_000,
}, async () => {
  const dataDir = tempDir()
  const server = await startEchoServer()
  onTestFinished(server.close)
  const berth = await startBerth(dataDir)
  const fields = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown> // an object, always
  await berth.call('POST', '/providers', { kind: 'ollama', address: server.url, key: storedKey })
  await berth.call('POST', '/providers', { kind: 'openai', address: `${server.url}/v1`, key: storedKey })
  const ended: string[] = []
  /** Begins while the server is good, which is then another. */
  const measure = async (model: string, settings: object, how: Parameters<typeof server.answer>[0]) => {
    server.answer('good')
    await berth.call('POST', '/providers/check', { provider: model.split('/')[0] })
    const started = fields((await berth.call('POST', '/benchmarks', { model, settings, acceptedUsd: 1 })).text)
    const id = { benchmark: String(started.benchmark) }
    const run = async () => (await berth.call('GET', '/benchmarks/run', id)).text
    await vi.waitFor(async () => expect(await run()).toContain('"record":{'), { timeout: 30_000 })
    server.answer(how)
    await vi.waitFor(async () => expect(await run()).not.toContain('"endedAt":null'), { timeout: 30_000 })
    const { benchmark } = fields(await run()) as { benchmark: { state: string } } // as the contract says
    ended.push(benchmark.state)
    await berth.call('GET', '/benchmarks/watch', id)
    await berth.call('GET', '/benchmarks/samples', { ...id, position: 0 })
    await berth.call('GET', '/benchmarks/history', { model })
    await berth.call('POST', '/benchmarks/plan', { model, settings })
    for (const format of ['json', 'csv', 'markdown'])
      await berth.call('POST', '/benchmarks/export', { benchmarks: [id.benchmark], format })
    await berth.call('POST', '/benchmarks/compare', { benchmarks: [id.benchmark, id.benchmark] })
  }
  for (const how of ['good', 'status', 'errorInside', 'cut', 'otherForm'] as const)
    for (const model of ['ollama/plain:latest', 'openai/plain']) await measure(model, oneRequest, how)
  for (const how of ['good', 'status'] as const) await measure('ollama/plain:latest', oneText, how)
  expect(new Set(ended)).toEqual(new Set(['done', 'failed'])) // both were tried
  expect(new Set(server.heard)).toContain(`Bearer ${storedKey}`)
  await berth.call('GET', '/jobs')
  await berth.call('GET', '/benchmarks')
  await berth.stop()
  for (const [name, bytes] of filesBelow(dataDir)) expectNothing(name, bytes)
  for (const { what, text } of berth.produced) expectNothing(what, text)
})

it('a stored key goes to its origin alone, and only once its passphrase was given', { timeout: 120_000 }, async () => {
  const dataDir = tempDir()
  const [own, other] = [await startEchoServer(), await startEchoServer()]
  onTestFinished(own.close)
  onTestFinished(other.close)
  const first = await startBerth(dataDir, { BERTH_KEYS_PASSPHRASE: passphrase })
  await first.call('POST', '/providers', { kind: 'ollama', address: own.url, key: storedKey })
  await first.stop()
  expect(new Set(own.heard)).toEqual(new Set([`Bearer ${storedKey}`]))

  own.heard.length = 0
  const before = readFileSync(join(dataDir, 'secrets.json'))
  const locked = await startBerth(dataDir, { BERTH_KEYS_PASSPHRASE: 'another passphrase' })
  await vi.waitFor(() => expect(own.heard.length).toBeGreaterThan(0), patience)
  expect(new Set(own.heard)).toEqual(new Set([null]))
  expect((await locked.call('GET', '/secrets')).text).toContain('"protection":"locked"')
  expect(locked.produced.map(({ text }) => text).join('')).toContain('started with is another one')
  const refused = await locked.call('POST', '/secrets/unlock', { passphrase: 'a wrong passphrase' })
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('PASSPHRASE_WRONG')])
  const noPlace = await locked.call('PUT', '/providers', { provider: 'ollama', key: 'another key' })
  expect([noPlace.status, noPlace.text]).toEqual([409, expect.stringContaining('SECRETS_LOCKED')])
  expect(readFileSync(join(dataDir, 'secrets.json'))).toEqual(before)

  own.heard.length = 0
  expect((await locked.call('POST', '/secrets/unlock', { passphrase })).status).toBe(200)
  await vi.waitFor(() => expect(own.heard).toContain(`Bearer ${storedKey}`), patience) // asked at once, now with its key

  const moved = await locked.call('PUT', '/providers', { provider: 'ollama', address: other.url })
  expect([moved.status, moved.text]).toEqual([200, expect.stringContaining('"key":{"state":"none"}')])
  await locked.call('POST', '/providers/check', { provider: 'ollama' })
  expect(other.heard.length).toBeGreaterThan(0)
  expect(new Set(other.heard)).toEqual(new Set([null]))
  expect(JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'))).toMatchObject({ entries: {} })
  await locked.stop()
})

it.skipIf(process.platform !== 'linux')(
  'the passphrase is not in what child processes inherit (seen through xdg-open, so on Linux)',
  { timeout: 60_000 },
  async () => {
    const [dataDir, bin] = [tempDir(), tempDir()]
    const seen = join(bin, 'seen')
    mkdirSync(join(bin, 'bin'))
    writeFileSync(join(bin, 'bin', 'xdg-open'), `#!/bin/sh\nenv > ${seen}.part && mv ${seen}.part ${seen}\n`)
    chmodSync(join(bin, 'bin', 'xdg-open'), 0o700)
    const path = `${join(bin, 'bin')}:${process.env.PATH}`
    const berth = await startBerth(dataDir, { BERTH_KEYS_PASSPHRASE: passphrase, DISPLAY: ':0', PATH: path }, [])
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true), patience)
    expect(readFileSync(seen, 'utf8')).toContain('DISPLAY=:0') // it was given an environment
    expectNothing('the environment of a child', readFileSync(seen, 'utf8').replace(variableKey, ''))
    expectNothing('the arguments of the process', readFileSync(`/proc/${berth.pid}/cmdline`))
    await berth.stop()
    const env = { BERTH_KEYS_PASSPHRASE: passphrase, OPENAI_API_KEY: variableKey, PATH: '/bin' }
    expect([engineEnvironment(env), childEnvironment(env)]).toEqual([{ PATH: '/bin' }, { PATH: '/bin', LC_ALL: 'C' }])
  },
)
