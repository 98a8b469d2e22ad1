import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './PageHeader.module.css'

type PageHeaderProps = {
  readonly title: string
  /** one short fact about the page: `41 models, 212 GB` */
  readonly fact?: ReactNode
  readonly search?: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void }
  readonly filters?: ReactNode
  /** the one primary action, at the right end */
  readonly action?: ReactNode
}

/** `/` anywhere in the window puts the cursor into the search field of the page. */
export function PageHeader({ title, fact, search, filters, action }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <h1 className={classes.title}>{title}</h1>
      {fact !== undefined && <span className={classes.fact}>{fact}</span>}
      {search !== undefined && (
        <TextInput
          data-page-search
          className={classes.search}
          type="search"
          aria-label={search.label}
          placeholder={`${search.label}  /`}
          leftSection={<Search size={14} />}
          value={search.value}
          onChange={(event) => search.onChange(event.currentTarget.value)}
        />
      )}
      {filters}
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </header>
  )
}

export const focusSearch = (): void => document.querySelector<HTMLInputElement>('input[data-page-search]')?.focus()
