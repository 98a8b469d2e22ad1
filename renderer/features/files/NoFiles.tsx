import { Button } from '@mantine/core'
import { FileSearch } from 'lucide-react'
import { EmptyView } from '../../components/EmptyView.tsx'
import { bridge } from '../../lib/bridge.ts'
import { isActive } from '../../lib/jobs.ts'
import { useFolders, useJobs } from '../../lib/store.ts'
import { askForPath } from '../../lib/view.ts'
import { isBelow } from './paths.ts'

/** Nothing was looked into yet, or not in this folder. */
export function NoFiles({ folder }: { readonly folder: string | null }) {
  const isBusy = useJobs().some(
    (job) =>
      job.kind === 'validate' &&
      isActive(job) &&
      (folder === null || isBelow(folder, job.subject) || isBelow(job.subject, folder)),
  )
  const isScanning = useFolders().some(
    ({ path, state }) => state === 'scanning' && (folder === null || isBelow(folder, path)),
  )
  if (isBusy || isScanning)
    return (
      <EmptyView
        icon={<FileSearch />}
        title="Looking into the files…"
        text="Each stands here as soon as it was looked into."
      />
    )
  return (
    <EmptyView
      icon={<FileSearch />}
      title={folder === null ? 'No file was looked into yet' : 'Nothing to report in this folder'}
      text={
        folder === null
          ? `Berth says of any file what it is, whether it is whole, and whether it can run code. ${
              bridge === null
                ? 'Give it the path of a file or a folder.'
                : 'Drop a file or a folder anywhere in this window.'
            }`
          : 'There is no model file in it, or it was not looked into yet.'
      }
      actions={
        <>
          <Button onClick={() => askForPath('file')}>Validate a file…</Button>
          <Button variant="default" onClick={() => askForPath('folder')}>
            Validate a folder…
          </Button>
        </>
      }
    />
  )
}
