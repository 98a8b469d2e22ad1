import { closeBenchmarkDialog, useBenchmarkDialog } from '../../lib/benchmarkDialogs.ts'
import { CompareDialog } from './CompareDialog.tsx'
import { ImportDialog } from './exchange/ImportDialog.tsx'
import { NewBenchmarkDialog } from './newRun/NewBenchmarkDialog.tsx'
import { SeveralDialog } from './newRun/SeveralDialog.tsx'
import { RemoveRunsDialog } from './RemoveRunsDialog.tsx'

/** The dialog that is open, if any: they are opened from many places. */
export function BenchmarkDialogs() {
  const open = useBenchmarkDialog((state) => state.open)
  const onClose = closeBenchmarkDialog
  if (open === null) return null
  switch (open.dialog) {
    case 'new':
      return <NewBenchmarkDialog wish={open} onClose={onClose} />
    case 'several':
      return <SeveralDialog models={open.models} onClose={onClose} />
    case 'remove':
      return <RemoveRunsDialog runs={open.runs} onClose={onClose} />
    case 'compare':
      return <CompareDialog run={open.run} onClose={onClose} />
    case 'import':
      return <ImportDialog onClose={onClose} />
  }
}
