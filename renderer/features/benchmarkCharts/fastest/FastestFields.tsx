import { Button, NumberInput } from '@mantine/core'
import { formatMemory, formatTokens } from '../../../lib/format.ts'
import type { MachineMemory } from '../../../lib/machineMemory.ts'
import classes from './fastest.module.css'
import { contextFault, gibFault, gibOf, type Question } from './fastestQuestion.ts'

const contexts = [4096, 8192, 16_384, 32_768]

type FastestFieldsProps = {
  readonly question: Question
  readonly memory: MachineMemory | null
  readonly onQuestion: (question: Question) => void
}

const numberOf = (value: number | string): number | '' =>
  typeof value === 'number' ? value : value === '' ? '' : Number(value)

/** “Fastest within [12] GiB at [8192] tokens of context”, with what this machine has at hand. */
export function FastestFields({ question, memory, onQuestion }: FastestFieldsProps) {
  return (
    <div className={classes.fields}>
      <div className={classes.field}>
        <NumberInput
          label="Within this much memory, GiB"
          placeholder="any"
          min={0.1}
          step={1}
          decimalScale={1}
          value={question.gib}
          error={gibFault(question)}
          onChange={(value) => onQuestion({ ...question, gib: numberOf(value) })}
        />
        <div className={classes.choices}>
          {memory !== null &&
            [
              { name: `free in ${memory.where} now`, bytes: memory.freeBytes },
              { name: 'all', bytes: memory.totalBytes },
            ]
              .filter(({ bytes }) => bytes !== null)
              .map(({ name, bytes }) => (
                <Button
                  key={name}
                  size="compact-xs"
                  variant="default"
                  onClick={() => onQuestion({ ...question, gib: gibOf(bytes) })}
                >
                  {formatMemory(bytes)} {name}
                </Button>
              ))}
        </div>
      </div>
      <div className={classes.field}>
        <NumberInput
          label="At this context, tokens"
          placeholder="any"
          min={1}
          step={1024}
          thousandSeparator=","
          allowDecimal={false}
          value={question.contextTokens}
          error={contextFault(question)}
          onChange={(value) => onQuestion({ ...question, contextTokens: numberOf(value) })}
        />
        <div className={classes.choices}>
          {contexts.map((tokens) => (
            <Button
              key={tokens}
              size="compact-xs"
              variant="default"
              aria-label={`${formatTokens(tokens)} of context`}
              onClick={() => onQuestion({ ...question, contextTokens: tokens })}
            >
              {tokens / 1024}k
            </Button>
          ))}
        </div>
      </div>
    </div>
  )
}
