import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectedKind } from '../../electron/providers/kinds.ts'
import type { Provider } from '../../electron/providers/provider.ts'
import type { Adapters } from '../../shared/contract/modelCare.ts'
import { startLemonadeServer } from './lemonadeServer.ts'
import { startLlamaServer } from './llamaServer.ts'
import { startLlamaRouter } from './llamaServerRouter.ts'
import { startLlamaSwapServer } from './llamaSwapServer.ts'
import { startLmStudioServer } from './lmStudioServer.ts'
import { startOllamaServer } from './ollamaServer.ts'
import { startOpenAiServer } from './openAiServer.ts'
import { startOpenRouterServer } from './openRouterServer.ts'
import { startVllmServer } from './vllmServer.ts'

/** A token of LM Studio, which looks only at its form; the others take any key. */
export const canaryKey = 'sk-lm-cAnArY00:5f2c9a8e1d740b63f19c'

interface KindServer {
  readonly address: string
  readonly close: () => unknown
}
const at = ({ url, close }: { readonly url: string; readonly close: () => unknown }, path = ''): KindServer => ({
  address: url + path,
  close,
})

/** A test server of each kind and mode: what holds for all kinds is tried with these. One line for a new kind. */
export const everyKind: readonly (readonly [string, ConnectedKind, () => Promise<KindServer>])[] = [
  ['Ollama', 'ollama', async () => at(await startOllamaServer())],
  ['LM Studio', 'lmstudio', async () => at(await startLmStudioServer())],
  ['OpenRouter', 'openrouter', async () => at(await startOpenRouterServer({ key: canaryKey }), '/api/v1')],
  ['llama-server', 'llama-server', async () => at(await startLlamaServer())],
  ['a router of llama-server', 'llama-server', async () => at(await startLlamaRouter())],
  ['vLLM', 'vllm', async () => at(await startVllmServer())],
  ['Lemonade', 'lemonade', async () => at(await startLemonadeServer())],
  ['llama-swap', 'llama-swap', async () => at(await startLlamaSwapServer())],
  ['an OpenAI-compatible server', 'openai', async () => at(await startOpenAiServer(), '/v1')],
]

type Ask = (provider: Provider, key: string, signal: AbortSignal) => Promise<unknown> | undefined

const hello = { messages: [{ role: 'user' as const, content: 'Hello' }] }
const report = () => {}
const changeAdapters = async (provider: Provider, key: string, signal: AbortSignal): Promise<Adapters | undefined> => {
  await provider.changeAdapter?.(key, { change: 'add', name: 'mine', path: '/adapters/mine' }, signal)
  await provider.changeAdapter?.(key, { change: 'scale', id: '0', scale: 0.5 }, signal)
  return provider.changeAdapter?.(key, { change: 'remove', id: 'mine' }, signal)
}
const chatWhole = async (provider: Provider, key: string, signal: AbortSignal): Promise<unknown[]> => {
  const chunks: unknown[] = []
  for await (const chunk of provider.chat?.(key, hello, signal) ?? []) chunks.push(chunk)
  return chunks
}
const create: Ask = async (provider, _key, signal) => {
  const path = join(await mkdtemp(join(tmpdir(), 'berth-create-')), 'tiny.gguf')
  await writeFile(path, 'GGUF')
  return provider.create?.({ key: 'made', source: { from: 'file', path } }, report, signal)
}

/** Everything that can be asked of a provider: a method that it does not have is not asked. */
const asks = {
  status: (provider, _, signal) => provider.status(signal),
  models: (provider, _, signal) => provider.models(signal),
  instances: (provider, _, signal) => provider.instances(signal),
  details: (provider, key, signal) => provider.details(key, signal),
  load: (provider, key, signal) => provider.load?.(key, {}, report, signal),
  keepAlive: (provider, key, signal) => provider.keepAlive?.(key, 60, signal),
  chat: chatWhole,
  countTokens: (provider, key, signal) => provider.countTokens?.(key, 'Hello', signal),
  embed: (provider, key, signal) => provider.embed?.(key, ['Hello'], signal),
  facts: (provider, _, signal) => provider.facts?.(signal),
  account: (provider, _, signal) => provider.account?.(signal),
  adapters: (provider, key, signal) => provider.adapters?.(key, signal),
  changeAdapter: changeAdapters,
  pull: (provider, _, signal) => provider.pull?.({ name: 'org/pulled:Q4_K_M' }, report, signal),
  push: (provider, key, signal) => provider.push?.(key, false, report, signal),
  create,
  copy: (provider, key, signal) => provider.copy?.(key, 'copied', signal),
  unload: (provider, key, signal) => provider.unload?.(key, null, signal),
  removal: (provider, key, signal) => provider.removal?.(key, signal),
  remove: (provider, key, signal) => provider.remove?.(key, signal),
} satisfies Partial<Record<keyof Provider, Ask>>

interface Said {
  readonly ask: string
  readonly answer: unknown
  readonly failed: boolean
}
const said = (ask: string, run: () => Promise<unknown> | undefined): Promise<Said> =>
  Promise.resolve()
    .then(run)
    .then(
      (answer) => ({ ask, answer, failed: false }),
      (error: unknown) => ({ ask, answer: error, failed: true }),
    )

/** Asks for everything in turn, and answers what each said: a value or what was thrown. */
export const askEverything = async (provider: Provider, key: string, eachMs = 2_000): Promise<readonly Said[]> => {
  const all: Said[] = []
  for (const [ask, run] of Object.entries<Ask>(asks))
    all.push(await said(ask, () => run(provider, key, AbortSignal.timeout(eachMs))))
  return all
}

/** Asks for everything at once, except for `without`. */
export const askAtOnce = (
  provider: Provider,
  key: string,
  signal: AbortSignal,
  without: readonly string[] = [],
): readonly Promise<Said>[] =>
  Object.entries<Ask>(asks)
    .filter(([ask]) => !without.includes(ask))
    .map(([ask, run]) => said(ask, () => run(provider, key, signal)))
