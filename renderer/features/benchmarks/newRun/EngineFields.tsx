import { Checkbox, MultiSelect } from '@mantine/core'
import type { KvCacheType } from '../../../../shared/contract/models.ts'
import classes from '../benchmarks.module.css'
import { RepetitionFields } from './RepetitionFields.tsx'
import type { Faults } from './readFields.ts'
import type { EngineForm } from './settingsForm.ts'
import { TextField } from './TextField.tsx'

type EngineFieldsProps = {
  readonly form: EngineForm
  readonly faults: Faults
  readonly onForm: (form: EngineForm) => void
}

const cacheTypes: readonly KvCacheType[] = ['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl']
const states = ['on', 'off'] as const
const isChosen =
  <Value extends string>(chosen: readonly string[]) =>
  (value: Value): boolean =>
    chosen.includes(value)

export function EngineFields(props: EngineFieldsProps) {
  const { form, onForm } = props
  return (
    <>
      <div className={classes.formThird}>
        <TextField {...props} field="promptTokens" label="Prompts (pp)" description="Lengths in tokens, a list." />
        <TextField {...props} field="generatedTokens" label="Generated (tg)" description="Lengths in tokens, a list." />
        <TextField {...props} field="depths" label="Depths" description="Tokens in the context before." />
      </div>
      <Checkbox
        label="Measure how long a load takes"
        checked={form.measureLoad}
        onChange={(event) => onForm({ ...form, measureLoad: event.currentTarget.checked })}
      />
      <RepetitionFields {...props} />
      <p className={classes.hint}>
        Sweep: everything is measured once for each combination of these. An empty one leaves the choice to the engine.
      </p>
      <div className={classes.formThird}>
        <TextField {...props} field="contextLength" label="Context lengths" placeholder="4k, 16k" />
        <TextField {...props} field="gpuLayers" label="GPU layers" placeholder="auto, 0, 20" />
        <TextField {...props} field="threads" label="Threads" placeholder="4, 8" />
        <TextField {...props} field="batchSize" label="Batch sizes" placeholder="512, 2048" />
        <MultiSelect
          label="KV cache types"
          data={[...cacheTypes]}
          value={[...form.kvCacheType]}
          onChange={(chosen) => onForm({ ...form, kvCacheType: cacheTypes.filter(isChosen(chosen)) })}
        />
        <MultiSelect
          label="Flash attention"
          data={[...states]}
          value={[...form.flashAttention]}
          onChange={(chosen) => onForm({ ...form, flashAttention: states.filter(isChosen(chosen)) })}
        />
      </div>
    </>
  )
}
