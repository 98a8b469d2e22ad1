import { useEffect } from 'react'

/** What comes and goes over the page. */
const overlays = '[role="dialog"], [role="menu"], [data-portal]'

/** The last place of the page itself that had the focus. */
let last: HTMLElement | null = null

const remember = ({ target }: FocusEvent): void => {
  if (target instanceof HTMLElement && target.closest(overlays) === null) last = target
}

/**
 * Where a dialog is closed, the focus goes back to where it was in the page, so that the keyboard goes on there. A dialog that is
 * taken away whole cannot do it itself, and a menu that opened it is gone. What took the focus since keeps it.
 */
export const useFocusBack = (isOpen: boolean): void => {
  useEffect(() => {
    document.addEventListener('focusin', remember)
    return () => document.removeEventListener('focusin', remember)
  }, [])
  useEffect(() => {
    if (!isOpen) return
    return () => {
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && last?.isConnected === true) last.focus({ preventScroll: true })
      })
    }
  }, [isOpen])
}
