import { Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { FolderPlus } from 'lucide-react'
import { addFolder, attempt } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { openAddFolder } from '../../lib/view.ts'
import classes from './DropTarget.module.css'
import { dropPlan } from './dropPlan.ts'

/** A dropped folder comes as one file; the library's own reading would walk through everything in it. */
const droppedFiles = async (event: unknown): Promise<File[]> =>
  event instanceof DragEvent || (typeof event === 'object' && event !== null && 'dataTransfer' in event)
    ? [...((event.dataTransfer as DataTransfer | null)?.files ?? [])]
    : []

const onDrop = (files: readonly File[]): void => {
  const plan = dropPlan(files.map((file) => bridge?.pathOf(file) ?? ''))
  if (plan.kind === 'ask') openAddFolder()
  else for (const path of plan.paths) void attempt(`Add ${path}`, () => addFolder(path))
}

/** Over the whole window while something hovers, saying what will happen when it is let go. */
export function DropTarget() {
  return (
    <Dropzone.FullScreen
      onDrop={onDrop}
      getFilesFromEvent={droppedFiles}
      activateOnClick={false}
      activateOnKeyboard={false}
      classNames={{ fullScreen: classes.overlay ?? '' }}
      aria-hidden // a drop needs a pointer; “Add a folder” does the same without one
    >
      <div className={classes.words}>
        <FolderPlus size={32} aria-hidden />
        <Text fz={20} fw={600}>
          Add a folder
        </Text>
        <Text c="dimmed" maw={460}>
          {bridge === null
            ? 'A browser does not tell where this lies: let go, then type the folder’s path on the machine where Berth runs.'
            : 'Berth adds the folder, or the folder of the files, to the library and reads what is in it. Nothing is copied or changed.'}
        </Text>
      </div>
    </Dropzone.FullScreen>
  )
}
