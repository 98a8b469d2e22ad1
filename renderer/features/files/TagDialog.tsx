import { Button, Group, Modal, MultiSelect, Stack, TagsInput, Text } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import type { FileRow } from '../../../shared/contract/files.ts'
import { changeTags, fileWord } from '../../lib/fileActions.ts'
import { useFiles } from '../../lib/store.ts'
import { fileName, tagsIn } from './fileList.ts'
import classes from './files.module.css'

export const longestTag = 60
export const mostTags = 50

type TagDialogProps = { readonly rows: readonly FileRow[]; readonly onClose: () => void }

/** Puts tags on files and takes them off, for as many as are chosen. */
export function TagDialog({ rows, onClose }: TagDialogProps) {
  const all = useFiles()
  const known = useMemo(() => tagsIn(all), [all])
  const present = useMemo(() => tagsIn(rows), [rows])
  const [add, setAdd] = useState<string[]>([])
  const [remove, setRemove] = useState<string[]>([])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void changeTags(rows, {
      ...(add.length > 0 ? { addTags: add } : {}),
      ...(remove.length > 0 ? { removeTags: remove } : {}),
    })
    onClose()
  }
  const [only] = rows
  const what = rows.length === 1 && only !== undefined ? fileName(only) : fileWord(rows.length)
  return (
    <Modal opened onClose={onClose} title={`Tag ${what}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap={12} className={classes.tagsField ?? ''}>
          <TagsInput
            data-autofocus
            size="xs"
            label="Add"
            placeholder={add.length === 0 ? 'Enter after each one' : ''}
            data={[...known]}
            value={add}
            onChange={(tags) => setAdd(tags.map((tag) => tag.trim().slice(0, longestTag)).filter(Boolean))}
            maxTags={mostTags}
            clearable
          />
          {present.length > 0 && (
            <MultiSelect label="Remove" data={[...present]} value={remove} onChange={setRemove} clearable />
          )}
          <Text c="dimmed">Tags stay with the content: they survive renaming and moving the file.</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={add.length + remove.length === 0}>
              Save tags
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
