import { onTestFinished } from 'vitest'

/** What toxiproxy can do to a connection (github.com/Shopify/toxiproxy), as far as we use it. */
export type Toxic =
  /** each piece comes so much later */
  | { readonly type: 'latency'; readonly attributes: { readonly latency: number } }
  /** KB/s */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } }
  /** nothing more comes and the connection stays open; it is closed after so long, with 0 never */
  | { readonly type: 'timeout'; readonly attributes: { readonly timeout: number } }
  /** the connection is reset after so long */
  | { readonly type: 'reset_peer'; readonly attributes: { readonly timeout: number } }
  /** the connection is closed after so many bytes */
  | { readonly type: 'limit_data'; readonly attributes: { readonly bytes: number } }

const ask = async (url: string, method: string, body?: object): Promise<unknown> => {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`toxiproxy answers ${response.status} to ${method} ${url}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}

const listenOf = (answer: unknown): string => {
  if (typeof answer === 'object' && answer !== null && 'listen' in answer) return String(answer.listen)
  throw new Error('toxiproxy does not tell where its proxy listens')
}

let made = 0

/**
 * A proxy in front of a server, gone when the test ends.
 * @param api of toxiproxy
 * @param upstream address of the server, http
 */
export const startProxy = async (api: string, upstream: string) => {
  const name = `berth-${process.pid}-${made++}`
  const { hostname, port } = new URL(upstream)
  const answer = await ask(`${api}/proxies`, 'POST', {
    name,
    listen: '127.0.0.1:0',
    upstream: `${hostname}:${port || 80}`,
    enabled: true,
  })
  const path = `${api}/proxies/${name}`
  onTestFinished(async () => {
    await ask(path, 'DELETE')
  })
  let toxics: string[] = []
  return {
    address: `http://${listenOf(answer)}`,
    /** From now on, also for connections that are open. `upstream`: what the client sends. */
    add: async (toxic: Toxic, stream: 'downstream' | 'upstream' = 'downstream'): Promise<void> => {
      const id = `${toxic.type}-${stream}`
      await ask(`${path}/toxics`, 'POST', { name: id, stream, toxicity: 1, ...toxic })
      toxics.push(id)
    },
    /** As if there were no proxy. */
    clear: async (): Promise<void> => {
      for (const id of toxics) await ask(`${path}/toxics/${id}`, 'DELETE')
      toxics = []
    },
  }
}
