import type { Bridge } from '../../shared/bridge.ts'

declare global {
  interface Window {
    readonly berth?: Bridge
  }
}

/** The desktop's own abilities, or null in a browser. */
export const bridge: Bridge | null = typeof window === 'undefined' ? null : (window.berth ?? null)
