import classes from '../benchmarks.module.css'
import type { Faults } from './readFields.ts'
import type { EmbeddingForm, EngineForm } from './settingsForm.ts'
import { TextField } from './TextField.tsx'

type RepetitionFieldsProps<Form> = {
  readonly form: Form
  readonly faults: Faults
  readonly onForm: (form: Form) => void
}

/** When to stop repeating. */
export function RepetitionFields<Form extends EngineForm | EmbeddingForm>({
  form,
  faults,
  onForm,
}: RepetitionFieldsProps<Form>) {
  const shared = {
    form,
    faults,
    // a form of one kind stays of that kind
    onForm: (changed: EngineForm | EmbeddingForm) => onForm(changed as Form),
  }
  return (
    <div className={classes.formThird}>
      <TextField<EngineForm | EmbeddingForm> {...shared} field="least" label="Repeat at least" description="Times." />
      <TextField<EngineForm | EmbeddingForm> {...shared} field="most" label="Repeat at most" description="Times." />
      <TextField<EngineForm | EmbeddingForm>
        {...shared}
        field="error"
        label="Until within ± %"
        description="Of the mean, 95 % sure."
      />
    </div>
  )
}
