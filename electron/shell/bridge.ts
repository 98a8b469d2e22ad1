import type { Bridge } from '../../shared/bridge.ts'

export interface BridgeDeps {
  readonly platform: string
  readonly invoke: (channel: string, ...args: unknown[]) => Promise<unknown>
  readonly pathForFile: (file: File) => string
}

/** The object a page sees as `window.berth`: frozen functions and plain data, no event, no IPC. */
export const createBridge = ({ platform, invoke, pathForFile }: BridgeDeps): Bridge =>
  Object.freeze({
    platform: platform === 'darwin' || platform === 'win32' ? platform : 'linux',
    pathOf: Object.freeze((file: File) => pathForFile(file)),
    pickFolder: Object.freeze(async () => {
      const path = await invoke('berth:pick-folder')
      return typeof path === 'string' ? path : null
    }),
    reveal: Object.freeze(async (path: string) => {
      await invoke('berth:reveal', path)
    }),
  })
