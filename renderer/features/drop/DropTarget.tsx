import { Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { FileSearch } from 'lucide-react'
import { useState } from 'react'
import { bridge } from '../../lib/bridge.ts'
import { validateFiles } from '../../lib/validations.ts'
import { openPathWish } from '../../lib/view.ts'
import classes from './DropTarget.module.css'
import { type Dropped, dropPlan, hoverTitle } from './dropPlan.ts'

const transferOf = (event: unknown): DataTransfer | null => {
  if (typeof event !== 'object' || event === null || !('dataTransfer' in event)) return null
  return event.dataTransfer instanceof DataTransfer ? event.dataTransfer : null
}
const fileItems = (transfer: DataTransfer | null): readonly DataTransferItem[] =>
  [...(transfer?.items ?? [])].filter(({ kind }) => kind === 'file')

/** The items can be asked only while the event lasts, and a folder comes as one file that cannot be read. */
const droppedIn = (transfer: DataTransfer | null): readonly Dropped[] =>
  fileItems(transfer).flatMap((item) => {
    const file = item.getAsFile()
    if (file === null) return []
    const isFolder = item.webkitGetAsEntry()?.isDirectory ?? false
    return [{ name: file.name, path: bridge?.pathOf(file) ?? '', isFolder }]
  })

const follow = (dropped: readonly Dropped[]): void => {
  const plan = dropPlan(dropped)
  switch (plan.kind) {
    case 'validate':
      validateFiles(plan.paths)
      break
    case 'ask-folders':
      openPathWish({ kind: 'folder', paths: plan.paths, names: [] })
      break
    case 'ask-path':
      openPathWish({ kind: plan.isFolder ? 'folder' : 'file', paths: [], names: plan.names })
      break
    case 'nothing':
      break
  }
}

/** Over the whole window while something hovers, saying what will happen when it is let go. */
export function DropTarget() {
  const [types, setTypes] = useState<readonly string[]>([])
  // Its own reading would walk through everything in a folder. It asks for the files on the way in and at the drop.
  const read = async (event: unknown): Promise<File[]> => {
    const transfer = transferOf(event)
    const isDrop = event instanceof Object && 'type' in event && event.type === 'drop'
    if (isDrop) follow(droppedIn(transfer))
    else setTypes(fileItems(transfer).map(({ type }) => type))
    return [...(transfer?.files ?? [])]
  }
  return (
    <Dropzone.FullScreen
      onDrop={() => {}} // followed while the event lasts, see above
      getFilesFromEvent={read}
      activateOnClick={false}
      activateOnKeyboard={false}
      classNames={{ fullScreen: classes.overlay ?? '' }}
      aria-hidden // a drop needs a pointer; “Validate a file…” does the same without one
    >
      <div className={classes.words}>
        <FileSearch size={32} aria-hidden />
        <Text fz={20} fw={600}>
          {hoverTitle(types)}
        </Text>
        <Text c="dimmed" maw={460}>
          {bridge === null
            ? 'A browser does not tell where this lies: let go, then type its path on the machine where Berth runs.'
            : 'Berth says what it is, whether it is whole, and whether it can run code. A folder can be added to the library too. Nothing is copied or changed.'}
        </Text>
      </div>
    </Dropzone.FullScreen>
  )
}
