import type { LoadOptions } from './contract/models.ts'

/** What changes a figure: all options but how long a model stays loaded. */
export type TunedOptions = Omit<LoadOptions, 'keepAlive'>

export const tuned = ({ keepAlive, ...options }: LoadOptions): TunedOptions => options

/** The same text for the same options, in whatever order they stand. */
export const optionsKey = (options: LoadOptions): string =>
  JSON.stringify(Object.fromEntries(Object.entries(tuned(options)).sort(([a], [b]) => (a < b ? -1 : 1))))
