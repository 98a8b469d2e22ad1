import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { createHttpHost, type HttpHost } from '../../electron/headless/httpHost.ts'
import { createTestRouter } from './testRouter.ts'

export const TOKEN = 'a-token-for-tests'
export const bearer = { authorization: `Bearer ${TOKEN}` }
export const json = { 'content-type': 'application/json' }

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export const bodyOf = (answer: Answer): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>

/** A host with the test router and a small user interface, on a free port. */
export async function startTestHost(options: { now?: () => number } = {}) {
  const uiDir = await mkdtemp(join(tmpdir(), 'berth-ui-'))
  await mkdir(join(uiDir, 'assets'))
  await writeFile(join(uiDir, 'index.html'), '<!doctype html><title>Berth</title>')
  await writeFile(join(uiDir, 'assets', 'index-abc.js'), 'globalThis.ran = true')
  const app = createTestRouter()
  const host = await createHttpHost({
    router: app.router,
    token: TOKEN,
    uiDir,
    version: '1.2.3',
    reportBug: app.reportBug,
    now: options.now ?? Date.now,
    port: 0,
  })
  return { ...app, host, ...clientOf(host) }
}

const clientOf = (host: HttpHost) => {
  const call = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> => {
    const answer = await request(`${host.address}${path}`, { method: method as 'GET', headers, body: body ?? null })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }
  return {
    call,
    /** Signs a browser in: the headers it sends from its own page. */
    async signIn(): Promise<{ cookie: string; origin: string; 'x-berth': string }> {
      const { headers } = await call('GET', host.link().slice(host.address.length))
      const cookie = String(headers['set-cookie']).split(';')[0] ?? ''
      return { cookie, origin: host.address, 'x-berth': '1' }
    },
    /** Bytes as they are, and all that comes back until the connection closes. */
    raw: (bytes: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(host.port, '127.0.0.1', () => socket.write(bytes))
        let received = ''
        socket.setEncoding('utf8')
        socket.on('data', (chunk: string) => {
          received += chunk
        })
        socket.on('close', () => resolve(received))
        socket.on('error', reject)
      }),
  }
}
