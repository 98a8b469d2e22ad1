import { ActionIcon, Rating, TagsInput, Textarea, TextInput, Tooltip } from '@mantine/core'
import { Heart } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { FileRow, LabelChange } from '../../../shared/contract/files.ts'
import { Section } from '../../components/Section.tsx'
import { changeTags, labelFiles } from '../../lib/fileActions.ts'
import { useFiles } from '../../lib/store.ts'
import { WebLink } from './ContentSection.tsx'
import { tagsIn } from './fileList.ts'
import classes from './files.module.css'
import { longestTag, mostTags } from './TagDialog.tsx'

type LabelEditorProps = { readonly row: FileRow; readonly hasContent: boolean }

type TextField = 'name' | 'license' | 'sourceUrl' | 'versionLabel' | 'notes'

/** What a person says of the file, saved as soon as a field is left. */
export function LabelEditor({ row, hasContent }: LabelEditorProps) {
  if (!hasContent)
    return (
      <Section title="Your notes">
        <span className={classes.dim}>
          Nothing of it could be read, so there is no content that notes could stay with.
        </span>
      </Section>
    )
  const { path, labels } = row
  const save = (change: LabelChange) => void labelFiles([path], change)
  const text = (field: TextField) => ({
    value: labels[field],
    onSave: (value: string | null) => save({ [field]: value }),
  })
  return (
    <Section title="Your notes">
      <div className={classes.labels}>
        <div className={classes.labelLine}>
          <Rating
            value={labels.rating ?? 0}
            allowClear
            getSymbolLabel={(value) => `${value} of 5 stars`}
            aria-label="Rating"
            onChange={(rating) => save({ rating: rating === 0 ? null : rating })}
          />
          <Tooltip label={labels.favourite ? 'No favourite any more' : 'Make it a favourite'}>
            <ActionIcon
              aria-label="Favourite"
              aria-pressed={labels.favourite}
              onClick={() => save({ favourite: !labels.favourite })}
            >
              <Heart
                size={16}
                className={labels.favourite ? classes.heart : undefined}
                fill={labels.favourite ? 'currentColor' : 'none'}
              />
            </ActionIcon>
          </Tooltip>
        </div>
        <LabelText label="Name" {...text('name')} placeholder="as the file is called" />
        <LabelTags row={row} />
        <LabelText label="Notes" {...text('notes')} isLong />
        <details className={classes.moreLabels}>
          <summary>Licence, source and version</summary>
          <div className={classes.labels}>
            <LabelText label="Licence" {...text('license')} placeholder={row.license ?? 'as the file says'} />
            <LabelText label="Source URL" {...text('sourceUrl')} placeholder="https://…" isAddress />
            {labels.sourceUrl !== null && <WebLink address={labels.sourceUrl} />}
            <LabelText label="Version" {...text('versionLabel')} />
          </div>
        </details>
        <span className={classes.small}>Kept by content: it follows the bytes through renames and moves.</span>
      </div>
    </Section>
  )
}

type LabelTextProps = {
  readonly label: string
  readonly value: string | null
  readonly onSave: (value: string | null) => void
  readonly placeholder?: string
  readonly isLong?: boolean
  readonly isAddress?: boolean
}

const isAddressText = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

/** Follows what is saved unless somebody writes in it; Enter or leaving the field saves, Esc puts it back. */
function LabelText({ label, value, onSave, placeholder = '', isLong = false, isAddress = false }: LabelTextProps) {
  const [draft, setDraft] = useState(value ?? '')
  const [editing, setEditing] = useState(false)
  useEffect(() => {
    if (!editing) setDraft(value ?? '')
  }, [value, editing])
  const wanted = draft.trim()
  const isWrong = isAddress && wanted !== '' && !isAddressText(wanted)
  const leave = () => {
    setEditing(false)
    if (!isWrong && wanted !== (value ?? '')) onSave(wanted === '' ? null : wanted)
  }
  const shared = {
    size: 'xs',
    label,
    placeholder,
    value: draft,
    error: isWrong && !editing ? 'An address begins with https:// or http://' : undefined,
    onFocus: () => setEditing(true),
    onBlur: leave,
  } as const
  const onEscape = (event: React.KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    setDraft(value ?? '')
  }
  if (isLong)
    return (
      <Textarea
        {...shared}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={20_000}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={onEscape}
      />
    )
  return (
    <TextInput
      {...shared}
      maxLength={isAddress ? 2000 : 200}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        else onEscape(event)
      }}
    />
  )
}

function LabelTags({ row }: { readonly row: FileRow }) {
  const files = useFiles()
  const known = useMemo(() => tagsIn(files), [files])
  return (
    <TagsInput
      className={classes.tagsField ?? ''}
      size="xs"
      label="Tags"
      placeholder={row.labels.tags.length === 0 ? 'Enter after each one' : ''}
      data={[...known]}
      value={[...row.labels.tags]}
      maxTags={mostTags}
      onChange={(tags) =>
        void changeTags([row], { tags: tags.map((tag) => tag.trim().slice(0, longestTag)).filter(Boolean) })
      }
    />
  )
}
