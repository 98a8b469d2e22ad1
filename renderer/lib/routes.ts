import { useHashLocation } from 'wouter/use-hash-location'

/** Addresses of the pages, behind `#`. */
export const routes = {
  models: '/models',
  model: (id: string): string => `/models/${encodeURIComponent(id)}`,
  running: '/running',
  hardware: '/hardware',
  activity: '/activity',
  settings: '/settings',
} as const

/** The model in `/models/<encoded id>`. Reads the raw address: the router decodes a `%` in a name once too often. */
export const modelInRoute = (location: string): string | null => {
  const encoded = /^\/models\/(.+)$/.exec(location)?.[1]
  if (encoded === undefined) return null
  try {
    return decodeURIComponent(encoded)
  } catch {
    return null // a hand-typed address with a stray %
  }
}

export const useModelInRoute = (): string | null => modelInRoute(useHashLocation()[0])
