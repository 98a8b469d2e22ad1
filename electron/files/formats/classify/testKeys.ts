import { readSafetensors } from '../safetensors/readSafetensors.ts'
import { modelOf } from '../safetensors/testFile.ts'
import type { Classification } from './classification.ts'
import { classifyTensors } from './classifyTensors.ts'

export type Keys = Readonly<Record<string, readonly number[]>>

/** For tests: what is said of a header-only file with these tensors. */
export const classify = async (
  keys: Keys,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Classification> => {
  const shapes = Object.entries(keys).map(([name, shape]) => [name, ['F16', ...shape]] as const)
  const file = await readSafetensors(modelOf(Object.fromEntries(shapes), metadata))
  return classifyTensors(file.tensors, file.metadata)
}

/** Names alone, for models that are told without shapes. */
export const named = (...names: readonly string[]): Keys => Object.fromEntries(names.map((name) => [name, [8, 8]]))

/** `role label`, what most cases compare. */
export const told = async (keys: Keys, metadata: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { role, label } = await classify(keys, metadata)
  return `${role}: ${label}`
}
