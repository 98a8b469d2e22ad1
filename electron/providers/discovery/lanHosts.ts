import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/**
 * For each host, whether its name is known. Names are looked up two at a time: the system's resolver holds one of Node's
 * four threads for seconds when a name is unknown, and files are read by the same threads.
 */
export const resolveHosts = (hosts: readonly string[], signal: AbortSignal): Promise<boolean>[] => {
  const turns: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
  return hosts.map((host, index) => {
    if (isIP(host.replace(/^\[|\]$/g, ''))) return Promise.resolve(true)
    const known = (turns[index % turns.length] ?? Promise.resolve()).then(() => isKnown(host, signal))
    turns[index % turns.length] = known
    return known
  })
}

const isKnown = async (host: string, signal: AbortSignal): Promise<boolean> => {
  if (signal.aborted) return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  signal.addEventListener('abort', () => resolve(false), { once: true })
  const looked = lookup(host).then(
    () => true,
    () => false,
  )
  return Promise.race([looked, promise])
}
