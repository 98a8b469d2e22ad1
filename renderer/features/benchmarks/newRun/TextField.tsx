import { TextInput } from '@mantine/core'
import type { Faults } from './readFields.ts'

type TextFieldProps<Form> = {
  readonly form: Form
  /** of a text in the form */
  readonly field: { [Key in keyof Form]: Form[Key] extends string ? Key : never }[keyof Form] & string
  readonly faults: Faults
  readonly onForm: (form: Form) => void
  readonly label: string
  readonly description?: string
  readonly placeholder?: string
}

/** One text of a form, with what is wrong about it. */
export function TextField<Form>({ form, field, faults, onForm, ...rest }: TextFieldProps<Form>) {
  return (
    <TextInput
      {...rest}
      spellCheck={false}
      maxLength={400}
      value={String(form[field])}
      onChange={(event) => onForm({ ...form, [field]: event.currentTarget.value })}
      error={faults[field]}
    />
  )
}
