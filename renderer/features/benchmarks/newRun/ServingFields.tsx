import { Checkbox, Input, SegmentedControl } from '@mantine/core'
import classes from '../benchmarks.module.css'
import type { Faults } from './readFields.ts'
import type { ServingForm } from './settingsForm.ts'
import { TextField } from './TextField.tsx'

type ServingFieldsProps = {
  readonly form: ServingForm
  readonly faults: Faults
  readonly onForm: (form: ServingForm) => void
}

export function ServingFields(props: ServingFieldsProps) {
  const { form, faults, onForm } = props
  return (
    <>
      <div className={classes.formGrid}>
        <TextField
          {...props}
          field="levels"
          label="At once"
          description="So many requests under way at any time, a list."
          placeholder="1, 4, 16"
        />
        <TextField
          {...props}
          field="rates"
          label="Requests per second"
          description="They arrive at fixed times, whatever the server does."
          placeholder="0.5, 1, 2"
        />
      </div>
      <div className={classes.formThird}>
        <TextField {...props} field="promptTokens" label="Prompt" description="Tokens." />
        <TextField {...props} field="outputTokens" label="Answer" description="Tokens that are asked for." />
        <TextField {...props} field="requestsPerLoad" label="Requests per load" description="Counted." />
        <TextField {...props} field="warmUpRequests" label="Warm-up" description="Requests that are not counted." />
        <TextField {...props} field="requestSeconds" label="Longest request" description="Seconds; then it failed." />
        <TextField {...props} field="seed" label="Seed" description="Same prompts and arrivals." />
      </div>
      <Input.Wrapper label="Arrivals" labelElement="div" size="xs" description="For requests per second.">
        <div className={classes.formLine}>
          <SegmentedControl
            aria-label="Arrivals"
            data={[
              { value: 'constant', label: 'Even' },
              { value: 'poisson', label: 'Random (Poisson)' },
            ]}
            value={form.arrivals}
            onChange={(value) => onForm({ ...form, arrivals: value === 'poisson' ? 'poisson' : 'constant' })}
          />
        </div>
      </Input.Wrapper>
      <p className={classes.hint}>
        Limits that a request must keep to count as good, in milliseconds. Empty ones are not judged.
      </p>
      <div className={classes.formQuarter}>
        <TextField {...props} field="ttftMs" label="TTFT" placeholder="500" />
        <TextField {...props} field="tpotMs" label="TPOT" placeholder="50" />
        <TextField {...props} field="itlMs" label="Longest ITL" placeholder="200" />
        <TextField {...props} field="e2eMs" label="E2E" placeholder="10000" />
      </div>
      <Checkbox
        label="Then look for the highest load within these limits"
        checked={form.findHighestLoad}
        onChange={(event) => onForm({ ...form, findHighestLoad: event.currentTarget.checked })}
        error={faults.findHighestLoad}
      />
    </>
  )
}
