import { type ReactNode, useState } from 'react'
import classes from './sheet.module.css'

type SectionProps = {
  readonly title: string
  /** shut until somebody opens it; what is in it is drawn only then */
  readonly folded?: boolean
  readonly children: ReactNode
}

/** One part of a details panel. */
export function Section({ title, folded = false, children }: SectionProps) {
  const [opened, setOpened] = useState(false)
  if (!folded)
    return (
      <section className={classes.section}>
        <h3 className={classes.sectionTitle}>{title}</h3>
        {children}
      </section>
    )
  return (
    <details className={classes.section} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className={classes.sectionTitle}>{title}</summary>
      {opened && children}
    </details>
  )
}
