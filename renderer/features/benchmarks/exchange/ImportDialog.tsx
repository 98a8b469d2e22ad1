import { Button, FileButton, Group, Modal, Stack, Text } from '@mantine/core'
import { FileUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { importBenchmarks, runWord } from '../../../lib/benchmarkActions.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'
import { formatCount } from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import classes from '../benchmarks.module.css'
import { emptyFile, mostSentBytes, sentBytes, tooLarge } from './importFile.ts'

/** choosing → reading → taken | failed; taken | failed → reading with another file */
type Phase =
  | { readonly phase: 'choosing' }
  | { readonly phase: 'reading'; readonly name: string }
  | {
      readonly phase: 'taken'
      readonly name: string
      readonly benchmarks: Benchmark[]
      readonly already: number
      readonly skipped: string[]
    }
  | { readonly phase: 'failed'; readonly name: string; readonly failure: Failure }

const read = async (file: File): Promise<Phase> => {
  const { name } = file
  const failure = emptyFile(file) ?? tooLarge(file)
  if (failure !== null) return { phase: 'failed', name, failure }
  try {
    const text = await file.text()
    const inAll = tooLarge({ name, size: sentBytes(text) }, mostSentBytes)
    if (inAll !== null) return { phase: 'failed', name, failure: inAll }
    return { phase: 'taken', name, ...(await importBenchmarks(text)) }
  } catch (error) {
    return { phase: 'failed', name, failure: failureOf(error) }
  }
}

/** Takes in what llama-bench wrote, or an export of Berth. The file is read here and sent whole. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const [phase, setPhase] = useState<Phase>({ phase: 'choosing' })
  const reset = useRef<() => void>(null)
  const choose = (file: File | null) => {
    if (file === null) return
    reset.current?.() // so that the same file can be chosen again once it is mended
    setPhase({ phase: 'reading', name: file.name })
    void read(file).then(setPhase)
  }
  return (
    <Modal opened onClose={onClose} title="Import results" size={560} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <Text>
          What llama-bench wrote with -o json, jsonl or csv, or a JSON export of Berth, up to 7 MB. Nothing that is here
          already is changed.
        </Text>
        {phase.phase === 'reading' && <p role="status">Reading {phase.name}…</p>}
        {phase.phase === 'failed' && <ErrorView title={`${phase.name} was not taken in`} failure={phase.failure} />}
        {phase.phase === 'taken' && <Taken {...phase} onClose={onClose} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <FileButton resetRef={reset} accept=".json,.jsonl,.ndjson,.csv,.txt" onChange={choose}>
            {(props) => (
              <Button
                {...props}
                data-autofocus
                variant={phase.phase === 'taken' ? 'default' : 'filled'}
                leftSection={<FileUp size={14} />}
                loading={phase.phase === 'reading'}
              >
                {phase.phase === 'choosing' || phase.phase === 'reading' ? 'Choose a file…' : 'Choose another file…'}
              </Button>
            )}
          </FileButton>
        </Group>
      </Stack>
    </Modal>
  )
}

type TakenProps = Extract<Phase, { readonly phase: 'taken' }> & { readonly onClose: () => void }

/** Of a long list of reasons. */
const mostReasons = 100

function Taken({ name, benchmarks, already, skipped, onClose }: TakenProps) {
  const [, navigate] = useHashLocation()
  const [first, ...more] = benchmarks
  const show = () => {
    onClose()
    if (first === undefined) return
    navigate(more.length === 0 ? routes.benchmark(first.benchmark) : routes.benchmarks)
  }
  return (
    <section aria-label="What was taken in" role="status">
      <Group gap={12}>
        <span>
          {benchmarks.length === 0
            ? `Nothing of ${name} was taken in.`
            : `${runWord(benchmarks.length)} of ${name} taken in.`}
        </span>
        {first !== undefined && (
          <Button size="compact-xs" variant="default" onClick={show}>
            Show {more.length === 0 ? 'it' : 'all runs'}
          </Button>
        )}
      </Group>
      {already > 0 && (
        <p className={classes.hint}>
          {already === 1 ? 'One result was' : `${formatCount(already)} results were`} there already, and{' '}
          {already === 1 ? 'is' : 'are'} not copied again.
        </p>
      )}
      {skipped.length > 0 && (
        <>
          <p className={classes.hint}>{formatCount(skipped.length)} skipped:</p>
          <ul className={classes.skipped}>
            {skipped.slice(0, mostReasons).map((reason, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be skipped for the same reason
              <li key={index}>{reason}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
