import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Instance, ModelState } from '../../../shared/contract/models.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { formatDuration, formatSpeed, formatTokens } from '../../lib/format.ts'
import { failureOfState } from '../../lib/jobs.ts'
import { useJobs } from '../../lib/store.ts'
import { LoadAgain } from './LoadAgain.tsx'
import classes from './running.module.css'
import { figuresOf, isAnswering, type TryPhase, whyNot } from './tryAnswer.ts'
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

/** One line in, the answer streamed, with what it cost. */
export function TryBox({ instance, name }: { readonly instance: Instance; readonly name: string }) {
  const { answer, send, stop } = useTryAnswer(instance.model)
  const [message, setMessage] = useState('Say hello in one sentence.')
  const isLoaded = instance.state === 'loaded' || instance.state === 'available'
  const busy = isAnswering(answer)
  const follow = useFollow(answer.text)
  const problem = whyNot(answer.problem, failureOfState(instance, useJobs())?.failure ?? null)
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
        {answer.text}
      </div>
      {problem !== null && <ErrorView failure={problem} action={<LoadAgain instance={instance} />} />}
      {problem === null && !isLoaded && (
        <div className={classes.notice}>
          {stateWords[instance.state]} <LoadAgain instance={instance} />
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
  const { ttftMs, tokensPerSecond, promptTokens, completionTokens } = figures
  const parts = [
    ['First token', formatDuration(ttftMs)],
    ['Speed', formatSpeed(tokensPerSecond)],
    ['In', formatTokens(promptTokens)],
    ['Out', formatTokens(completionTokens)],
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
