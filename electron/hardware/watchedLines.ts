import type { ChildProcesses, LineReader } from '../lib/childProcess.ts'
import { SourceError } from './source.ts'

export interface LinesEnd {
  readonly code: number | null
  /** what it printed beside the lines we understood */
  readonly text: string
}

export interface WatchedLinesDeps {
  readonly name: string
  readonly startLines: ChildProcesses['startLines']
  readonly now: () => number
  readonly firstLineMs: number
  readonly silentMs: number
  /** says whether it understood the line */
  readonly onLine: (line: string) => boolean
}

/**
 * A child that prints lines for as long as it is watched. `check` is called once a second: it starts the child, and
 * ends it when it fell silent. The caller's pause after a failure is the back-off. The clock is only read there and at
 * each line, so a machine that slept for an hour restarts the child by itself.
 */
export function createWatchedLines({ name, startLines, now, firstLineMs, silentMs, onLine }: WatchedLinesDeps) {
  let child: LineReader | null = null
  let heardAt = 0
  let wasHeard = false
  let otherText = ''
  let ended: (LinesEnd & { error: Error | null }) | null = null

  function start(file: string, args: readonly string[]): void {
    heardAt = now()
    wasHeard = false
    otherText = ''
    ended = null
    child = startLines(file, args, {
      onLine(line) {
        if (onLine(line)) {
          heardAt = now()
          wasHeard = true
        } else otherText = `${otherText}${line}\n`.slice(0, 2_000)
      },
      onExit({ code, stderr, error }) {
        ended = { code, text: otherText || stderr, error }
      },
    })
  }

  async function stop(): Promise<void> {
    const stopping = child
    child = null
    ended = null
    await stopping?.stop()
  }

  return {
    isStarted: () => child !== null,
    start,
    stop,

    /** null while it runs and talks; how it ended, once; throws when it cannot start or fell silent. */
    async check(): Promise<LinesEnd | null> {
      if (ended !== null) {
        const { code, text, error } = ended
        child = null
        ended = null
        if (error !== null) throw new SourceError('failing', `${name} cannot be started: ${error.message}`)
        return { code, text }
      }
      const silentFor = now() - heardAt
      if (child === null || silentFor <= (wasHeard ? silentMs : firstLineMs)) return null
      const said = otherText === '' ? 'printed nothing' : `printed something else (“${otherText.trim().slice(0, 200)}”)`
      await stop()
      throw new SourceError('failing', `${name} ${said} for ${Math.round(silentFor / 1000)} s.`)
    },
  }
}
