import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How it answers; it repeats the credentials it was sent in each of them. */
export const echoes = [
  'good',
  'status',
  'plain',
  'errorInside',
  'redirect',
  'notJson',
  'otherForm',
  'cut',
  'escaped',
] as const
export type Echo = (typeof echoes)[number]

const line = (value: unknown): string => `${JSON.stringify(value)}\n`
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

/** Answers of an Ollama and of an OpenAI-compatible server at once, by path; null where there is none. */
const goodAnswer = (path: string, said: string): string | null => {
  const capabilities = ['completion', 'embedding']
  const ollama = {
    name: 'plain:latest',
    model: 'plain:latest',
    size: 7,
    digest: 'a'.repeat(64),
    capabilities,
    details: { family: said },
  }
  const usage = { prompt_tokens: 1, completion_tokens: 1 }
  const answers: Readonly<Record<string, () => string>> = {
    '/': () => 'Ollama is running',
    '/api/version': () => line({ version: `0.13.0 ${said}` }),
    '/api/tags': () => line({ models: [ollama, { ...ollama, name: `of ${said}`, model: `of ${said}` }] }),
    '/api/ps': () => line({ models: [{ ...ollama, size_vram: 7, expires_at: said }] }),
    '/api/show': () =>
      line({
        capabilities,
        license: said,
        template: said,
        details: { family: said },
        model_info: { [said]: said, 'x.y': said },
      }),
    '/api/generate': () => line({ model: said, done: true, done_reason: 'load', response: said }),
    '/api/embed': () => line({ model: said, embeddings: [[1, 0]], prompt_eval_count: 1 }),
    '/api/chat': () =>
      line({ message: { role: 'assistant', content: said }, done: false }) +
      line({ message: { role: 'assistant', content: '' }, done: true, done_reason: said, eval_count: 1 }),
    '/api/pull': () =>
      line({ status: said }) + line({ status: `pulling ${said}`, digest: said, total: 2 }) + line({ error: said }),
    '/v1/models': () =>
      line({
        object: 'list',
        data: [
          { id: 'plain', object: 'model' },
          { id: `of ${said}`, owned_by: said },
        ],
      }),
    '/v1/embeddings': () => line({ object: 'list', model: said, data: [{ index: 0, embedding: [1, 0] }], usage }),
    '/v1/chat/completions': () =>
      event({ id: said, model: said, choices: [{ index: 0, delta: { content: said, reasoning_content: said } }] }) +
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }) +
      'data: [DONE]\n\n',
  }
  return Object.hasOwn(answers, path) ? (answers[path]?.() ?? null) : null
}

const escapedJson = (said: string): string =>
  `{"version":"0.13.0","x":"${[...said].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')}"}`

const answer = (how: Echo, path: string, said: string, response: ServerResponse): void => {
  const good = goodAnswer(path, said)
  const json = { 'content-type': 'application/json' }
  if (how === 'status')
    response.writeHead(401, json).end(line({ error: { message: `wrong key: ${said}`, code: said } }))
  else if (how === 'plain') response.writeHead(500).end(`no access with ${said}`)
  else if (how === 'errorInside')
    response.writeHead(200, json).end(line({ error: `${said} ${encodeURIComponent(said)}` }))
  else if (how === 'redirect') response.writeHead(302, { location: `/login?key=${encodeURIComponent(said)}` }).end()
  else if (how === 'notJson') response.end(`${said} is not JSON`)
  else if (how === 'otherForm') response.end(line({ models: said, data: { [said]: said }, version: [said] }))
  else if (how === 'cut')
    response.writeHead(200, { 'content-length': '1000000' }).write(`{"version":"${said}`, () => response.destroy())
  else if (how === 'escaped') response.end(escapedJson(said))
  else if (good === null) response.writeHead(404, json).end(line({ error: `not found: ${path} by ${said}` }))
  else response.end(good)
}

/** A hostile server: whatever it is asked for, it says again which key it was sent, also encoded. */
export const startEchoServer = async () => {
  let how: Echo = 'good'
  const heard: (string | null)[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization } = request.headers
    heard.push(authorization ?? null)
    const key = authorization ?? 'nobody'
    const said = `${key} ${Buffer.from(key).toString('base64')}`
    request.resume().on('end', () => answer(how, new URL(request.url ?? '/', 'http://x').pathname, said, response))
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    /** the credentials of each request, null where there were none */
    heard,
    answer: (next: Echo): void => {
      how = next
    },
    close: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
}
