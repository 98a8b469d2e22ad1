import { Menu } from '@mantine/core'
import { Boxes, Copy, FileSearch, FolderSearch, Hash, Heart, Tag, Trash2 } from 'lucide-react'
import { navigate } from 'wouter/use-hash-location'
import type { FileRow } from '../../../shared/contract/files.ts'
import { type Point, PointMenu } from '../../components/PointMenu.tsx'
import { bridge } from '../../lib/bridge.ts'
import { forgetFiles, hashFiles, labelFiles } from '../../lib/fileActions.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import { validateFile } from '../../lib/validations.ts'
import { fileName } from './fileList.ts'

type FileMenuProps = {
  readonly row: FileRow
  readonly at: Point
  readonly onClose: () => void
  readonly onTag: (rows: readonly FileRow[]) => void
}

const icon = { size: 14, 'aria-hidden': true } as const

/** Everything that can be done with one row. */
export function FileMenu({ row, at, onClose, onTag }: FileMenuProps) {
  const { path, sha256, labels } = row
  const model = useMirror(({ models }) => [...models.values()].find((each) => each.path === path)?.model ?? null)
  const copy = (text: string) => void navigator.clipboard.writeText(text)
  return (
    <PointMenu label={`Actions of ${fileName(row)}`} at={at} onClose={onClose}>
      <Menu.Item
        leftSection={<FileSearch {...icon} />}
        rightSection={<kbd>V</kbd>}
        data-autofocus
        onClick={() => validateFile(path)}
      >
        Validate again
      </Menu.Item>
      <Menu.Item leftSection={<Hash {...icon} />} onClick={() => void hashFiles([path])}>
        {sha256 === null ? 'Compute the full hash' : 'Verify on disk'}
      </Menu.Item>
      {model !== null && (
        <Menu.Item leftSection={<Boxes {...icon} />} onClick={() => navigate(routes.model(model))}>
          Show the model
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item leftSection={<Tag {...icon} />} onClick={() => onTag([row])}>
        Tag…
      </Menu.Item>
      <Menu.Item
        leftSection={<Heart {...icon} />}
        onClick={() => void labelFiles([path], { favourite: !labels.favourite })}
      >
        {labels.favourite ? 'No favourite any more' : 'Make it a favourite'}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<Copy {...icon} />} onClick={() => copy(path)}>
        Copy path
      </Menu.Item>
      {sha256 !== null && (
        <Menu.Item leftSection={<Copy {...icon} />} onClick={() => copy(sha256)}>
          Copy SHA-256
        </Menu.Item>
      )}
      {bridge !== null && (
        <Menu.Item leftSection={<FolderSearch {...icon} />} onClick={() => void bridge?.reveal(path)}>
          Reveal
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item leftSection={<Trash2 {...icon} />} onClick={() => void forgetFiles([path])}>
        Forget (the file stays)
      </Menu.Item>
    </PointMenu>
  )
}
