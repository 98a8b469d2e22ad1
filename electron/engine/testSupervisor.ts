import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { writeSampleModel } from '../files/sampleModel.ts'
import { tokenIds } from '../files/sampleVocabulary.ts'
import type { ProviderChatChunk } from '../providers/provider.ts'
import { createNodeSpawner } from './engineProcess.ts'
import {
  createEngineSupervisor,
  type EngineChatRequest,
  type EngineInstance,
  type EngineSupervisor,
  type EngineSupervisorDeps,
} from './engineSupervisor.ts'

export const engineModule = fileURLToPath(new URL('process/main.ts', import.meta.url))
export const never = new AbortController().signal

/** A supervisor of real engine processes that are all ended with the test. */
export function createTestSupervisor(deps: Partial<EngineSupervisorDeps> = {}) {
  const supervisor = createEngineSupervisor({
    spawn: createNodeSpawner(engineModule),
    env: {},
    now: Date.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    physicalCores: () => 2,
    onChange: () => {},
    ...deps,
  })
  onTestFinished(() => supervisor.close())
  const load = (key: string, path: string, options = {}) =>
    supervisor.load(key, { path, options: { gpuLayers: 0, contextLength: 512, ...options } }, () => {}, never)
  return { ...supervisor, load: supervisor.load, loadSmall: load }
}

/** A real model of random weights, a few MB, for the tests of a file. */
export function provideSampleModel(): () => string {
  let path = ''
  beforeAll(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'berth-test-')), 'sample.gguf')
    await writeSampleModel(path, {})
  })
  afterAll(() => rm(dirname(path), { recursive: true, force: true }))
  return () => path
}

/** The same model with another chat template, which must not be longer than its own. */
export async function withTemplate(path: string, template: string): Promise<string> {
  const bytes = await readFile(path)
  const start = bytes.indexOf('{% for message in messages %}')
  const end = bytes.indexOf('{% endif %}', start) + '{% endif %}'.length
  bytes.fill(' ', start, end).write(template, start, end - start)
  const changed = join(tempDir(), 'template.gguf')
  await writeFile(changed, bytes)
  return changed
}

/** Of `output.weight`, the last tensor of the sample: 4096 rows of 256 values as Q8_0. */
const outputRow = { count: 4096, bytes: (256 / 32) * 34 }

/** The same model, but it never ends its turn: it answers until its context is full, after many seconds if that is long. */
export async function withoutEnd(path: string): Promise<string> {
  const bytes = await readFile(path)
  const start = bytes.length - (outputRow.count - tokenIds.endOfTurn) * outputRow.bytes
  bytes.fill(0, start, start + outputRow.bytes)
  const changed = join(tempDir(), 'endless.gguf')
  await writeFile(changed, bytes)
  return changed
}

export const hello: EngineChatRequest = {
  messages: [{ role: 'user', content: 'Say hello.' }],
  maxTokens: 12,
  temperature: 0,
}

export async function collect(chunks: AsyncIterable<ProviderChatChunk>) {
  let text = ''
  let done: Extract<ProviderChatChunk, { type: 'done' }> | undefined
  for await (const chunk of chunks) {
    if (chunk.type === 'text') text += chunk.text
    else if (chunk.type === 'done') done = chunk
  }
  return { text, done }
}

export function onlyInstance({ instances }: Pick<EngineSupervisor, 'instances'>): EngineInstance {
  const [instance] = instances()
  if (instance === undefined) throw new Error('there is no instance')
  return instance
}

export function pidOf(supervisor: Pick<EngineSupervisor, 'instances'>): number {
  const { pid } = onlyInstance(supervisor)
  if (pid === null) throw new Error('there is no process')
  return pid
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // ESRCH: nobody has this pid
  }
}
