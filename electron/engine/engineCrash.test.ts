import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import { engineEnvironment } from './engineEnvironment.ts'
import {
  collect,
  createTestSupervisor,
  engineModule,
  hello,
  isAlive,
  never,
  onlyInstance,
  pidOf,
  provideSampleModel,
  withoutEnd,
  withTemplate,
} from './testSupervisor.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Crashes at each moment by each signal, and killed hosts at each; the stress run makes about 100 of the one and 50 of the other. */
const rounds = process.env.BERTH_STRESS ? 12 : 1
const hostRounds = process.env.BERTH_STRESS ? 17 : 1

const signals = ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const
const endlessTemplate = '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}'

const sample = provideSampleModel()

test.each(signals)(
  '%s at any moment is a named failure, and the model can be loaded again',
  async (signal) => {
    // Each round is a crash on purpose; far apart in time, so that they are no crash loop.
    let clock = 0
    const supervisor = createTestSupervisor({ now: () => clock })
    const endless = await withoutEnd(sample())
    for (let round = 0; round < rounds; round += 1) {
      for (const moment of ['loading', 'idle', 'answering'] as const) {
        clock += 10 * 60_000
        const loading = supervisor.loadSmall('a', endless, { contextLength: 8192 })
        if (moment === 'loading') {
          const pid = await vi.waitFor(() => pidOf(supervisor), patience)
          const failure = loading.catch((error: unknown) => error)
          process.kill(pid, signal)
          expect(await failure).toMatchObject({ code: 'ENGINE_CRASHED', message: expect.stringContaining(signal) })
        } else {
          await loading
          const pid = pidOf(supervisor)
          const answer = moment === 'answering' ? collect(killAtFirstText(pid)) : null
          const failure = answer?.catch((error: unknown) => error)
          if (answer === null) process.kill(pid, signal)
          else expect(await failure).toMatchObject({ code: 'ENGINE_CRASHED', message: expect.stringContaining(signal) })
        }
        await vi.waitFor(() => expect(onlyInstance(supervisor).state).toBe('failed'), patience)
        expect(onlyInstance(supervisor)).toMatchObject({ pid: null, reason: expect.stringContaining(signal) })
      }
    }
    await supervisor.loadSmall('a', sample())
    expect((await collect(supervisor.chat('a', hello, never))).done).toBeDefined()

    async function* killAtFirstText(pid: number) {
      for await (const chunk of supervisor.chat('a', { messages: hello.messages, temperature: 5 }, never)) {
        if (chunk.type === 'text' && isAlive(pid)) process.kill(pid, signal)
        yield chunk
      }
    }
  },
  600_000,
)

test('chats that wait when the engine crashes fail with it', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const asked = [1, 2, 3].map(() => collect(supervisor.chat('a', { messages: hello.messages }, never)))
  const failures = Promise.allSettled(asked)
  process.kill(pidOf(supervisor), 'SIGSTOP') // so that none of them is done before
  process.kill(pidOf(supervisor), 'SIGKILL')
  for (const result of await failures)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CRASHED' } })
})

test('a model that crashes three times in five minutes is set aside, and others are not', async () => {
  let clock = 0
  const supervisor = createTestSupervisor({ now: () => clock })
  for (let crash = 0; crash < 3; crash += 1) {
    const failure = supervisor.loadSmall('a', sample()).catch((error: unknown) => error)
    process.kill(await vi.waitFor(() => pidOf(supervisor), patience), 'SIGKILL')
    expect(await failure).toMatchObject({ code: 'ENGINE_CRASHED' })
  }
  await expect(supervisor.loadSmall('a', sample())).rejects.toMatchObject({
    code: 'SET_ASIDE',
    message: expect.stringContaining('SIGKILL'),
  })
  expect((await supervisor.loadSmall('b', sample())).state).toBe('loaded')
  clock += 5 * 60_000
  expect((await supervisor.loadSmall('a', sample())).state).toBe('loaded')
})

