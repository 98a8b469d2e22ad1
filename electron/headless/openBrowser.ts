import { spawn } from 'node:child_process'

export interface BrowserCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** How this system opens an address; null where there is no display to open it on. Never through a shell. */
export function browserCommand(
  address: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): BrowserCommand | null {
  if (platform === 'darwin') return { file: 'open', args: [address] }
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', address] }
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { file: 'xdg-open', args: [address] } : null
}

/** Tries to; the address is printed anyway, so a browser that does not open costs one click. */
export function openBrowser({ file, args }: BrowserCommand): void {
  const child = spawn(file, args, { stdio: 'ignore', detached: true, windowsHide: true })
  child.on('error', () => {})
  child.unref()
}
