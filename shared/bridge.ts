/**
 * What the desktop's preload gives the page as `window.berth`: frozen functions and plain data, nothing else. Absent in
 * the browser. The MessagePort does not come through here, because a context bridge cannot carry one: the page posts
 * `berth:connect` to its own window, the preload answers with `berth:port` and the port as its only transfer.
 */
export interface Bridge {
  readonly platform: 'linux' | 'darwin' | 'win32'
  /** Absolute path of a file that was dropped into the page; empty when it has none. */
  pathOf(file: File): string
  /** Asks the person for a folder; null when they think better of it. */
  pickFolder(): Promise<string | null>
  /** Shows the file or folder in the system's file manager. */
  reveal(path: string): Promise<void>
}

export const connectMessage = 'berth:connect'
export const portMessage = 'berth:port'
