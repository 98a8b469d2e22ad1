import { roleWord } from '../../../shared/modelRole.ts'
import type { Inspection } from '../formats/modelFile.ts'

/** The everyday words for what a model is: `GGUF language model`, `SDXL LoRA, rank 16 (safetensors)`. */
export const labelOf = ({ summary: { format, role, label } }: Inspection): string => {
  if (label !== null) return `${label} (${format})`
  const isWhole = format.includes(' ') // a folder's format is a noun by itself
  if (role === 'unknown') return isWhole ? format : `${format} file`
  return isWhole ? `${format} (${roleWord(role)})` : `${format} ${roleWord(role)}`
}
