/** What an LM Studio for tests holds: one truth for its REST and its socket. */
export interface FakeLmModel {
  readonly key: string
  readonly type?: 'llm' | 'embedding' | string
  readonly name?: string
  readonly params?: string | null
  readonly quantization?: { readonly name: string | null; readonly bits_per_weight: number | null } | null
  readonly sizeBytes?: number
  readonly maxContext?: number
  readonly format?: string | null
  readonly vision?: boolean
  readonly tools?: boolean
  readonly reasoning?: boolean
  /** below the folder of models */
  readonly path?: string
}

export interface FakeInstance {
  readonly id: string
  readonly key: string
  readonly contextLength: number
  readonly ttlMs: number | null
  lastUsedTime: number | null
}

export interface LoadWish {
  readonly contextLength?: number | undefined
  readonly ttlMs?: number | null | undefined
}

export const createLmStudioWorld = (models: readonly FakeLmModel[]) => {
  const state = { models: [...models], instances: [] as FakeInstance[] }
  const held = new Map<string, Promise<void>>()
  return {
    state,
    held,
    find: (key: unknown) => state.models.find((model) => model.key === key),
    /** LM Studio appends a number when the name is taken. */
    load: (key: string, wish: LoadWish = {}): FakeInstance => {
      const taken = new Set(state.instances.map(({ id }) => id))
      let id = key
      for (let count = 2; taken.has(id); count++) id = `${key}:${count}`
      const { contextLength = 4096, ttlMs = null } = wish
      const instance = { id, key, contextLength, ttlMs, lastUsedTime: null }
      state.instances.push(instance)
      return instance
    },
    unload: (id: string): boolean => {
      const before = state.instances.length
      state.instances = state.instances.filter((each) => each.id !== id)
      return state.instances.length < before
    },
    /** What is held under this name waits until the returned function is called. */
    hold: (name: string): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(name, promise)
      return () => {
        held.delete(name)
        resolve()
      }
    },
  }
}
export type LmStudioWorld = ReturnType<typeof createLmStudioWorld>
