import type { Model, ModelState } from '../../shared/contract/models.ts'

export interface ModelFilter {
  readonly search?: string | undefined
  readonly provider?: string | undefined
  readonly state?: ModelState | undefined
  readonly capability?: string | undefined
  readonly price?: 'free' | 'paid' | undefined
}

/** Everything but its provider. `found`: keys that a search of its own found; null: the words of the models are searched. */
export const matchesFilter = (
  { search, state, capability, price }: ModelFilter,
  found: readonly string[] | null,
): ((model: Model) => boolean) => {
  const matches = search ? searching(search, found) : () => true
  return (model) =>
    matches(model) &&
    (!state || model.state === state) &&
    (!capability || model.capabilities.includes(capability)) &&
    (!price || (price === 'free') === (model.price === null || model.price.free))
}

const searching = (text: string, keys: readonly string[] | null): ((model: Model) => boolean) => {
  if (keys) {
    const found = new Set(keys)
    return (model) => found.has(model.key)
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return ({ model, name, architecture, quantization }) => {
    const all = `${model} ${name} ${architecture ?? ''} ${quantization ?? ''}`.toLowerCase()
    return words.every((word) => all.includes(word))
  }
}
