import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** How a path answers instead of as Ollama does. */
export type Behaviour =
  | { readonly status: number; readonly body: string; readonly contentType?: string }
  | { readonly redirect: string }
  /** lines of a stream under 200, as they are */
  | { readonly lines: readonly string[] }
  | 'no headers'
  | 'headers, then silence'
  | 'reset'
  | 'cut in mid-line'
  | 'error line'
  | 'html'
  | 'wrong types'
  | 'endless line'
  | 'endless stream'
  | 'huge body'
  | 'huge headers'
  | 'byte by byte'
  | 'not http'

/** `normal` answers as Ollama does. */
export const misbehave = async (how: Behaviour, response: ServerResponse, normal: () => void | Promise<void>) => {
  const ok = (type: string) => response.writeHead(200, { 'content-type': type })
  const begun = '{"model":"tiny:latest","message":{"role":"assistant","content":"Hel'
  /** Writes as fast as the client reads, until it goes away. */
  const forever = async (chunk: string) => {
    while (!response.destroyed) if (!response.write(chunk)) await Promise.race([once(response, 'drain'), gone])
  }
  const gone = once(response, 'close')
  if (typeof how === 'object') {
    if ('redirect' in how) response.writeHead(307, { location: how.redirect }).end()
    else if ('lines' in how) ok('application/x-ndjson').end(how.lines.map((line) => `${line}\n`).join(''))
    else response.writeHead(how.status, { 'content-type': how.contentType ?? 'application/json' }).end(how.body)
    return
  }
  switch (how) {
    case 'no headers':
      return
    case 'headers, then silence':
      ok('application/json').flushHeaders()
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'cut in mid-line':
      ok('application/x-ndjson').write(begun, () => response.socket?.end())
      return
    case 'error line':
      ok('application/x-ndjson').end(
        `${begun}lo"},"done":false}\n{"error":"an error was encountered while running the model: unexpected EOF"}\n`,
      )
      return
    case 'html':
      ok('text/html').end('<!doctype html><title>Router</title><script>alert(1)</script><h1>Please log in</h1>')
      return
    case 'wrong types':
      ok('application/json').end(
        JSON.stringify({ models: 'many', version: 32, model_info: 7, message: [], done: 'yes', capabilities: 3 }),
      )
      return
    case 'endless line':
      ok('application/x-ndjson')
      return forever('x'.repeat(65_536))
    case 'endless stream':
      ok('application/x-ndjson')
      return forever('{"message":{"role":"assistant","content":"again"},"done":false}\n'.repeat(500))
    case 'huge body':
      ok('application/json').write('{"models":[')
      return forever(`${JSON.stringify({ name: 'x'.repeat(60_000) })},`)
    case 'huge headers':
      response.writeHead(200, { 'x-much': 'x'.repeat(200_000) }).end('{}')
      return
    case 'not http':
      response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n')
      return
    case 'byte by byte': {
      const write = response.write.bind(response)
      const end = response.end.bind(response)
      // every byte is a chunk of its own, so UTF-8 characters and lines are cut everywhere
      const bytes = (text: string) => {
        for (const byte of Buffer.from(text)) write(Uint8Array.of(byte))
        return true
      }
      Object.assign(response, {
        write: bytes,
        end: (text?: string) => {
          if (text !== undefined) bytes(text)
          return end()
        },
      })
      return normal()
    }
  }
}
