import { Radio, Stack } from '@mantine/core'
import type { BenchmarkKind } from '../../../../shared/contract/benchmarkSettings.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { kindWords } from '../../../lib/benchmarks.ts'
import classes from '../benchmarks.module.css'
import { usePlan } from './usePlan.ts'

type KindFieldProps = {
  readonly model: ModelId
  readonly kind: BenchmarkKind | null
  readonly onKind: (kind: BenchmarkKind) => void
}

const texts: Readonly<Record<BenchmarkKind, string>> = {
  engine: 'How fast the engine reads a prompt and generates, alone, as llama-bench does.',
  serving: 'How it answers requests as clients send them, one and many at a time.',
  embedding: 'How many texts become vectors per second, by batch size.',
}
const kinds: readonly BenchmarkKind[] = ['engine', 'serving', 'embedding']

/** What can be measured of this model; for the rest, why not. */
export function KindField({ model, kind, onKind }: KindFieldProps) {
  return (
    <Radio.Group
      label="Kind"
      value={kind ?? ''}
      onChange={(chosen) => {
        const found = kinds.find((each) => each === chosen)
        if (found !== undefined) onKind(found)
      }}
    >
      <Stack gap={6} mt={4}>
        {kinds.map((each) => (
          <KindChoice key={each} model={model} kind={each} />
        ))}
      </Stack>
    </Radio.Group>
  )
}

function KindChoice({ model, kind }: { readonly model: ModelId; readonly kind: BenchmarkKind }) {
  const { state, failure } = usePlan({ model, kind, preset: 'quick' })
  return (
    <Radio
      value={kind}
      disabled={state !== 'ready'}
      label={kindWords[kind]}
      description={
        <span className={classes.choiceText}>
          {failure === null ? texts[kind] : `Not possible: ${failure.message}`}
        </span>
      }
    />
  )
}
