import { ActionIcon, Tooltip } from '@mantine/core'
import { useHotkeys, useLocalStorage } from '@mantine/hooks'
import { X } from 'lucide-react'
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react'
import classes from './DetailsPanel.module.css'

const narrowest = 300
const widest = 900
const step = 24
const within = (width: number): number => Math.round(Math.max(narrowest, Math.min(widest, width)))

type DetailsPanelProps = {
  readonly label: string
  readonly title: ReactNode
  readonly actions?: ReactNode
  readonly onClose: () => void
  /** it holds tables and charts: wider, with a width of its own */
  readonly wide?: boolean
  readonly children: ReactNode
}

/** The right side of a page: resizable by pointer and arrow keys, closed by Esc, over the page below 960 px. */
export function DetailsPanel({ label, title, actions, onClose, wide = false, children }: DetailsPanelProps) {
  const [width, setWidth] = useLocalStorage({
    key: wide ? 'berth-wide-details-width' : 'berth-details-width',
    defaultValue: wide ? 560 : 400,
    getInitialValueInEffect: false,
  })
  // a dialog or a menu that has the focus closes first
  useHotkeys([
    [
      'Escape',
      (event) => {
        if (!(event.target instanceof Element && event.target.closest('[role="dialog"], [role="menu"]'))) onClose()
      },
    ],
  ])
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const panel = event.currentTarget.parentElement
    if (panel === null || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    setWidth(within(panel.getBoundingClientRect().right - event.clientX))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    setWidth(within(width + (event.key === 'ArrowLeft' ? step : -step)))
  }
  return (
    <aside className={classes.panel} style={{ width }} aria-label={label}>
      {/* biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the details"
        aria-valuenow={width}
        aria-valuemin={narrowest}
        aria-valuemax={widest}
        tabIndex={0}
        className={classes.handle}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
      />
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close the details" onClick={onClose}>
            <X size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.body} tabIndex={0} aria-label={`${label}, contents`}>
        {children}
      </section>
    </aside>
  )
}
