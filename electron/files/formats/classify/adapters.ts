import type { Classification } from './classification.ts'
import type { KeyIndex } from './keyIndex.ts'

export const classifyAdapter = (keys: KeyIndex): Classification | null => {
  const isLora = keys.find('*.lora_down.weight') ?? keys.find('*.lora_A*') ?? null
  return isLora === null
    ? null
    : {
        role: 'adapter',
        architecture: null,
        label: 'LoRA',
        base: null,
        rank: isLora.shape[0] ?? null,
        source: isLora.name,
        notes: [],
      }
}
