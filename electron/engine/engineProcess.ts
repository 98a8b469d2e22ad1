import type { HostMessage } from './protocol.ts'

/** How an engine process ended. `lastWords`: the end of what it wrote to stderr, at most 4 KiB. */
export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
  readonly lastWords: string
}

/**
 * One running engine process, whatever kind of child it is. Messages are structured clones; those it sends are not yet
 * checked. `onExit` is called exactly once, also when the process could not be started at all.
 */
export interface EngineChannel {
  readonly pid: number | null
  /** Ignored when the process is gone. */
  send(message: HostMessage): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: (exit: EngineExit) => void): void
  /** Ends it at once, without its cooperation. */
  kill(): void
}

/** Starts an engine process with exactly this environment. */
export type SpawnEngine = (env: Readonly<Record<string, string>>) => EngineChannel
