import type { EngineMessage, HostMessage } from '../protocol.ts'

/** The line to the host, whichever kind of child this process is. */
export interface HostChannel {
  send(message: EngineMessage): void
  onMessage(listener: (message: HostMessage) => void): void
}

/** Electron's `process.parentPort`, which exists in a utilityProcess only. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: HostMessage }) => void): void
}

export function openHostChannel(): HostChannel {
  const port = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort
  if (port)
    return {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    }
  if (process.send === undefined) throw new Error('This is the engine process of Berth; Berth starts it.')
  process.on('disconnect', () => process.exit(0))
  return {
    // A failed send means that the host is gone, and then this process is about to end.
    send: (message) => void process.send?.(message, undefined, undefined, () => {}),
    onMessage: (listener) => void process.on('message', (message) => listener(message as HostMessage)),
  }
}
