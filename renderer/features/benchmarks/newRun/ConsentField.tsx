import { Checkbox, Group, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { formatUsd } from '../../../lib/format.ts'
import { useModel, useProvider } from '../../../lib/store.ts'
import classes from '../benchmarks.module.css'
import { mostUsd, proposedUsd, usdOf } from './planWords.ts'

/** What a person agreed to spend. Agreed once, it holds for that sum; another plan with another sum asks again. */
export const useConsent = (plan: Pick<BenchmarkPlan, 'estimatedUsd' | 'needsConsent'> | null) => {
  const [typed, setTyped] = useState<number | string | null>(null)
  const [agreedUsd, setAgreedUsd] = useState<number | null>(null)
  const proposed = proposedUsd(plan?.estimatedUsd ?? null)
  const usd = usdOf(typed, proposed)
  const isNeeded = plan?.needsConsent ?? false
  const isAgreed = usd !== null && usd === agreedUsd
  return {
    isNeeded,
    /** it may be started */
    isGiven: plan !== null && (!isNeeded || isAgreed),
    isAgreed,
    /** what stands in the field */
    text: typed ?? proposed ?? '',
    /** the sum that it is; null: none yet */
    shownUsd: usd,
    /** what is sent; null where nothing is spent */
    usd: isNeeded ? usd : null,
    setUsd: setTyped,
    agree: (agrees: boolean) => setAgreedUsd(agrees ? usd : null),
  }
}
type Consent = ReturnType<typeof useConsent>

type ConsentFieldProps = {
  readonly consent: Consent
  readonly plan: Pick<BenchmarkPlan, 'estimatedUsd' | 'needsConsent'>
  /** null: several */
  readonly model: ModelId | null
}

/** The sum and the consent to it, where a run costs money. */
export function ConsentField({ consent, plan, model: id }: ConsentFieldProps) {
  const model = useModel(id)
  const provider = useProvider(model?.provider ?? '')
  if (!consent.isNeeded) return null
  const sum = consent.shownUsd
  return (
    <Group className={classes.consent} align="center" gap={16}>
      <NumberInput
        w={140}
        label="Spend at most"
        prefix="$"
        min={0.01}
        max={mostUsd}
        step={0.1}
        decimalScale={2}
        value={consent.text}
        onChange={consent.setUsd}
      />
      <Checkbox
        flex={1}
        checked={consent.isAgreed}
        disabled={sum === null}
        onChange={(event) => consent.agree(event.currentTarget.checked)}
        label={
          sum === null
            ? `Give the sum that it may cost, from $0.01 to ${formatUsd(mostUsd)}.`
            : `I agree that this costs up to ${formatUsd(sum)}${provider === null ? '' : ` at ${provider.name}`}.`
        }
        description={
          plan.estimatedUsd === null
            ? 'The price is not told. It ends when the sum is spent.'
            : `It is estimated at ${formatUsd(plan.estimatedUsd)}, and ends before more than the sum is spent.`
        }
      />
    </Group>
  )
}
