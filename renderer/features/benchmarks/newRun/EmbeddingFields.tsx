import classes from '../benchmarks.module.css'
import { RepetitionFields } from './RepetitionFields.tsx'
import type { Faults } from './readFields.ts'
import type { EmbeddingForm } from './settingsForm.ts'
import { TextField } from './TextField.tsx'

type EmbeddingFieldsProps = {
  readonly form: EmbeddingForm
  readonly faults: Faults
  readonly onForm: (form: EmbeddingForm) => void
}

export function EmbeddingFields(props: EmbeddingFieldsProps) {
  return (
    <>
      <div className={classes.formGrid}>
        <TextField {...props} field="batchSizes" label="Batch sizes" description="Texts in one request, a list." />
        <TextField {...props} field="textTokens" label="Length of a text" description="Tokens." />
      </div>
      <RepetitionFields {...props} />
    </>
  )
}
