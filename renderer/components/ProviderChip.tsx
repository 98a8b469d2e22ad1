import { useProvider } from '../lib/store.ts'
import classes from './ProviderChip.module.css'

/** Where a model is: its provider's name. */
export function ProviderChip({ provider }: { readonly provider: string }) {
  return <span className={classes.chip}>{useProvider(provider)?.name ?? provider}</span>
}
