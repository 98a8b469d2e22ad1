import type { ReactNode } from 'react'
import classes from './charts.module.css'
import type { Look } from './looks.ts'
import { LegendKey } from './Marker.tsx'

export type Key = { readonly id: string; readonly name: string; readonly look: Look }

type ChartFrameProps = {
  readonly title: string
  /** what the axis counts: `tok/s` */
  readonly unit: string
  /** one sentence under the title, for what the drawing cannot say */
  readonly note?: string | undefined
  /** the note tells of something bad */
  readonly warns?: boolean
  readonly keys?: readonly Key[]
  readonly controls?: ReactNode
  /** the same figures in words: read by screen readers, opened by whoever wants them exactly */
  readonly figures: ReactNode
  readonly children: ReactNode
}

/** Heading, legend, drawing, and the drawing's figures as a table. */
export function ChartFrame({
  title,
  unit,
  note,
  warns = false,
  keys = [],
  controls,
  figures,
  children,
}: ChartFrameProps) {
  return (
    <figure className={classes.chart} aria-label={title}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>
          {title}
          {unit !== '' && <span className={classes.unit}>, {unit}</span>}
        </span>
        {controls}
      </figcaption>
      <p className={classes.note} data-warns={warns || undefined}>
        {note}
      </p>
      {keys.length > 0 ? <Legend keys={keys} /> : <span />}
      <div aria-hidden>{children}</div>
      <details className={classes.figures}>
        <summary>Figures</summary>
        {figures}
      </details>
    </figure>
  )
}

/** Which line is which: colour, shape and dashes beside the name. */
export function Legend({
  keys,
  className = '',
}: {
  readonly keys: readonly Key[]
  readonly className?: string | undefined
}) {
  return (
    <ul className={`${classes.legend} ${className}`}>
      {keys.map(({ id, name, look }) => (
        <li key={id} className={classes.key} title={name}>
          <LegendKey look={look} />
          <span className={classes.keyName}>{name}</span>
        </li>
      ))}
    </ul>
  )
}

type FigureTableProps = {
  readonly label: string
  readonly columns: readonly string[]
  /** the first of each row is its head */
  readonly rows: readonly (readonly string[])[]
}

/** What a chart draws, in figures with their units. */
export function FigureTable({ label, columns, rows }: FigureTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.figureScroll} tabIndex={0} aria-label={label}>
      <table className={classes.figureTable}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two runs may be called the same
              <th key={index} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head, ...cells], row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two points may be of the same minute
            <tr key={row}>
              <th scope="row">{head}</th>
              {cells.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no other identity than its column
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
