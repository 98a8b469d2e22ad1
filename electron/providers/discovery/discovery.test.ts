import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  deadPort,
  kindAnswers,
  type PathAnswers,
  type SeenRequest,
  startAnsweringServer,
} from '../../../test/support/answeringServer.ts'
import { startOwnTime } from '../../../test/support/ownTime.ts'
import { tempDir } from '../../../test/support/tempDir.ts'
import type { DefaultPorts } from './candidates.ts'
import { createDiscovery, type DiscoveryDeps } from './discovery.ts'

const never = new AbortController().signal
/** Longer than a busy machine takes; who waits for one of them says a shorter one. */
const limits = { probeMs: 10_000, filesMs: 10_000, wholeMs: 20_000 }

/** On an empty home, with no port to look at unless one is given. */
const search = (deps: Partial<DiscoveryDeps> = {}, signal = never) =>
  createDiscovery({
    env: {},
    home: tempDir(),
    platform: 'linux',
    root: tempDir(),
    lanHosts: () => [],
    ports: {},
    limits,
    ...deps,
  })(signal)

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
/** A folder with a command that must never run: it leaves a mark when it does. */
const folderWith = (...commands: string[]): string => {
  const folder = tempDir()
  for (const command of commands) {
    const path = join(folder, process.platform === 'win32' ? `${command}.exe` : command)
    write(path, '#!/bin/sh\ntouch "$0.ran"\n')
    chmodSync(path, 0o755)
  }
  return folder
}
const platform = process.platform === 'win32' ? 'win32' : 'linux'

describe('what answers on this machine', () => {
  it('is found at the default ports, one entry for each server', async () => {
    const ollama = await startAnsweringServer(kindAnswers.ollama)
    const router = await startAnsweringServer(kindAnswers['llama-server router'])
    const gateway = await startAnsweringServer(kindAnswers.litellm)
    const lost = await deadPort()
    const ports: DefaultPorts = {
      ollama: [ollama.port],
      // two kinds look at one port, as at 8080
      'llama-server': [router.port, lost],
      'llama-swap': [router.port],
      openai: [gateway.port],
    }
    expect(await search({ ports })).toEqual([
      {
        kind: 'ollama',
        name: 'Ollama',
        address: ollama.address,
        seenBy: 'answers on its default port',
        state: 'running',
        version: '0.32.15',
        advice: null,
        keyVariable: null,
      },
      expect.objectContaining({ kind: 'llama-server', address: router.address, version: 'b11669-Debian' }),
      expect.objectContaining({ kind: 'openai', address: gateway.address, seenBy: 'answers on its default port' }),
    ])
  })

  it('is found as what it is on the port of another', async () => {
    const lemonade = await startAnsweringServer(kindAnswers.lemonade)
    expect(await search({ ports: { ollama: [lemonade.port] } })).toMatchObject([
      { kind: 'lemonade', address: lemonade.address, seenBy: `answers on port ${lemonade.port}` },
    ])
  })

  it('is never sent a key, and is named the variable that holds one for it', async () => {
    const seen: SeenRequest[] = []
    const env = {
      LM_API_TOKEN: 'canary-1',
      LLAMA_API_KEY: 'canary-2',
      VLLM_API_KEY: 'canary-3',
      LEMONADE_API_KEY: 'canary-4',
      OPENAI_API_KEY: 'canary-5',
    }
    const variables: (string | null | undefined)[] = []
    for (const kind of [
      'lmstudio',
      'llama-server with a key',
      'vllm with a key',
      'lemonade with a key',
      'litellm',
    ] as const) {
      const { port, requests } = await startAnsweringServer(kindAnswers[kind])
      const [found] = await search({ env, ports: { openai: [port] } })
      variables.push(found?.keyVariable)
      seen.push(...requests)
      expect(JSON.stringify(found)).not.toContain('canary')
    }
    expect(variables).toEqual(['LM_API_TOKEN', 'LLAMA_API_KEY', 'VLLM_API_KEY', 'LEMONADE_API_KEY', null])
    expect(seen.length).toBeGreaterThan(20)
    expect(seen.filter(({ authorization }) => authorization !== null)).toEqual([])
  })
})

