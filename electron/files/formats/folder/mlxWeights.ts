import { type Fields, fieldsOf } from '../config/fields.ts'
import type { TensorRow } from '../modelFile.ts'

/**
 * How many weights MLX packed into its 32-bit words, by what the configuration says: `quantization` has the bits, and an
 * entry of its own (or false) for each module that differs. Null: it does not say.
 */
export const mlxParameters = (top: Fields, tensors: readonly TensorRow[]): number | null => {
  const settings = top.object('quantization') ?? top.object('quantization_config')
  const usual = settings?.integer('bits') ?? null
  if (settings === null || usual === null || usual < 1 || usual > 32) return null
  const modules = new Set(tensors.flatMap(({ name }) => (name.endsWith('.scales') ? [name.slice(0, -7)] : [])))
  let total = 0
  for (const { name, type, elements } of tensors) {
    const module = name.slice(0, name.lastIndexOf('.'))
    if (!modules.has(module)) total += elements
    else if (name === `${module}.weight`) {
      const bits = fieldsOf(settings.value(module))?.integer('bits') ?? usual
      total += type === 'U32' && bits >= 1 && bits <= 32 ? Math.floor((elements * 32) / bits) : elements
    }
  }
  return total === 0 ? null : total
}
