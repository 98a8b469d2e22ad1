import { Menu } from '@mantine/core'
import type { ReactNode } from 'react'

/** Where a pointer was, or the corner of a button, in the window. */
export type Point = { readonly x: number; readonly y: number }

type PointMenuProps = {
  /** `Actions of Qwen3 8B` */
  readonly label: string
  readonly at: Point
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A menu where the pointer was. */
export function PointMenu({ label, at, onClose, children }: PointMenuProps) {
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={2} returnFocus withInitialFocusPlaceholder={false}>
      <Menu.Target>
        {/* stands where the pointer was; the row or the button that asked has the focus back afterwards */}
        <button
          type="button"
          tabIndex={-1}
          aria-label={label}
          style={{ position: 'fixed', left: at.x, top: at.y, width: 1, height: 1, padding: 0, border: 0, opacity: 0 }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>{children}</Menu.Dropdown>
    </Menu>
  )
}
