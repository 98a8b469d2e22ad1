import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How one answer is timed. Milliseconds. */
export interface AnswerScript {
  readonly format?: 'openai' | 'ollama'
  /** from the request, or from when it has a place, to the first piece */
  readonly ttftMs: number
  readonly itlMs: number
  /** pieces, each of one token */
  readonly tokens: number
  /** each space is longer or shorter by up to this, by `seed` */
  readonly jitterMs?: number
  readonly seed?: number
  /** nothing comes for so long before this piece */
  readonly stall?: { readonly before: number; readonly ms: number }
  /** the connection is cut after this piece */
  readonly cutAfter?: number
  /** false: tokens are not counted */
  readonly usage?: false
  readonly costUsd?: number
  /** in place of all this; `forever` is written without end */
  readonly instead?: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly forever?: string
  }
}

/** Requests get these in turn. */
export interface Script {
  readonly answers: readonly AnswerScript[]
  /** that are worked on at once; others wait */
  readonly places?: number
}

/** What was really written, in milliseconds of the machine's monotonic clock. */
export interface WrittenAnswer {
  readonly prompt: number
  readonly receivedAt: number
  readonly pieces: number[]
  end: number | null
  readonly authorization: string | null
  readonly words: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A server of scripted timing in a process of its own: it shares no event loop with what measures it. */
export const startScriptedServer = async () => {
  const child = fork(fileURLToPath(new URL('scriptedServerProcess.ts', import.meta.url)), { execArgv: [] })
  const [{ port }] = await once(child, 'message')
  const asked = new Map<number, (written: readonly WrittenAnswer[]) => void>()
  child.on('message', ({ id, written }: { readonly id: number; readonly written: readonly WrittenAnswer[] }) => {
    asked.get(id)?.(written)
    asked.delete(id)
  })
  let lastId = 0
  const ask = (message: object): Promise<readonly WrittenAnswer[]> =>
    new Promise((resolve) => {
      lastId += 1
      asked.set(lastId, resolve)
      child.send({ ...message, id: lastId })
    })
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    /** From the next request on; what was written before is forgotten. */
    play: async (script: Script): Promise<void> => void (await ask({ script })),
    written: () => ask({}),
    close: async () => {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
export type ScriptedServer = Awaited<ReturnType<typeof startScriptedServer>>
