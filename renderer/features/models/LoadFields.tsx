import { Input, NumberInput, SegmentedControl, Select, Slider } from '@mantine/core'
import { Fragment } from 'react'
import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { Model } from '../../../shared/contract/models.ts'
import sheet from '../../components/sheet.module.css'
import { estimated, formatCount, formatMemory, formatTokens } from '../../lib/format.ts'
import { type IgnoredOptions, ignoredLines } from '../../lib/ignoredOptions.ts'
import { useHardware } from '../../lib/store.ts'
import { kvCacheTypes } from './estimateLoad.ts'
import { contextStops, type LoadForm, nearestStop, shortTokens, takesOption } from './loadForm.ts'
import classes from './models.module.css'

type LoadFieldsProps = {
  readonly model: Model
  readonly ignored: IgnoredOptions
  readonly form: LoadForm
  readonly onForm: (form: LoadForm) => void
  readonly bytesPer1024Tokens: number | null
  /** it runs on this machine, whose hardware we know */
  readonly isHere: boolean
}

const numberOf = (value: string | number): number | null => (typeof value === 'number' ? value : null)

/** Only what the provider takes; for the rest, why not and where it is set instead. */
export function LoadFields({ model, ignored, form, onForm, bytesPer1024Tokens, isHere }: LoadFieldsProps) {
  const hardware = useHardware()
  const hasGpu = !isHere || hardware === null || hardware.devices.some((device) => device.kind === 'gpu')
  const set = (change: Partial<LoadForm>) => onForm({ ...form, ...change })
  const takes = (option: keyof LoadForm): boolean => takesOption(ignored, option)
  return (
    <>
      {takes('contextLength') && (
        <ContextField
          trainedContext={model.contextLength}
          value={form.contextLength}
          onValue={(contextLength) => set({ contextLength })}
          bytesPer1024Tokens={bytesPer1024Tokens}
        />
      )}
      <div className={classes.formGrid}>
        {takes('gpuLayers') && (
          <GpuLayersField value={form.gpuLayers} onValue={(gpuLayers) => set({ gpuLayers })} hasGpu={hasGpu} />
        )}
        {takes('keepAlive') && (
          <Select
            label="Keep loaded"
            description="How long it stays without being used."
            data={keepAliveChoices}
            value={form.keepAlive === null ? 'default' : String(form.keepAlive)}
            allowDeselect={false}
            onChange={(value) => set({ keepAlive: keepAliveOf(value) })}
          />
        )}
        {takes('kvCacheType') && (
          <Select
            label="KV cache type"
            description="Smaller ones hold more context."
            data={[{ value: 'default', label: 'Default (f16)' }, ...kvCacheTypes]}
            value={form.kvCacheType ?? 'default'}
            allowDeselect={false}
            onChange={(value) => set({ kvCacheType: kvCacheTypes.find((type) => type === value) ?? null })}
          />
        )}
        {takes('flashAttention') && (
          <OnOffField
            label="Flash attention"
            description="Less memory for long contexts."
            value={form.flashAttention}
            onValue={(flashAttention) => set({ flashAttention })}
          />
        )}
        {takes('threads') && <ThreadsField value={form.threads} onValue={(threads) => set({ threads })} />}
        {takes('batchSize') && <BatchField value={form.batchSize} onValue={(batchSize) => set({ batchSize })} />}
        {takes('mmap') && (
          <OnOffField
            label="Memory map"
            description="Read the file where it lies instead of copying it."
            value={form.mmap}
            onValue={(mmap) => set({ mmap })}
          />
        )}
      </div>
      <Ignored ignored={ignored} />
    </>
  )
}

