import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { EmbedResult } from '../../../shared/contract/answers.ts'
import type { Model } from '../../../shared/contract/models.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { formatCount, formatDuration, formatTokens, formatUsd } from '../../lib/format.ts'
import { cosine } from './cosine.ts'
import { answersNow } from './modelVerbs.ts'

/** idle → asking → done | failed; the last two → asking */
type Phase =
  | { readonly phase: 'idle' | 'asking' }
  | { readonly phase: 'done'; readonly result: EmbedResult }
  | { readonly phase: 'failed'; readonly failure: Failure }

/** Two texts, and how close the model thinks they are. */
export function EmbedBox({ model }: { readonly model: Model }) {
  const [texts, setTexts] = useState<readonly [string, string]>([
    'A cat sleeps on the sofa.',
    'A kitten naps on the couch.',
  ])
  const [phase, setPhase] = useState<Phase>({ phase: 'idle' })
  const underWay = useRef<AbortController | null>(null)
  useEffect(() => () => underWay.current?.abort(), [])
  const [first, second] = texts
  const canAsk = answersNow(model) && first.trim() !== '' && second.trim() !== '' && phase.phase !== 'asking'
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!canAsk) return
    const abort = new AbortController()
    underWay.current = abort
    setPhase({ phase: 'asking' })
    try {
      const result = await client.models.embed({ model: model.model, input: [first, second] }, { signal: abort.signal })
      if (!abort.signal.aborted) setPhase({ phase: 'done', result })
    } catch (error) {
      if (!abort.signal.aborted) setPhase({ phase: 'failed', failure: failureOf(error) })
    }
  }
  return (
    <form aria-label={`Try ${model.name}`} onSubmit={(event) => void submit(event)}>
      <Stack gap={8}>
        <TextInput
          label="One text"
          value={first}
          maxLength={4000}
          onChange={(event) => setTexts([event.currentTarget.value, second])}
        />
        <TextInput
          label="Another"
          value={second}
          maxLength={4000}
          onChange={(event) => setTexts([first, event.currentTarget.value])}
        />
        <Group justify="space-between" wrap="nowrap">
          <Text role="status">
            {phase.phase === 'asking' ? 'Computing…' : phase.phase === 'done' ? words(phase.result) : ''}
          </Text>
          <Button type="submit" disabled={!canAsk}>
            Compare
          </Button>
        </Group>
        {phase.phase === 'failed' && <ErrorView failure={phase.failure} />}
      </Stack>
    </form>
  )
}

const words = ({ embeddings, totalMs, promptTokens, costUsd }: EmbedResult): string => {
  const [a = [], b = []] = embeddings
  const closeness = cosine(a, b)
  return [
    closeness === null ? 'The vectors cannot be compared.' : `Cosine similarity ${closeness.toFixed(3)}`,
    `${formatCount(a.length)} dimensions`,
    formatDuration(totalMs),
    ...(promptTokens === null ? [] : [formatTokens(promptTokens)]),
    ...(costUsd === null ? [] : [formatUsd(costUsd)]),
  ].join(' · ')
}
