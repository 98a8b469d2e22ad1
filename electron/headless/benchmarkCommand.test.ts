import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createTestApp } from '../../test/support/testApp.ts'
import { importBenchmarks } from '../benchmark/exchange/importBenchmarks.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** As a person starts it, with nothing to connect to. */
const start = (dataDir: string, ...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, '--data-dir', dataDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:1' },
  })
  children.push(child)
  const told = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    told.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    told.err += String(chunk)
  })
  const ended = once(child, 'close').then(([code]) => Number(code))
  const says = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(told.err)) {
      if (child.exitCode !== null) throw new Error(`It ended before it said ${pattern}: ${told.err}`)
      await once(child.stderr, 'data')
    }
  }
  return { child, told, ended, says }
}

describe('--benchmark', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'berth-test-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  it('measures a model, writes the result where it was asked to, and ends with 0', async () => {
    const file = join(dataDir, 'result.json')
    const args = ['--sample', '--benchmark', 'embedded/berth-sample', '--format', 'json', '--output', file]
    const { told, ended } = start(dataDir, ...args)
    expect([await ended, told.out], told.err).toEqual([0, ''])
    const { runs, skipped } = await importBenchmarks(await readFile(file, 'utf8'), null, 0)
    expect(skipped).toEqual([])
    expect(runs[0]?.benchmark).toMatchObject({ state: 'done', model: 'embedded/berth-sample', kind: 'engine' })
    expect(runs[0]?.results.map(({ result }) => result.test.type)).toEqual(['prompt', 'generation'])
    expect(told.err).toMatch(/^Measuring embedded\/berth-sample \(engine, 2 tests\)\.$/m)
    expect(told.err).toMatch(/^pp\d+/m)
    expect(told.err).not.toContain('\u001b')
    const again = start(dataDir, ...args)
    expect([await again.ended, again.told.err]).toEqual([1, expect.stringContaining('is there already')])
  }, 60_000)

  it('prints what was measured until Ctrl-C, ends with 130, and does not go on at the next start', async () => {
    const args = ['--benchmark', 'embedded/berth-sample', '--preset', 'thorough']
    const { child, told, ended, says } = start(dataDir, ...args)
    await says(/^pp512/m)
    child.kill('SIGINT')
    expect(await ended, told.err).toBe(130)
    expect(told.err).toContain('The result is partial')
    expect(told.out).toMatch(/\| pp128 \|/)
    expect(told.out).toContain('- Partial: the run was cancelled')
    const app = await createTestApp({ dataDir })
    try {
      expect(app.services.benchmarks.list({ limit: 1 }).map(({ state }) => state)).toEqual(['cancelled'])
    } finally {
      await app.close()
    }
  }, 60_000)

  it('names models that are like one that is not there', async () => {
    const { told, ended } = start(dataDir, '--benchmark', 'embedded/berth-sampel')
    expect([await ended, told.out]).toEqual([1, ''])
    expect(told.err).toContain('There is no model embedded/berth-sampel. Did you mean embedded/berth-sample?')
  })

  it('measures nothing when the format has no place for it', async () => {
    const args = ['--benchmark', 'embedded/berth-sample', '--kind', 'serving', '--format', 'llama-bench']
    const { told, ended } = start(dataDir, ...args)
    expect(await ended).toBe(1)
    expect(told.err).toContain('A file of llama-bench has no place for a serving benchmark.')
    expect(told.err).not.toContain('Measuring')
  })

  it('sends who has Berth running on this data folder to its API', async () => {
    const app = await createTestApp({ dataDir })
    try {
      app.announce('http://127.0.0.1:7123/')
      const { told, ended } = start(dataDir, '--benchmark', 'embedded/berth-sample')
      expect(await ended).toBe(1)
      expect(told.err).toContain('POST http://127.0.0.1:7123/api/v1/benchmarks')
    } finally {
      await app.close()
    }
  })
})
