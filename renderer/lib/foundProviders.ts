import { useEffect } from 'react'
import { create } from 'zustand'
import type { FoundProvider, Provider } from '../../shared/contract/providers.ts'
import type { Tone } from '../components/StateBadge.tsx'
import { client } from './client.ts'
import { type Failure, failureOf } from './failure.ts'
import { useProviders } from './store.ts'

/** What the last search saw. Searching again keeps it until the new answer is there. */
type Search = {
  readonly searching: boolean
  /** null: nobody has searched yet */
  readonly found: readonly FoundProvider[] | null
  readonly failure: Failure | null
}

const useSearch = create<Search>(() => ({ searching: false, found: null, failure: null }))

export const searchProviders = async (): Promise<void> => {
  if (useSearch.getState().searching) return
  useSearch.setState({ searching: true })
  try {
    const { found } = await client.providers.found()
    useSearch.setState({ searching: false, found, failure: null })
  } catch (error) {
    useSearch.setState({ searching: false, failure: failureOf(error) })
  }
}

/** What was connected since the search is not offered again. */
export const stillOffered = (
  found: readonly FoundProvider[],
  providers: readonly Pick<Provider, 'kind' | 'address'>[],
): readonly FoundProvider[] => {
  const connected = new Set(providers.map(({ kind, address }) => `${kind} ${address}`))
  return found.filter(({ kind, address }) => !connected.has(`${kind} ${address}`))
}

/** How it is, in words. A service elsewhere is offered because its key is set here; nothing was sent to it. */
export const foundWords = ({ state, seenBy, advice }: FoundProvider): { tone: Tone; word: string; text: string } => {
  if (state === 'stopped') return { tone: 'unloaded', word: 'stopped', text: advice ?? seenBy }
  if (advice !== null) return { tone: 'unloaded', word: 'not asked', text: `${seenBy}. ${advice}` }
  return { tone: 'loaded', word: 'answers', text: seenBy }
}

/** Servers on this machine and at the allowed addresses that are not connected. Asked when the page opens, and by a button. */
export const useFoundProviders = () => {
  const { searching, found, failure } = useSearch()
  const providers = useProviders()
  useEffect(() => void searchProviders(), [])
  return { searching, found: found === null ? null : stillOffered(found, providers), failure }
}
