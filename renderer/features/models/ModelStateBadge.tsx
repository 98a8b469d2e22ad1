import type { Model } from '../../../shared/contract/models.ts'
import { StateBadge } from '../../components/StateBadge.tsx'
import { useMirror, useProvider } from '../../lib/store.ts'
import classes from './models.module.css'
import { whyNotLoadable } from './modelVerbs.ts'

/** The state with its progress; a file that is never loaded by itself is not called unloaded. */
export function ModelStateBadge({ model }: { readonly model: Model }) {
  const progress = useMirror(
    ({ instances }) => instances.find((instance) => instance.model === model.model)?.progress ?? null,
  )
  const provider = useProvider(model.provider)
  const why = whyNotLoadable(model, provider)
  if (why !== null && model.state === 'unloaded' && !model.stale)
    return (
      <span className={classes.dim} title={why}>
        not loadable
      </span>
    )
  return <StateBadge state={model.state} stale={model.stale} progress={progress} reason={model.reason} />
}