describe('a variable', () => {
  it('names an Ollama, a Lemonade and a llama-server', async () => {
    const ollama = await startAnsweringServer(kindAnswers.ollama)
    const lemonade = await startAnsweringServer(kindAnswers.lemonade)
    const llama = await startAnsweringServer(kindAnswers['llama-server'])
    const env = {
      OLLAMA_HOST: `0.0.0.0:${ollama.port}`,
      LEMONADE_HOST: 'localhost',
      LEMONADE_PORT: String(lemonade.port),
      LLAMA_ARG_PORT: ` ${llama.port} `,
    }
    expect((await search({ env })).map(({ kind, address, seenBy }) => [kind, address, seenBy])).toEqual([
      ['ollama', ollama.address, 'OLLAMA_HOST'],
      ['lemonade', lemonade.address, 'LEMONADE_HOST and LEMONADE_PORT'],
      ['llama-server', llama.address, 'LLAMA_ARG_PORT'],
    ])
  })

  it('and a default port that lead to one server make one entry', async () => {
    const { port, address } = await startAnsweringServer(kindAnswers.ollama)
    const env = { OLLAMA_HOST: `http://localhost:${port}`, OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }
    expect(await search({ env, ports: { ollama: [port] } })).toMatchObject([
      { kind: 'ollama', address, seenBy: 'OLLAMA_HOST, OPENAI_BASE_URL' },
    ])
  })

  it('names an OpenAI-style server on this machine, which is asked and gets the key set beside it', async () => {
    const { address } = await startAnsweringServer(kindAnswers.openai)
    const env = { OPENAI_BASE_URL: `${address}/v1`, OPENAI_API_KEY: 'sk' }
    expect(await search({ env })).toMatchObject([
      { kind: 'openai', address: `${address}/v1`, seenBy: 'OPENAI_BASE_URL', keyVariable: 'OPENAI_API_KEY' },
    ])
  })

  it('names services, which are offered without being asked', async () => {
    const env = { OPENROUTER_API_KEY: 'sk-or', OPENAI_API_KEY: 'sk' }
    const found = await search({ env })
    expect(found.map(({ kind, name, address, keyVariable }) => [kind, name, address, keyVariable])).toEqual([
      ['openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'],
      ['openai', 'OpenAI', 'https://api.openai.com/v1', 'OPENAI_API_KEY'],
    ])
    expect(found[0]?.advice).toMatch(/not asked/)
  })

  it('gives its key to the address that is set beside it, and to no other', async () => {
    const env = { OPENAI_BASE_URL: 'https://gateway.example/v1', OPENAI_API_KEY: 'sk' }
    expect((await search({ env })).map(({ address, keyVariable }) => [address, keyVariable])).toEqual([
      ['https://gateway.example/v1', 'OPENAI_API_KEY'],
    ])
  })

  it('that is empty or no address names nothing', async () => {
    const env = {
      OLLAMA_HOST: 'http://bad host',
      LEMONADE_HOST: 'a b',
      LEMONADE_PORT: '99999',
      LLAMA_ARG_HOST: '/run/llama.sock, also bad',
      OPENAI_BASE_URL: 'http://me:secret@box/v1?x=1',
      OPENROUTER_API_KEY: '  ',
      OPENAI_API_KEY: '',
    }
    expect(await search({ env })).toEqual([])
  })
})

describe('what is installed and off', () => {
  it('is offered with what to do, and is not started', async () => {
    const folder = folderWith('ollama', 'lms', 'lemond', 'llama-server', 'llama-swap', 'vllm')
    const home = tempDir()
    const free = await deadPort()
    const env = { PATH: ['/nowhere', folder].join(delimiter) }
    const ports: DefaultPorts = {
      ollama: [free],
      lmstudio: [free],
      lemonade: [free],
      'llama-server': [free],
      'llama-swap': [free],
      vllm: [free],
    }
    const found = await search({ env, home, ports, platform })
    expect(found.map(({ kind, state }) => [kind, state])).toEqual(
      ['ollama', 'lmstudio', 'lemonade', 'llama-server', 'llama-swap', 'vllm'].map((kind) => [kind, 'stopped']),
    )
    expect(found[1]).toEqual({
      kind: 'lmstudio',
      name: 'LM Studio',
      address: `http://127.0.0.1:${free}`,
      seenBy: expect.stringContaining('lms'),
      state: 'stopped',
      version: null,
      advice:
        'LM Studio is installed, its server is off. In LM Studio: Developer page → Start server, or run `lms server start`.',
      keyVariable: null,
    })
    expect(readdirSync(folder).filter((name) => name.endsWith('.ran'))).toEqual([])
  })

  it('is not offered when its server answers, or when it is not installed', async () => {
    const { port } = await startAnsweringServer(kindAnswers.ollama)
    const env = { PATH: folderWith('ollama') }
    expect(await search({ env, platform, ports: { ollama: [port] } })).toMatchObject([
      { kind: 'ollama', state: 'running' },
    ])
    expect(await search({ ports: { ollama: [await deadPort()] } })).toEqual([])
  })

  it('is known by its folders too, and offered where its settings or a variable say', async () => {
    const home = tempDir()
    const moved = tempDir()
    const [usual, chosen, named] = [await deadPort(), await deadPort(), await deadPort()]
    write(join(home, '.lmstudio-home-pointer'), `${moved}\n`)
    write(
      join(moved, '.internal', 'http-server-config.json'),
      JSON.stringify({ port: chosen, networkInterface: '0.0.0.0' }),
    )
    write(join(home, '.ollama', 'models', 'blobs', 'x'), '')
    const env = { OLLAMA_HOST: `:${named}` }
    const found = await search({ home, env, ports: { ollama: [usual], lmstudio: [usual] } })
    expect(found.map(({ kind, state, address, seenBy }) => [kind, state, address, seenBy])).toEqual([
      ['ollama', 'stopped', `http://127.0.0.1:${named}`, `its folder ${join(home, '.ollama', 'models')}`],
      ['lmstudio', 'stopped', `http://127.0.0.1:${chosen}`, `its folder ${moved}`],
    ])
  })

  it('is not offered at an address where another kind answers', async () => {
    const swap = await startAnsweringServer(kindAnswers['llama-swap'])
    const free = await deadPort()
    const env = { PATH: folderWith('llama-server') }
    const at = (ports: number[]) => search({ env, platform, ports: { 'llama-server': ports } })
    expect(await at([swap.port, free])).toMatchObject([
      { kind: 'llama-swap', state: 'running' },
      { kind: 'llama-server', state: 'stopped', address: `http://127.0.0.1:${free}` },
    ])
    expect(await at([swap.port])).toMatchObject([{ kind: 'llama-swap' }])
  })
})

