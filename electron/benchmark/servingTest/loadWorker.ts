import { parentPort } from 'node:worker_threads'
import { oneLine } from '../../lib/httpFaults.ts'
import { createKeyRedaction } from '../../lib/keyRedaction.ts'
import type { Failure } from './failure.ts'
import { type Answer, type LoadOutcome, promptMark, type WireOrder } from './loadOrder.ts'
import { runSchedule } from './loadSchedule.ts'
import { createPrompts } from './prompts.ts'
import { createWireClient } from './wireClient.ts'

/** A thread of its own, so that nothing else that Berth does is in the times. One load after the other. */
export type ToLoadWorker =
  | { readonly type: 'run'; readonly order: WireOrder }
  | { readonly type: 'cancel' }
  | { readonly type: 'close' }
export type FromLoadWorker =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'ended'; readonly outcome: LoadOutcome }

const tell = (message: FromLoadWorker): void => parentPort?.postMessage(message)
const client = createWireClient()
let cancel = new AbortController()

const run = async (order: WireOrder): Promise<void> => {
  const { wire, prompts, limits } = order
  const { signal } = cancel
  const [before = '', after = ''] = wire.body.split(promptMark)
  const promptOf = createPrompts(prompts)
  const redaction = createKeyRedaction()
  redaction.sent((wire.headers.authorization ?? '').replace(/^Bearer /, ''))
  const delaysMs: number[] = []
  const onPiece = (text: string, at: number): void => {
    if (order.ownDelay) delaysMs.push(at - Number(text))
  }
  let first: Failure | null = null

  const { end, beganAt, cutOff } = await runSchedule(
    order,
    async ({ prompt, beganAt, plannedAt }) => {
      const body = before + promptOf(prompt) + after
      const { answer, failure } = await client.send({ prompt, wire, body, limits, beganAt, plannedAt, onPiece })
      if (failure?.code !== 'CANCELLED') first ??= failure
      return answer
    },
    (answer) => tell({ type: 'answer', answer }),
    signal,
  )
  if (signal.aborted) await client.abort()
  const failed = first as Failure | null // it was set in a closure
  const firstFailure = failed === null ? null : oneLine(redaction.fault(failed.words), 200)
  tell({ type: 'ended', outcome: { end, beganAt, firstFailure, delaysMs, cutOff } })
}

parentPort?.on('message', (message: ToLoadWorker) => {
  if (message.type === 'run') {
    cancel = new AbortController()
    void run(message.order)
  } else if (message.type === 'cancel') {
    cancel.abort()
    void client.abort()
  } else {
    cancel.abort()
    void client.abort().then(() => {
      client.close()
      parentPort?.close()
    })
  }
})
