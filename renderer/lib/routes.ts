import { useMemo } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'

/** Addresses of the pages, behind `#`. */
export const routes = {
  models: '/models',
  model: (id: string): string => `/models/${encodeURIComponent(id)}`,
  running: '/running',
  files: '/files',
  file: (path: string): string => `/files/${encodeURIComponent(path)}`,
  hardware: '/hardware',
  benchmarks: '/benchmarks',
  benchmark: (id: string): string => `/benchmarks/${encodeURIComponent(id)}`,
  compare: (ids: readonly string[]): string => `/benchmarks/compare/${ids.map(encodeURIComponent).join(',')}`,
  history: (model: string): string => `/benchmarks/history/${encodeURIComponent(model)}`,
  fastest: '/benchmarks/fastest',
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

/** What the Benchmarks page shows beside or instead of its list. */
export type BenchmarkPlace =
  | { readonly show: 'list' }
  | { readonly show: 'run'; readonly id: string }
  | { readonly show: 'compare'; readonly ids: readonly string[] }
  | { readonly show: 'history'; readonly model: string }
  | { readonly show: 'fastest' }

/** `/benchmarks`, `/benchmarks/<id>`, `/benchmarks/compare/<id>,<id>`, `/benchmarks/history/<model>`, `/benchmarks/fastest`. */
export const benchmarkPlace = (location: string): BenchmarkPlace => {
  if (location === routes.fastest) return { show: 'fastest' }
  const compared = nameIn(`${routes.benchmarks}/compare`, location)
  if (compared !== null) return { show: 'compare', ids: compared.split(',').filter(Boolean) }
  const model = nameIn(`${routes.benchmarks}/history`, location)
  if (model !== null) return { show: 'history', model }
  const id = nameIn(routes.benchmarks, location)
  return id === null ? { show: 'list' } : { show: 'run', id }
}
export const useBenchmarkPlace = (): BenchmarkPlace => {
  const [location] = useHashLocation()
  return useMemo(() => benchmarkPlace(location), [location])
}
