import { useMemo } from 'react'
import { create } from 'zustand'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'
import type { Provider, Verb } from '../../shared/contract/providers.ts'
import { useProviders } from './store.ts'

/** What is asked about models, one at a time. */
export type ModelDialog =
  | { readonly dialog: 'pull'; readonly provider?: string }
  | { readonly dialog: 'create' }
  /** `options`: what the form begins with */
  | { readonly dialog: 'load'; readonly model: ModelId; readonly options?: LoadOptions }
  | { readonly dialog: 'copy' | 'rename' | 'remove' | 'push' | 'try'; readonly model: ModelId }

export const useModelDialog = create<{ readonly open: ModelDialog | null }>(() => ({ open: null }))
export const openModelDialog = (open: ModelDialog): void => useModelDialog.setState({ open })
export const closeModelDialog = (): void => useModelDialog.setState({ open: null })

/** It answers now and has the verb. */
export const offers = ({ status, cannot }: Provider, verb: Verb): boolean =>
  status.state === 'reachable' && cannot[verb] === undefined

const useOffering = (verb: Verb): readonly Provider[] => {
  const providers = useProviders()
  return useMemo(() => providers.filter((provider) => offers(provider, verb)), [providers, verb])
}
/** Providers that can download a model. */
export const usePullers = () => useOffering('pull')
/** Providers that can make a model of a file. */
export const useCreators = () => useOffering('create')
