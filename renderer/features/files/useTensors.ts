import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { TensorRow } from '../../../shared/contract/files.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'

export type TensorsState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly tensors: readonly TensorRow[]; readonly total: number }
  | { readonly state: 'failed'; readonly failure: Failure }

/** What one answer carries at most; hardly any model has more. */
const mostTensors = 50_000
const debounceMs = 250

/** All tensors of a file, read once; the host searches only where there are more than one answer carries. */
export const useTensors = (path: string, search: string): TensorsState => {
  const [answer, setAnswer] = useState<TensorsState>({ state: 'loading' })
  const [cut, setCut] = useState(false)
  const [wanted] = useDebouncedValue(search.trim(), debounceMs)
  const asked = cut ? wanted : ''
  useEffect(() => {
    const abort = new AbortController()
    const input = { path, limit: mostTensors, ...(asked === '' ? {} : { search: asked }) }
    client.files.tensors(input, { signal: abort.signal }).then(
      ({ tensors, total }) => {
        if (abort.signal.aborted) return
        setAnswer({ state: 'ready', tensors, total })
        if (total > tensors.length) setCut(true)
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [path, asked])
  return answer
}
