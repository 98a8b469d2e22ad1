import { closeModelDialog, useModelDialog } from '../../lib/modelDialogs.ts'
import { useModel } from '../../lib/store.ts'
import { CopyDialog } from './CopyDialog.tsx'
import { CreateDialog } from './CreateDialog.tsx'
import { LoadDialog } from './LoadDialog.tsx'
import { PullDialog } from './PullDialog.tsx'
import { PushDialog } from './PushDialog.tsx'
import { RemoveDialog } from './RemoveDialog.tsx'
import { TryDialog } from './TryDialog.tsx'

/** The dialog that is open, if any. One about a model goes away with it. */
export function ModelDialogs() {
  const open = useModelDialog((state) => state.open)
  const model = useModel(open !== null && 'model' in open ? open.model : null)
  if (open === null) return null
  if (open.dialog === 'pull') return <PullDialog preferred={open.provider ?? null} onClose={closeModelDialog} />
  if (open.dialog === 'create') return <CreateDialog onClose={closeModelDialog} />
  if (model === null) return null
  switch (open.dialog) {
    case 'load':
      return <LoadDialog key={model.model} model={model} options={open.options ?? {}} onClose={closeModelDialog} />
    case 'copy':
    case 'rename':
      return <CopyDialog model={model} how={open.dialog} onClose={closeModelDialog} />
    case 'remove':
      return <RemoveDialog model={model} onClose={closeModelDialog} />
    case 'push':
      return <PushDialog model={model} onClose={closeModelDialog} />
    case 'try':
      return <TryDialog model={model} onClose={closeModelDialog} />
  }
}
