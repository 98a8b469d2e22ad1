import type { Instance, ModelState } from '../../shared/contract/models.ts'

const holding: readonly ModelState[] = ['loading', 'loaded', 'unloading']

/** In memory, or on its way in or out. One that failed is listed for its reason and holds nothing. */
export const isRunning = ({ state }: Pick<Instance, 'state'>): boolean => holding.includes(state)

/** An unload ends it: it is loaded, or being loaded. */
export const isUnloadable = ({ state }: Pick<Instance, 'state'>): boolean => state === 'loaded' || state === 'loading'
