import { Button, Group } from '@mantine/core'
import classes from '../benchmarks.module.css'
import { EmbeddingFields } from './EmbeddingFields.tsx'
import { EngineFields } from './EngineFields.tsx'
import type { Faults } from './readFields.ts'
import { ServingFields } from './ServingFields.tsx'
import type { SettingsForm } from './settingsForm.ts'

type SettingsFieldsProps = {
  readonly form: SettingsForm
  readonly faults: Faults
  readonly onForm: (form: SettingsForm) => void
  readonly onPreset: () => void
}

/** Settings of the person's own, in place of a preset. */
export function SettingsFields({ form, faults, onForm, onPreset }: SettingsFieldsProps) {
  return (
    <fieldset className={classes.settings}>
      <legend>
        <Group gap={12}>
          Your own settings
          <Button size="compact-xs" variant="default" onClick={onPreset}>
            Back to the presets
          </Button>
        </Group>
      </legend>
      {form.kind === 'engine' && <EngineFields form={form} faults={faults} onForm={onForm} />}
      {form.kind === 'serving' && <ServingFields form={form} faults={faults} onForm={onForm} />}
      {form.kind === 'embedding' && <EmbeddingFields form={form} faults={faults} onForm={onForm} />}
    </fieldset>
  )
}
