import { Radio } from '@mantine/core'
import type { BenchmarkKind, BenchmarkPreset } from '../../../../shared/contract/benchmarkSettings.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { presetWords } from '../../../lib/benchmarks.ts'
import classes from '../benchmarks.module.css'
import { priceWords, timeWords } from './planWords.ts'
import { usePlan } from './usePlan.ts'

type PresetFieldProps = {
  readonly model: ModelId
  readonly kind: BenchmarkKind | null
  readonly preset: BenchmarkPreset
  readonly onPreset: (preset: BenchmarkPreset) => void
}

const presets: readonly BenchmarkPreset[] = ['quick', 'standard', 'thorough']

/** Whole sets of settings, each with how long it takes and what it costs. */
export function PresetField({ model, kind, preset, onPreset }: PresetFieldProps) {
  return (
    <Radio.Group
      label="Preset"
      value={preset}
      onChange={(chosen) => {
        const found = presets.find((each) => each === chosen)
        if (found !== undefined) onPreset(found)
      }}
    >
      <div className={classes.presets}>
        {presets.map((each) => (
          <PresetChoice key={each} model={model} kind={kind} preset={each} />
        ))}
      </div>
    </Radio.Group>
  )
}

function PresetChoice({ model, kind, preset }: Omit<PresetFieldProps, 'onPreset'>) {
  const { state, plan } = usePlan({ model, preset, ...(kind === null ? {} : { kind }) })
  const price = plan === null ? null : priceWords(plan)
  return (
    <Radio.Card className={classes.preset ?? ''} value={preset} aria-label={presetWords[preset]}>
      <Radio.Indicator />
      <span>
        <span className={classes.presetName}>{presetWords[preset]}</span>
        <span className={classes.presetText}>
          {plan !== null ? timeWords(plan) : state === 'failed' ? 'not possible' : 'asking…'}
        </span>
        {price !== null && <span className={classes.presetText}>{price}</span>}
      </span>
    </Radio.Card>
  )
}
