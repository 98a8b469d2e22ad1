import { Group, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { formatCount } from '../lib/format.ts'
import { Copyable, CopyButton } from './CopyButton.tsx'
import classes from './sheet.module.css'

/** A file may hold 65,536 keys; more than this at once nobody reads, they search. */
const shownAtOnce = 300

type KeyValueListProps = {
  readonly keyValues: readonly { readonly key: string; readonly type: string; readonly value: string }[]
}

/** What a file says of itself, key by key, with a search. */
export function KeyValueList({ keyValues }: KeyValueListProps) {
  const [search, setSearch] = useState('')
  const text = search.trim().toLowerCase()
  const found = keyValues.filter(({ key, value }) => `${key}\n${value}`.toLowerCase().includes(text))
  const shown = found.slice(0, shownAtOnce)
  return (
    <div className={classes.keyValues}>
      <Group gap={8} wrap="nowrap">
        <TextInput
          flex={1}
          type="search"
          aria-label="Search metadata"
          placeholder="Search metadata"
          leftSection={<Search size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <CopyButton text={found.map(({ key, value }) => `${key}\t${value}`).join('\n')} what="all" />
      </Group>
      {shown.map(({ key, type, value }) => (
        <div key={key}>
          <div className={classes.source}>
            {key} · {type}
          </div>
          <div className={classes.keyValue}>
            <Copyable text={value} what={key} />
          </div>
        </div>
      ))}
      {found.length === 0 && <span className={classes.dim}>No key or value contains “{search}”.</span>}
      {found.length > shown.length && (
        <span className={classes.dim}>
          {formatCount(shown.length)} of {formatCount(found.length)} are shown. Search to see the others.
        </span>
      )}
    </div>
  )
}
