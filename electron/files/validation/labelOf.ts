import { roleWord } from '../../../shared/modelRole.ts'
import type { Inspection } from '../formats/modelFile.ts'

/** The everyday words for what a model is: `GGUF language model`. */
export const labelOf = ({ summary: { format, role } }: Inspection): string =>
  role === 'unknown' ? `${format} file` : `${format} ${roleWord(role)}`
