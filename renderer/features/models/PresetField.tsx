import { Input, SegmentedControl } from '@mantine/core'
import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { Model } from '../../../shared/contract/models.ts'
import type { IgnoredOptions } from '../../lib/ignoredOptions.ts'
import { useResources } from '../../lib/store.ts'
import { estimateLoad } from './estimateLoad.ts'
import { fitBytes } from './fitModel.ts'
import { defaultForm, type LoadForm, takesOption } from './loadForm.ts'
import { loadPresets, presetOf } from './loadPresets.ts'
import classes from './models.module.css'

type PresetFieldProps = {
  readonly model: Model
  readonly elementsPerToken: number | null
  readonly ignored: IgnoredOptions
  readonly form: LoadForm
  readonly onForm: (form: LoadForm) => void
}

/** Whole sets of options. Not there where the provider takes none of what they set. */
export function PresetField({ model, elementsPerToken, ignored, form, onForm }: PresetFieldProps) {
  const resources = useResources()
  const fits = (contextLength: number): boolean => {
    const usual = defaultContextLength(model.contextLength)
    const { bytes, exact } = estimateLoad(model, elementsPerToken, usual, { ...defaultForm, contextLength })
    if (bytes === null || !exact || resources === null) return false
    const fit = fitBytes(bytes, resources)
    return fit.fit === 'yes' || (fit.fit === 'tight' && !fit.spills)
  }
  const presets = loadPresets(model.contextLength, fits, (option) => takesOption(ignored, option))
  const chosen = presetOf(form, presets)
  if (presets.length < 2) return null
  return (
    <Input.Wrapper
      label="Preset"
      description={chosen?.text ?? 'Options of your own choice.'}
      size="xs"
      labelElement="div"
    >
      <div className={classes.formLine}>
        <SegmentedControl
          aria-label="Preset"
          data={presets.map((preset) => ({ value: preset.name, label: preset.name, disabled: preset.form === null }))}
          value={chosen?.name ?? ''}
          onChange={(name) => onForm(presets.find((preset) => preset.name === name)?.form ?? form)}
        />
      </div>
    </Input.Wrapper>
  )
}
