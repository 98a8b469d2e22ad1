import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { navigate } from 'wouter/use-hash-location'
import { ErrorView } from '../../components/ErrorView.tsx'
import { addFolder } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { routes } from '../../lib/routes.ts'
import { validateFile, validateFolder } from '../../lib/validations.ts'
import { closePathWish, type PathWish, showFilesOf, useView } from '../../lib/view.ts'
import classes from './DropTarget.module.css'

/** Asks where the file or folder lies, or what to do with folders that were dropped. */
export function PathDialog() {
  const wish = useView((view) => view.pathWish)
  return (
    <Modal
      opened={wish !== null}
      onClose={closePathWish}
      title={wish === null ? '' : titleOf(wish)}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {wish !== null && (wish.kind === 'file' ? <FileForm wish={wish} /> : <FolderForm wish={wish} />)}
    </Modal>
  )
}

const titleOf = ({ kind, paths }: PathWish): string => {
  if (kind === 'file') return 'Validate a file'
  if (paths.length === 0) return 'Validate a folder'
  return paths.length === 1 ? 'What about this folder?' : `What about these ${paths.length} folders?`
}

const listedNames = 3

/** Why a path has to be typed after something was dropped. */
function DroppedNames({ names }: Pick<PathWish, 'names'>) {
  if (names.length === 0) return null
  const more = names.length > listedNames ? [`${names.length - listedNames} more`] : []
  const listed = new Intl.ListFormat('en').format([...names.slice(0, listedNames), ...more])
  return (
    <Text className={classes.path ?? ''}>
      You dropped {listed}. A browser does not tell where that lies, so type the path on the machine where Berth runs.
    </Text>
  )
}

type PathFieldProps = {
  readonly kind: PathWish['kind']
  readonly path: string
  readonly onPath: (path: string) => void
}

function PathField({ kind, path, onPath }: PathFieldProps) {
  const browse = async () => {
    const picked = await bridge?.pickFolder()
    if (picked) onPath(picked)
  }
  const example = bridge?.platform === 'win32' ? 'D:\\models' : '/home/me/models'
  const separator = bridge?.platform === 'win32' ? '\\' : '/'
  return (
    <Group align="flex-end" wrap="nowrap">
      <TextInput
        data-autofocus
        flex={1}
        label={bridge === null ? 'Path on the machine where Berth runs' : 'Path'}
        placeholder={kind === 'file' ? `${example}${separator}qwen3-8b-q4_k_m.gguf` : example}
        value={path}
        onChange={(event) => onPath(event.currentTarget.value)}
        spellCheck={false}
      />
      {bridge !== null && kind === 'folder' && (
        <Button variant="default" leftSection={<FolderOpen size={14} />} onClick={() => void browse()}>
          Browse…
        </Button>
      )}
    </Group>
  )
}

function FileForm({ wish }: { readonly wish: PathWish }) {
  const [path, setPath] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    closePathWish()
    validateFile(path.trim())
  }
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <DroppedNames names={wish.names} />
        <Text>
          Berth says what the file is, whether it is whole, what it contains and whether it can run code. It only reads.
        </Text>
        <PathField kind="file" path={path} onPath={setPath} />
        <Group justify="flex-end">
          <Button variant="default" onClick={closePathWish}>
            Cancel
          </Button>
          <Button type="submit" disabled={path.trim() === ''}>
            Validate
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function FolderForm({ wish }: { readonly wish: PathWish }) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState<'once' | 'library' | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const paths = wish.paths.length > 0 ? wish.paths : [typed.trim()].filter(Boolean)
  const run = async (way: 'once' | 'library') => {
    setBusy(way)
    setFailure(null)
    try {
      for (const path of paths) await (way === 'once' ? validateFolder(path) : addFolder(path))
      if (way === 'library') {
        showFilesOf(paths[0] ?? null)
        navigate(routes.files)
      }
      closePathWish()
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(null)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (paths.length > 0) void run('once')
  }
  const shared = { disabled: paths.length === 0 || busy !== null } as const
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <DroppedNames names={wish.names} />
        {wish.paths.map((path) => (
          <Text key={path} fw={600} className={classes.path ?? ''}>
            {path}
          </Text>
        ))}
        <Text>
          Validate once looks into every model file below it now. Added to the library it is watched as well: what is
          new or changed is looked into by itself, and its models can be loaded.
        </Text>
        {wish.paths.length === 0 && <PathField kind="folder" path={typed} onPath={setTyped} />}
        {failure !== null && <ErrorView failure={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={closePathWish}>
            Cancel
          </Button>
          <Button {...shared} variant="default" loading={busy === 'library'} onClick={() => void run('library')}>
            Add to the library
          </Button>
          <Button {...shared} type="submit" loading={busy === 'once'}>
            Validate once
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
