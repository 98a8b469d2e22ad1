import { describe, expect, it } from 'vitest'
import { identifyServer } from '../../electron/providers/connections/identifyServer.ts'
import { createTryOut } from '../../electron/providers/connections/tryOut.ts'
import { createDiscovery } from '../../electron/providers/discovery/discovery.ts'
import { type ConnectedKind, makeProvider } from '../../electron/providers/kinds.ts'
import { tempDir } from '../support/tempDir.ts'

const peers = [
  ['ollama', process.env.OLLAMA_HOST],
  ['llama-server', process.env.LLAMA_SERVER_URL],
  ['lemonade', process.env.LEMONADE_URL],
] as const satisfies readonly (readonly [ConnectedKind, string | undefined])[]
const never = new AbortController().signal
const tryOut = createTryOut({ make: (kind, config) => makeProvider[kind](config), now: Date.now })

describe.each(peers)('a real %s at %s', (kind, address = '') => {
  it.skipIf(address === '')('is recognised, at its OpenAI routes too', async () => {
    const found = await identifyServer(address, null, never)
    expect(found).toMatchObject({ kind, version: expect.any(String) })
    expect(await identifyServer(`${address}/v1`, null, never)).toMatchObject({ kind })
  })

  it.skipIf(address === '')('passes the test as what it is, and as nothing else', async () => {
    expect(await tryOut(kind, address, null, never)).toMatchObject({
      result: 'ok',
      version: expect.any(String),
      models: expect.any(Number),
    })
    for (const other of ['ollama', 'lmstudio', 'llama-server', 'vllm', 'lemonade', 'llama-swap'] as const)
      if (other !== kind)
        expect(await tryOut(other, address, null, never)).toMatchObject({ problem: 'wrong-kind', kindFound: kind })
  })

  it.skipIf(address === '')('is found once at its port', async () => {
    const ports = { [kind]: [Number(new URL(address).port)] }
    const search = createDiscovery({
      env: {},
      home: tempDir(),
      platform: 'linux',
      root: tempDir(),
      lanHosts: () => [],
      ports,
    })
    expect(await search(never)).toMatchObject([{ kind, state: 'running', seenBy: 'answers on its default port' }])
  })
})
