import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'

/** What the names and shapes of a file's tensors say it is. */
export interface Classification {
  readonly role: ModelRole
  /** lower case: `sdxl`, `flux-1-dev`, `llama`; of an adapter, the one it changes; null: not told */
  readonly architecture: string | null
  /** for people: `SDXL LoRA, rank 16` */
  readonly label: string
  /** what an adapter, ControlNet or embedding belongs to, for people: `SDXL`; null: it stands alone, or is not told */
  readonly base: string | null
  /** of a low-rank adapter; the highest when it has several */
  readonly rank: number | null
  /** which tensors said so */
  readonly source: string
  readonly notes: readonly Check[]
}

/** The label where it says something: an unknown model has none. */
export const labelOf = ({ role, label }: Classification): string | null => (role === 'unknown' ? null : label)
