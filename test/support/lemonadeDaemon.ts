import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { freePort } from './freePort.ts'
import { tempDir } from './tempDir.ts'

/** The real server's program, where it is in PATH. */
export const findLemond = (): string | null =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'lemond'))
    .find((path) => existsSync(path)) ?? null

export interface LemonadeDaemonOptions {
  readonly lemond: string
  /** where it looks for GGUF files */
  readonly modelsDir: string
  /** entries of its user_models.json */
  readonly userModels?: Readonly<Record<string, object>>
}

/** A real Lemonade with a configuration of its own, which may be killed and started again; gone when the test ends. */
export const startLemonadeDaemon = async ({ lemond, modelsDir, userModels }: LemonadeDaemonOptions) => {
  const folder = tempDir()
  const cache = join(folder, 'cache')
  const config = join(folder, 'config')
  for (const each of [cache, config]) mkdirSync(each)
  const settings = {
    config_version: 2,
    extra_models_dir: modelsDir,
    broadcast: false,
    auto_check_model_updates: false,
    offline: true,
    max_loaded_models: 2,
  }
  writeFileSync(join(config, 'config.json'), JSON.stringify(settings))
  if (userModels) writeFileSync(join(config, 'user_models.json'), JSON.stringify(userModels))
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`

  const run = async () => {
    const child = spawn(lemond, [cache, config, '--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    const answers = async () =>
      (await fetch(`${address}/live`, { signal: AbortSignal.timeout(1_000) }).catch(() => null))?.ok ?? false
    for (let tries = 0; !(await answers()); tries++) {
      if (child.exitCode !== null || tries > 200) throw new Error(`Lemonade did not start (${child.exitCode})`)
      await delay(100)
    }
    return { child, ended }
  }
  let running = await run()
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    running.child.kill(signal)
    await running.ended
  }
  onTestFinished(async () => {
    if (running.child.exitCode === null && running.child.signalCode === null) await end('SIGTERM')
  })
  return {
    address,
    kill: () => end('SIGKILL'),
    restart: async () => {
      running = await run()
    },
  }
}
