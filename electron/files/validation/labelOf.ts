import { roleWord } from '../../../shared/modelRole.ts'
import type { Inspection } from '../formats/modelFile.ts'

/** The everyday words for what a model is: `GGUF language model`, `MLX model (embedding)`. */
export const labelOf = ({ summary: { format, role } }: Inspection): string => {
  const isWhole = format.includes(' ') // a folder's format is a noun by itself
  if (role === 'unknown') return isWhole ? format : `${format} file`
  return isWhole ? `${format} (${roleWord(role)})` : `${format} ${roleWord(role)}`
}