describe('the settings of another program', () => {
  it('lead to its server on a port of its own', async () => {
    const home = tempDir()
    const studio = await startAnsweringServer(kindAnswers.lmstudio)
    const lemonade = await startAnsweringServer(kindAnswers.lemonade)
    write(join(home, '.lmstudio', '.internal', 'http-server-config.json'), JSON.stringify({ port: studio.port }))
    write(join(home, '.config', 'lemonade', 'config.json'), JSON.stringify({ config_version: 2, port: lemonade.port }))
    expect(await search({ home })).toMatchObject([
      { kind: 'lmstudio', address: studio.address, seenBy: 'the settings of LM Studio', state: 'running' },
      { kind: 'lemonade', address: lemonade.address, seenBy: 'the settings of Lemonade', state: 'running' },
    ])
  })

  it.each([
    ['no JSON', 'port: 1234'],
    ['no port', '{}'],
    ['a port that is none', '{"port":"1234"}'],
    ['a port out of range', '{"port":123456}'],
    ['a list', '[1234]'],
    ['more than any settings are', `{"port":1${' '.repeat(70_000)}}`],
  ])('are ignored when they are %s', async (_, text) => {
    const home = tempDir()
    write(join(home, '.lmstudio', '.internal', 'http-server-config.json'), text)
    const free = await deadPort()
    expect(await search({ home, ports: { lmstudio: [free] } })).toMatchObject([
      { kind: 'lmstudio', state: 'stopped', address: `http://127.0.0.1:${free}` },
    ])
  })
})

describe('a machine of the local network', () => {
  /** an address of this machine that is not the one every search looks at */
  const own =
    Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.2'

  it('is asked at the default ports when a person allowed it, and only then', async () => {
    const { port, requests } = await startAnsweringServer(kindAnswers.vllm, 0, own)
    const ports = { vllm: [port] }
    expect(await search({ ports })).toEqual([])
    expect(requests).toEqual([])
    const [found] = await search({ ports, lanHosts: () => [own, own], env: { VLLM_API_KEY: 'key' } })
    expect(found).toMatchObject({ kind: 'vllm', address: `http://${own}:${port}`, state: 'running', version: '0.32.0' })
    if (own !== '127.0.0.2')
      expect(found).toMatchObject({
        name: `vLLM on ${own}`,
        seenBy: `answers on its default port of ${own}, which you allowed`,
        keyVariable: null,
      })
  })

  it('whose name is unknown, or that is none, costs nothing', async () => {
    const hosts = ['no-such-host.invalid', '[::1', 'a b', 'box/../x']
    const soon = { ...limits, probeMs: 400 } // a name server may take its time
    expect(await search({ ports: { vllm: [await deadPort()] }, lanHosts: () => hosts, limits: soon })).toEqual([])
  })
})

describe('a search', () => {
  const hostile: PathAnswers[] = [
    { '*': 'no headers' },
    { '*': 'headers, then silence' },
    { '*': 'huge body' },
    { '*': 'endless line' },
    { '*': 'html' },
    { '*': 'not http' },
    { '*': 'reset' },
  ]

  it('ends in time among servers that lie, and finds the one that does not', async () => {
    const good = await startAnsweringServer(kindAnswers.ollama)
    const other = await startAnsweringServer(kindAnswers.ollama)
    const liars = await Promise.all(
      [...hostile, { '*': { redirect: `${other.address}/` } }].map((answers) => startAnsweringServer(answers)),
    )
    const ports = { ollama: [...liars.map(({ port }) => port), good.port] }
    const passed = startOwnTime()
    const found = await search({ ports, limits: { ...limits, probeMs: 5_000 } })
    expect(passed()).toBeLessThan(8_000)
    expect(found.map(({ address }) => address)).toEqual([good.address])
    expect(other.requests).toEqual([])
    expect(liars.every(({ requests }) => requests.length > 0)).toBe(true)
  })

  it('ends when nobody waits for it any more', async () => {
    const { port, requests } = await startAnsweringServer({ '*': 'no headers' })
    const leaving = new AbortController()
    const found = search({ ports: { ollama: [port] }, limits: { ...limits, probeMs: 10 * 60_000 } }, leaving.signal)
    const cancelled = expect(found).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => requests.length).toBeGreaterThan(0)
    leaving.abort()
    await cancelled
  })
})
