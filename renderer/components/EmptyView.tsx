import { EmptyState } from '@mantine/core'
import type { ReactNode } from 'react'

type EmptyViewProps = {
  readonly icon: ReactNode
  readonly title: string
  readonly text: string
  readonly actions?: ReactNode
}

/** A list with nothing in it: what would stand here and what brings it. */
export function EmptyView({ icon, title, text, actions }: EmptyViewProps) {
  return (
    <EmptyState icon={icon} title={title} description={text} m="auto" maw={480} p={24}>
      {actions !== undefined && <EmptyState.Actions>{actions}</EmptyState.Actions>}
    </EmptyState>
  )
}
