import { useHashLocation } from 'wouter/use-hash-location'

/** Addresses of the pages, behind `#`. */
export const routes = {
  models: '/models',
  model: (id: string): string => `/models/${encodeURIComponent(id)}`,
  running: '/running',
  files: '/files',
  file: (path: string): string => `/files/${encodeURIComponent(path)}`,
  hardware: '/hardware',
  providers: '/providers',
  provider: (id: string): string => `/providers/${encodeURIComponent(id)}`,
  activity: '/activity',
  settings: '/settings',
} as const

/** What stands behind a page in an address. Reads the raw one: the router decodes a `%` in a name once too often. */
const nameIn = (page: string, location: string): string | null => {
  if (!location.startsWith(`${page}/`)) return null
  try {
    return decodeURIComponent(location.slice(page.length + 1)) || null
  } catch {
    return null // a hand-typed address with a stray %
  }
}

/** The model in `/models/<encoded id>`. */
export const modelInRoute = (location: string): string | null => nameIn(routes.models, location)
export const useModelInRoute = (): string | null => modelInRoute(useHashLocation()[0])

/** The provider in `/providers/<id>`. */
export const providerInRoute = (location: string): string | null => nameIn(routes.providers, location)
export const useProviderInRoute = (): string | null => providerInRoute(useHashLocation()[0])

/** The path in `/files/<encoded path>`. */
export const fileInRoute = (location: string): string | null => nameIn(routes.files, location)
export const useFileInRoute = (): string | null => fileInRoute(useHashLocation()[0])