function Ignored({ ignored }: { readonly ignored: IgnoredOptions }) {
  const lines = ignoredLines(ignored)
  if (lines.length === 0) return null
  return (
    <section aria-label="Load options it does not take">
      <h3 className={sheet.sectionTitle}>Load options it does not take</h3>
      <dl className={sheet.facts}>
        {lines.map(([options, why]) => (
          <Fragment key={why}>
            <dt>{options}</dt>
            <dd>{why}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}

type NumberFieldProps = { readonly value: number | null; readonly onValue: (value: number | null) => void }

function ThreadsField({ value, onValue }: NumberFieldProps) {
  return (
    <NumberInput
      label="Threads"
      description="Of the CPU. More than the cores is slower."
      placeholder="Default"
      min={1}
      max={1024}
      allowDecimal={false}
      value={value ?? ''}
      onChange={(typed) => onValue(numberOf(typed))}
    />
  )
}

function BatchField({ value, onValue }: NumberFieldProps) {
  return (
    <NumberInput
      label="Batch size"
      description="Tokens of a prompt read at once."
      placeholder="Default"
      suffix=" tokens"
      min={1}
      max={65_536}
      allowDecimal={false}
      thousandSeparator=","
      value={value ?? ''}
      onChange={(typed) => onValue(numberOf(typed))}
    />
  )
}

type ContextFieldProps = {
  readonly trainedContext: number | null
  readonly value: number | null
  readonly onValue: (value: number | null) => void
  readonly bytesPer1024Tokens: number | null
}

function ContextField({ trainedContext, value, onValue, bytesPer1024Tokens }: ContextFieldProps) {
  const stops = contextStops(trainedContext)
  const trained = trainedContext === null ? 'The file does not tell what it was trained for.' : null
  const cost =
    bytesPer1024Tokens === null ? null : `Each 1,024 tokens take ${estimated(formatMemory(bytesPer1024Tokens))}.`
  const description = [trained ?? `Trained for ${formatTokens(trainedContext)}.`, cost].filter(Boolean).join(' ')
  return (
    <Input.Wrapper label="Context length" description={description} size="xs" labelElement="div">
      <div className={classes.context}>
        <Slider
          className={classes.slider}
          flex={1}
          size="sm"
          min={0}
          max={Math.max(stops.length - 1, 1)}
          step={1}
          marks={stops.map((stop, value) => ({ value, label: shortTokens(stop) }))}
          label={(index) => formatTokens(stops[index])}
          thumbLabel="Context length"
          value={nearestStop(stops, value ?? defaultContextLength(trainedContext))}
          onChange={(index) => onValue(stops[index] ?? null)}
        />
        <NumberInput
          w={148}
          aria-label="Context length in tokens"
          placeholder={`Default (${formatCount(defaultContextLength(trainedContext))})`}
          suffix=" tokens"
          min={8}
          max={16_777_216}
          step={1024}
          allowDecimal={false}
          thousandSeparator=","
          value={value ?? ''}
          onChange={(typed) => onValue(numberOf(typed))}
        />
      </div>
    </Input.Wrapper>
  )
}

type GpuLayersFieldProps = {
  readonly value: LoadForm['gpuLayers']
  readonly onValue: (value: LoadForm['gpuLayers']) => void
  readonly hasGpu: boolean
}

function GpuLayersField({ value, onValue, hasGpu }: GpuLayersFieldProps) {
  const mode = typeof value === 'number' ? 'number' : (value ?? 'default')
  const modes: Record<string, LoadForm['gpuLayers']> = { default: null, auto: 'auto', number: 0 }
  return (
    <Input.Wrapper
      label="GPU layers"
      description={hasGpu ? 'Auto puts as many on the GPU as fit.' : 'No GPU here: everything runs on the CPU.'}
      size="xs"
      labelElement="div"
    >
      <div className={classes.formLine}>
        <SegmentedControl
          aria-label="GPU layers"
          disabled={!hasGpu}
          data={[
            { value: 'default', label: 'Default' },
            { value: 'auto', label: 'Auto' },
            { value: 'number', label: 'Number' },
          ]}
          value={mode}
          onChange={(chosen) => onValue(modes[chosen] ?? null)}
        />
        {mode === 'number' && (
          <NumberInput
            flex={1}
            aria-label="Number of GPU layers"
            min={0}
            max={10_000}
            allowDecimal={false}
            value={value ?? ''}
            onChange={(typed) => onValue(numberOf(typed) ?? 0)}
          />
        )}
      </div>
    </Input.Wrapper>
  )
}

type OnOffFieldProps = {
  readonly label: string
  readonly description: string
  readonly value: boolean | null
  readonly onValue: (value: boolean | null) => void
}

function OnOffField({ label, description, value, onValue }: OnOffFieldProps) {
  return (
    <Input.Wrapper label={label} description={description} size="xs" labelElement="div">
      <div className={classes.formLine}>
        <SegmentedControl
          aria-label={label}
          data={[
            { value: 'default', label: 'Default' },
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
          value={value === null ? 'default' : value ? 'on' : 'off'}
          onChange={(chosen) => onValue(chosen === 'default' ? null : chosen === 'on')}
        />
      </div>
    </Input.Wrapper>
  )
}

const keepAliveChoices = [
  { value: 'default', label: 'Default' },
  { value: '300', label: '5 minutes' },
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '28800', label: '8 hours' },
  { value: 'forever', label: 'Until I unload it' },
]
const keepAliveOf = (value: string | null): LoadForm['keepAlive'] =>
  value === 'forever' ? 'forever' : value === null || value === 'default' ? null : Number(value)
