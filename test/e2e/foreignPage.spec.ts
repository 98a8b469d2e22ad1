import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './host.ts'

/** A page of somebody else, on another port of the same machine. */
const servePage = async (): Promise<{ url: string; close: () => void }> => {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>elsewhere</title>'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address is one
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() }
}

test('a page elsewhere gets nothing and changes nothing, even in a browser that is signed in', async ({
  berth,
  host,
  context,
}) => {
  await expect(berth.getByRole('navigation', { name: 'Pages' })).toBeVisible()
  const before = (await host.api('GET', '/api/v1/folders')).body
  const elsewhere = await servePage()
  const page = await context.newPage()
  const foreignOrigins = [elsewhere.url, elsewhere.url.replace('127.0.0.1', 'localhost')]
  for (const url of foreignOrigins) {
    await page.goto(url)
    const results = await page.evaluate(async (address) => {
      const attempt = async (name: string, run: () => Promise<string>): Promise<[string, string]> => {
        try {
          return [name, await run()]
        } catch (error) {
          return [name, `refused: ${error instanceof Error ? error.name : String(error)}`]
        }
      }
      const body = JSON.stringify({ path: '/tmp' })
      const json = { 'content-type': 'application/json' }
      const element = <T extends HTMLElement & { src: string }>(tag: string, src: string): Promise<string> =>
        new Promise((resolve) => {
          const made = document.createElement(tag) as T
          made.onload = () => resolve('loaded')
          made.onerror = () => resolve('refused: error')
          setTimeout(() => resolve('refused: nothing came'), 3000)
          made.src = src
          document.body.append(made)
        })
      return Promise.all([
        attempt('read', async () => (await fetch(`${address}/api/v1/models`, { credentials: 'include' })).text()),
        attempt(
          'read without cors',
          async () =>
            `type ${(await fetch(`${address}/api/v1/models`, { mode: 'no-cors', credentials: 'include' })).type}`,
        ),
        attempt('write as json', async () =>
          (
            await fetch(`${address}/api/v1/folders`, { method: 'POST', headers: json, body, credentials: 'include' })
          ).text(),
        ),
        attempt(
          'write as text',
          async () =>
            `type ${(await fetch(`${address}/api/v1/folders`, { method: 'POST', mode: 'no-cors', body, credentials: 'include' })).type}`,
        ),
        attempt('a ticket', async () =>
          (
            await fetch(`${address}/api/session/ticket`, {
              method: 'POST',
              headers: json,
              body: '{}',
              credentials: 'include',
            })
          ).text(),
        ),
        attempt('an image', () => element('img', `${address}/icon.png`)),
        attempt('a script', () => element('script', `${address}/api/v1/models`)),
        attempt(
          'a stream',
          () =>
            new Promise((resolve) => {
              const source = new EventSource(`${address}/api/v1/changes`, { withCredentials: true })
              source.onmessage = ({ data }) => resolve(String(data))
              source.onerror = () => resolve('refused: error')
            }),
        ),
        attempt(
          'a socket',
          () =>
            new Promise((resolve) => {
              const socket = new WebSocket(`${address.replace('http', 'ws')}/rpc`)
              socket.onopen = () => resolve('open')
              socket.onerror = () => resolve('refused: error')
            }),
        ),
      ])
    }, host.address)
    for (const [name, result] of results) expect(`${name}: ${result}`).toMatch(/: (refused|type opaque)/)
    const framed = await page.evaluate(async (address) => {
      const frame = document.createElement('iframe')
      frame.src = address
      document.body.append(frame)
      await new Promise((resolve) => {
        frame.onload = resolve
      })
      try {
        return frame.contentDocument?.title ?? 'another origin'
      } catch {
        return 'another origin'
      }
    }, `${host.address}/`)
    expect(framed).toBe('another origin')
    await expect(page.frameLocator('iframe').getByRole('navigation', { name: 'Pages' })).toHaveCount(0)
  }
  expect((await host.api('GET', '/api/v1/folders')).body).toEqual(before)
  elsewhere.close()
})
