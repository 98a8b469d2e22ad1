import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { ModelState } from '../../shared/contract/models.ts'
import type { Failure } from '../lib/failure.ts'
import { formatDuration, formatSpeed, formatTokens, formatUsd } from '../lib/format.ts'
import { figuresOf, isAnswering, type TryPhase, whyNot } from '../lib/tryAnswer.ts'
import { ErrorView } from './ErrorView.tsx'
import classes from './TryBox.module.css'
import { useTryAnswer } from './useTryAnswer.ts'

const stateWords: Record<ModelState, string> = {
  unloaded: 'It is not loaded any more.',
  loading: 'It is being loaded.',
  loaded: '',
  unloading: 'It is being unloaded.',
  failed: 'It failed.',
  available: '',
}

const phaseWords: Record<TryPhase, string> = {
  idle: 'Say one line to see that it lives.',
  waiting: 'Reading the message…',
  answering: 'Answering…',
  done: 'Complete.',
  stopped: 'Stopped.',
  failed: 'Not answered to the end.',
}

type TryBoxProps = {
  readonly model: ModelId
  readonly name: string
  readonly state: ModelState
  /** why it failed, whole */
  readonly failure: Failure | null
  /** what can be done about a model that does not answer */
  readonly remedy?: ReactNode
}

/** One line in, the answer streamed, with what it cost. */
export function TryBox({ model, name, state, failure, remedy }: TryBoxProps) {
  const { answer, send, stop } = useTryAnswer(model)
  const [message, setMessage] = useState('Say hello in one sentence.')
  const isLoaded = state === 'loaded' || state === 'available'
  const busy = isAnswering(answer)
  const follow = useFollow(answer.reasoning + answer.text)
  const problem = whyNot(answer.problem, failure)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isLoaded && !busy && message.trim() !== '') void send(message.trim())
  }
  return (
    <section className={classes.tryBox} aria-label={`Try ${name}`}>
      <form className={classes.tryLine} onSubmit={submit}>
        <TextInput
          flex={1}
          aria-label="Message"
          placeholder="Message"
          maxLength={4000}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        {/* two keys: one button that turned into Send under the click would send again */}
        {busy ? (
          <Button key="stop" variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button key="send" type="submit" disabled={!isLoaded || message.trim() === ''}>
            Send
          </Button>
        )}
      </form>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={follow} className={classes.answer} role="log" aria-label="Answer" aria-busy={busy} tabIndex={0}>
        {answer.reasoning !== '' && <span className={classes.reasoning}>{`${answer.reasoning}\n\n`}</span>}
        {answer.text}
      </div>
      {problem !== null && <ErrorView failure={problem} action={remedy} />}
      {problem === null && !isLoaded && (
        <div className={classes.notice}>
          {stateWords[state]} {remedy}
        </div>
      )}
      <Figures phase={phaseWords[answer.phase]} figures={figuresOf(answer)} />
    </section>
  )
}

/** Keeps the newest line in view, until the person scrolls up to read. */
const useFollow = (text: string) => {
  const box = useRef<HTMLDivElement>(null)
  const height = useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what makes it higher
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const wasAtEnd = element.scrollTop + element.clientHeight >= height.current - 24
    height.current = element.scrollHeight
    if (wasAtEnd) element.scrollTop = element.scrollHeight
  }, [text])
  return box
}

type FiguresProps = { readonly phase: string; readonly figures: ReturnType<typeof figuresOf> }

function Figures({ phase, figures }: FiguresProps) {
  const { ttftMs, tokensPerSecond, promptTokens, completionTokens, costUsd } = figures
  const parts = [
    ['First token', formatDuration(ttftMs)],
    ['Speed', formatSpeed(tokensPerSecond)],
    ['In', formatTokens(promptTokens)],
    ['Out', formatTokens(completionTokens)],
    ...(costUsd === null ? [] : [['Cost', formatUsd(costUsd)] as const]),
  ] as const
  return (
    <div className={classes.figures}>
      <div className={classes.phase} role="status">
        {phase}
      </div>
      <dl>
        {parts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
