import { useEffect, useState } from 'react'
import type { NameVerdict } from '../../../shared/contract/modelCare.ts'
import { client } from '../../lib/client.ts'

const waitMs = 200

/** What is wrong with a name, asked when the person pauses; null while nothing is known or it is empty. */
export const useNameVerdict = (name: string): NameVerdict['name'] | null => {
  const [known, setKnown] = useState<{ readonly of: string; readonly verdict: NameVerdict['name'] } | null>(null)
  useEffect(() => {
    if (name === '') return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      client.models.validateName({ name }, { signal: abort.signal }).then(
        ({ name: verdict }) => setKnown({ of: name, verdict }),
        () => setKnown(null), // the action itself will say what is wrong
      )
    }, waitMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [name])
  return known?.of === name ? known.verdict : null
}

/** The first thing that is wrong, or null. */
export const nameFault = (verdict: NameVerdict['name'] | null): string | null =>
  verdict === null || verdict.valid ? null : (verdict.problems[0]?.message ?? 'This name cannot be used.')
