import { Button } from '@mantine/core'
import type { Instance } from '../../../shared/contract/models.ts'
import { loadModel } from '../../lib/actions.ts'

/** For what failed or is gone: the same model with the same options. */
export function LoadAgain({ instance: { model, options, state } }: { readonly instance: Instance }) {
  if (state !== 'failed' && state !== 'unloaded') return null
  return (
    <Button size="compact-xs" onClick={() => void loadModel(model, options)}>
      Load again
    </Button>
  )
}
