import { useCallback, useEffect, useReducer, useRef } from 'react'
import type { ModelId } from '../../shared/contract/modelId.ts'
import { client } from '../lib/client.ts'
import { type Failure, failureOf } from '../lib/failure.ts'
import { noAnswer, type TryAnswer, type TryEvent, tryReducer } from '../lib/tryAnswer.ts'

/** A line to see that it lives, not a conversation: an answer longer than this tells nothing more. */
const maxTokens = 512

const cutOff: Failure = {
  code: 'ANSWER_CUT_OFF',
  message: 'The answer ended before it was complete.',
  advice: 'Send the message again; load the model again if it is gone.',
  requestId: null,
}

/** One answer of one model, streamed. A new message, Stop and leaving the page end the one under way. */
export const useTryAnswer = (model: ModelId) => {
  const [answer, tell] = useReducer<TryAnswer<Failure>, [TryEvent<Failure>]>(tryReducer, noAnswer)
  const underWay = useRef<AbortController | null>(null)
  useEffect(() => () => underWay.current?.abort(), [])

  const send = useCallback(
    async (question: string) => {
      underWay.current?.abort()
      const abort = new AbortController()
      underWay.current = abort
      const current = (event: TryEvent<Failure>) => {
        if (underWay.current === abort && !abort.signal.aborted) tell(event)
      }
      tell({ type: 'send', question, at: performance.now() })
      try {
        const chunks = await client.models.chat(
          { model, messages: [{ role: 'user', content: question }], maxTokens, stream: true },
          { signal: abort.signal },
        )
        if (!(Symbol.asyncIterator in chunks)) throw new Error('Berth answered whole where a stream was asked for.')
        for await (const chunk of chunks) {
          current({ type: 'chunk', chunk, at: performance.now() })
          if (chunk.type === 'done') return
        }
        current({ type: 'fail', problem: cutOff })
      } catch (error) {
        current({ type: 'fail', problem: failureOf(error) })
      }
    },
    [model],
  )
  const stop = useCallback(() => {
    tell({ type: 'stop' })
    underWay.current?.abort()
  }, [])
  return { answer, send, stop }
}
