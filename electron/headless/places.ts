import { join } from 'node:path'

interface Where {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Where Electron keeps an application's data, so that the window and the headless host share one catalog. */
export const defaultDataDir = ({ platform, home, env }: Where): string => {
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'berth')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'berth')
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'berth')
}

/** For what can be made again at any time. */
export const defaultCacheDir = ({ platform, home, env }: Where): string => {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'berth', 'cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'berth')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'berth')
}
