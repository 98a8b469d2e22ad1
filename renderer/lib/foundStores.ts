import { useEffect, useState } from 'react'
import type { FoundStore } from '../../shared/contract/folders.ts'
import { client } from './client.ts'
import { useFolders } from './store.ts'

/** Where other programs keep models on this machine and Berth does not look yet; asked again when the library changes. */
export const useFoundStores = (): readonly FoundStore[] => {
  const library = useFolders()
    .map(({ path }) => path)
    .join('\n')
  const [stores, setStores] = useState<readonly FoundStore[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in the library decides what is offered
  useEffect(() => {
    let isCurrent = true
    client.folders.found().then(
      ({ stores }) => {
        if (isCurrent) setStores(stores)
      },
      () => {}, // an offer nobody asked for fails in silence
    )
    return () => {
      isCurrent = false
    }
  }, [library])
  return stores
}
