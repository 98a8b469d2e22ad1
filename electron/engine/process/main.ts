import { isMainThread } from 'node:worker_threads'
import type { EngineChat, EngineLoad, EngineMessage, HostMessage } from '../protocol.ts'
import { answer } from './answer.ts'
import { openHostChannel } from './channel.ts'
import { embed } from './embed.ts'
import { nameFault } from './faults.ts'
import { type LoadedModel, loadModel } from './loadModel.ts'
import { endMeasuring, measure } from './measure.ts'
import { createTextBatch } from './textBatch.ts'
import { startWatchdog, watch } from './watchdog.ts'

const KEPT_LOG_LINES = 20

/**
 * The engine process: holds one model and answers one request after the other. llama.cpp lives here and nowhere else.
 * The same module is the entry of the watchdog's thread.
 */
if (isMainThread) run()
else watch()

function run(): void {
  const channel = openHostChannel()
  const runTemplate = startWatchdog(new URL(import.meta.url), Number(process.env.BERTH_HOST_PID))
  const log: string[] = []
  let loaded: LoadedModel | null = null
  let active: { readonly id: number; readonly abort: AbortController } | null = null

  async function load(request: EngineLoad): Promise<void> {
    try {
      loaded = await loadModel(request, {
        runTemplate,
        report: (fraction) => channel.send({ type: 'loadProgress', fraction }),
        log: (line) => {
          if (log.push(line.slice(0, 500)) > KEPT_LOG_LINES) log.shift()
        },
      })
      channel.send({ type: 'loaded', effective: loaded.effective })
    } catch (error) {
      await new Promise(setImmediate) // llama.cpp's last lines arrive after its failure
      channel.send({ type: 'loadFailed', ...nameFault(error, 'LOAD_FAILED', log) })
    }
  }

  /** One request: whatever it throws becomes its answer. */
  async function serve(
    id: number,
    work: (model: LoadedModel, signal: AbortSignal) => Promise<EngineMessage>,
  ): Promise<void> {
    const abort = new AbortController()
    active = { id, abort }
    log.length = 0
    try {
      if (loaded === null) throw new Error('The model is not loaded.')
      const last = await work(loaded, abort.signal)
      active = null
      channel.send(last)
    } catch (error) {
      active = null
      channel.send({ type: 'answerFailed', id, ...nameFault(error, 'ANSWER_FAILED', log) })
    }
  }

  function chat(request: EngineChat): Promise<void> {
    const { id } = request
    const sendNow = (text: string): void => {
      if (text !== '') channel.send({ type: 'chunk', id, text })
    }
    const batch = createTextBatch(sendNow)
    const send = request.everyToken ? sendNow : batch.add
    return serve(id, async (model, signal) => {
      await endMeasuring(model)
      const summary = await answer(model, request, { runTemplate, send, signal })
      batch.flush()
      return { type: 'done', id, summary }
    })
  }

  channel.onMessage((message: HostMessage) => {
    if (message.type === 'load') void load(message.load)
    else if (message.type === 'chat') void chat(message.chat)
    else if (message.type === 'embed') {
      const { id, input } = message
      void serve(id, async (model, signal) => ({ type: 'embedded', id, ...(await embed(model, input, signal)) }))
    } else if (message.type === 'measure') {
      const { id, test } = message
      void serve(id, async (model, signal) => ({ type: 'measured', id, ...(await measure(model, test, signal)) }))
    } else if (message.type === 'shutdown') process.exit(0)
    else if (active?.id === message.id) active.abort.abort()
  })
}