test('a template without an end is ended, and says so', async () => {
  const supervisor = createTestSupervisor()
  const path = await withTemplate(sample(), endlessTemplate)
  await expect(supervisor.loadSmall('a', path)).rejects.toMatchObject({
    code: 'ENGINE_CRASHED',
    message: expect.stringContaining('chat template'),
  })
})

test('a template that fails or makes gigabytes does not take the host with it', async () => {
  const supervisor = createTestSupervisor()
  for (const template of [
    '{% for a in %}',
    '{{ [].x.y.z }}',
    "{% for a in range(9999) %}{{ 'x' * 999999 }}{% endfor %}",
  ]) {
    const path = await withTemplate(sample(), template)
    const result = await supervisor.loadSmall(template, path).then(
      async () => collect(supervisor.chat(template, hello, never)),
      (error: unknown) => error,
    )
    if (result instanceof Error)
      expect(result).toMatchObject({ code: expect.stringMatching(/ENGINE_CRASHED|LOAD_FAILED/) })
  }
  await supervisor.loadSmall('good', sample())
  expect((await collect(supervisor.chat('good', hello, never))).done).toBeDefined()
})

test.runIf(process.platform === 'linux')('the environment of an engine holds no keys (read from /proc)', async () => {
  const env = engineEnvironment({
    ...process.env,
    OPENAI_API_KEY: 'canary-key',
    HF_TOKEN: 'canary-token',
    HOME: '/home/x',
  })
  const supervisor = createTestSupervisor({ env })
  const { pid } = await supervisor.loadSmall('a', sample())
  const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
  expect(names).toContain('HOME=/home/x')
  expect(names).not.toContain('canary')
  expect(names).not.toContain('NODE_OPTIONS')
})

test('llama.cpp is loaded by the engine process alone', () => {
  const folder = new URL('..', import.meta.url)
  const importers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) =>
      /import\('node-llama-cpp'\)\n|^import (?!type)[^\n]*'node-llama-cpp'/m.test(
        readFileSync(new URL(name, folder), 'utf8'),
      ),
    )
  expect(importers.map((name) => name.replaceAll('\\', '/'))).toEqual(['engine/process/loadModel.ts'])
})

/** A host in a process of its own, and the lines it writes. */
function startHost(path: string, mode: string) {
  const program = fileURLToPath(new URL('testHost.ts', import.meta.url))
  const child = spawn(process.execPath, [program, engineModule, path, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  return { kill: () => child.kill('SIGKILL'), next }
}

test.each(['loading', 'idle', 'answering'] as const)(
  'when the host is killed, a %s engine ends',
  async (moment) => {
    for (let round = 0; round < hostRounds; round += 1) {
      const host = startHost(sample(), moment === 'answering' ? '--answer' : '')
      const pid = Number(await host.next())
      expect(isAlive(pid)).toBe(true)
      if (moment !== 'loading') expect(await host.next()).toBe('loaded')
      if (moment === 'answering') expect(await host.next()).toBe('answering')
      host.kill()
      // one that still starts notices it last, and a machine that does much else starts it slowly
      await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 60_000 })
    }
  },
  600_000,
)

test.runIf(process.platform === 'linux')(
  'when the host is killed, an engine that is stuck in a template ends (seen in /proc)',
  async () => {
    const { pid: usual } = await createTestSupervisor().loadSmall('a', sample())
    const wholeLoad = cpuSeconds(usual ?? 0)
    const host = startHost(await withTemplate(sample(), endlessTemplate), '')
    const pid = Number(await host.next())
    // Only a thread other than the one that is stuck can notice; it waits longer for the template than we do for it.
    await vi.waitFor(() => expect(cpuSeconds(pid)).toBeGreaterThan(wholeLoad + 0.3), { timeout: 30_000 })
    host.kill()
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), patience)
  },
)

/** Field 14 and 15 of /proc/PID/stat (proc(5)): user and system time in 1/100 s. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
