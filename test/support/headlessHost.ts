import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const token = 'a-token-for-tests'

/** A headless Berth as a person starts it, from what was built. */
export interface Host {
  readonly address: string
  readonly dataDir: string
  readonly pid: number
  /** Lets one browser in, once. */
  link(): Promise<string>
  api(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>
  /** As Ctrl-C does; resolves when it has ended. */
  stop(): Promise<number | null>
}

const readyLine = /Berth is ready at (http:\/\/\S+?)\/?\s/

/** As `npm start` has them. */
const nodeFlags = ['--max-semi-space-size=8']

export const startHost = async (dataDir: string, env: Record<string, string> = {}): Promise<Host> => {
  const args = [...nodeFlags, 'dist/main/headless.js', '--data-dir', dataDir, '--token', token, '--no-open']
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:1', ...env },
  })
  const { stdout, pid } = child
  if (!stdout || pid === undefined) throw new Error('The headless host did not start.')
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(stdout).on('line', (line) => {
      const found = readyLine.exec(`${line} `)?.[1]
      if (found) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`The headless host ended with ${code} before it was ready.`)))
  })
  const api: Host['api'] = async (method, path, body) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  return {
    address,
    dataDir,
    pid,
    api,
    link: async () => {
      const { body } = await api('POST', '/api/session/link', {})
      if (typeof body !== 'object' || body === null || !('link' in body)) throw new Error('The host gave no link.')
      return String(body.link)
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exit = once(child, 'exit')
      child.kill('SIGINT')
      await exit
      return child.exitCode
    },
  }
}
