import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import { childEnvironment, createChildProcesses, findCommand, type LinesExit, pathFolders } from './childProcess.ts'

const node = process.execPath
const { run, startLines } = createChildProcesses(process.env)
const options = { timeoutMs: 15_000, maxBytes: 10_000 }
const script = (text: string) => ['-e', text]

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'berth-child-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a child gets a few variables and no key', async () => {
  const env = { PATH: '/bin', HOME: '/home/a', OPENROUTER_API_KEY: 'secret', NODE_OPTIONS: '--inspect', LANG: 'de_DE' }
  expect(childEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/home/a', LC_ALL: 'C' })
  const { stdout } = await createChildProcesses({ ...env, PATH: process.env.PATH }).run(
    node,
    script('process.stdout.write(Object.keys(process.env).sort().join())'),
    options,
  )
  expect(stdout).toBe('HOME,LC_ALL,PATH')
})

describe('run', () => {
  test('gives the output and any exit code', async () => {
    const result = await run(node, script('console.log("out"); console.error("err"); process.exitCode = 9'), options)
    expect(result).toEqual({ code: 9, stdout: 'out\n', stderr: 'err\n' })
  })

  test('hands arguments over as they are: no shell reads them', async () => {
    const { stdout } = await run(node, ['-p', 'process.argv[1]', '$(id); `id` | "x"'], options)
    expect(stdout.trim()).toBe('$(id); `id` | "x"')
  })

  test('rejects with the errno when there is no such command', async () => {
    await expect(run('/does/not/exist', [], options)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('ends a child that takes too long, prints too much or is no longer wanted', async () => {
    const forever = script('setInterval(() => {}, 1000)')
    await expect(run(node, forever, { ...options, timeoutMs: 50 })).rejects.toThrow(/longer than 50 ms/)
    const flood = script('setInterval(() => process.stdout.write("x".repeat(5000)), 1)')
    await expect(run(node, flood, options)).rejects.toThrow(/more than 10000 bytes/)
    const abort = new AbortController()
    const cancelled = run(node, forever, { ...options, signal: abort.signal })
    abort.abort()
    await expect(cancelled).rejects.toThrow(/cancelled/)
  })
})

describe('startLines', () => {
  const started = (text: string) => {
    const lines: string[] = []
    const exits: LinesExit[] = []
    const reader = startLines(node, script(text), {
      onLine: (line) => lines.push(line),
      onExit: (exit) => exits.push(exit),
    })
    onTestFinished(() => reader.stop())
    return { reader, lines, exits }
  }

  test('gives whole lines however they arrive, and the last one without its end', async () => {
    const { lines, exits } = started(
      'const w = (t) => process.stdout.write(t); w("a"); setTimeout(() => { w("b\\r\\nc\\n\\nd"); process.exitCode = 3 }, 20)',
    )
    await vi.waitFor(() => expect(exits).toEqual([{ code: 3, stderr: '', error: null }]), patience)
    expect(lines).toEqual(['ab', 'c', 'd'])
  })

  test('drops a line that never ends instead of keeping it', async () => {
    const { lines, exits } = started('process.stdout.write("x".repeat(1e6) + "\\nend\\n")')
    await vi.waitFor(() => expect(exits).toHaveLength(1), patience)
    expect(lines.at(-1)).toBe('end')
    expect(lines.every((line) => line.length <= 65_536)).toBe(true)
  })

  test('tells nothing more after stop, and the child is gone', async () => {
    const { reader, lines, exits } = started(
      'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => console.log("x"), 5)',
    )
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(2), patience)
    await reader.stop()
    const { length } = lines
    expect(() => process.kill(Number(lines[0]), 0)).toThrow(/ESRCH/)
    expect([lines.length, exits]).toEqual([length, []])
  })

  test('says when there is no such command', async () => {
    const exits: LinesExit[] = []
    startLines('/does/not/exist', [], { onLine: () => {}, onExit: (exit) => exits.push(exit) })
    await vi.waitFor(() => expect(exits[0]?.error).toMatchObject({ code: 'ENOENT' }), patience)
  })
})

test('a command is found in the first folder where it can be run', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'tool'), '#!/bin/sh\n')
  expect(await findCommand(['tool'], ['/does/not/exist', folder])).toBeNull()
  await chmod(join(folder, 'tool'), 0o755)
  expect(await findCommand(['tool.exe', 'tool'], ['/does/not/exist', folder])).toBe(join(folder, 'tool'))
})

test('the folders of PATH are found whatever its name is spelled like', () => {
  expect(pathFolders({ Path: ['/a', '', '/b'].join(process.platform === 'win32' ? ';' : ':') })).toEqual(['/a', '/b'])
  expect(pathFolders({})).toEqual([])
})
