import type { Provider } from '../provider.ts'

type OnChange = NonNullable<Provider['onChange']>
type Listener = Parameters<OnChange>[0]

/** Who wants to know that a provider changed by itself. */
export const createListeners = (): { readonly onChange: OnChange; readonly tell: Listener } => {
  const listeners = new Set<Listener>()
  return {
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: (what) => {
      for (const listener of listeners) listener(what)
    },
  }
}
