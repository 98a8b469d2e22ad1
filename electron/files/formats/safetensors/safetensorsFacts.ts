import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup } from '../factGroup.ts'
import { grouped } from '../words.ts'
import { metadataFacts } from './metadataFacts.ts'
import { type Contents, expertsOf, type Summarized } from './summarizeSafetensors.ts'

const unit = (value: number | null, name: string) => (value === null ? null : `${grouped(value)} ${name}`)

/** For people: first what the tensors prove, then what the metadata says. */
export const safetensorsFacts = ({ summary, kind }: Summarized, { tensors, metadata }: Contents): FactGroup[] => {
  const types = summary.tensorTypes.map((share) => `${share.type} (${share.tensors})`).join(', ')
  return [
    factGroup('Identity', [
      ['What it is', kind.role === 'unknown' ? null : kind.label, kind.source],
      ['Architecture', kind.architecture, kind.source],
      ['Belongs to', kind.base, kind.source],
      ['Rank', kind.rank, kind.rank === null ? 'tensor table' : kind.source],
      ['Format', 'safetensors', 'file header'],
    ]),
    factGroup('Weights', [
      ['Parameters', summary.parameterCount, 'tensor table'],
      ['Quantisation', summary.quantization, 'tensor table'],
      ['Bits per weight', summary.bitsPerWeight === null ? null : summary.bitsPerWeight.toFixed(2), 'tensor table'],
      ['Experts', expertsOf(tensors), 'tensor names'],
      ['Tensors', summary.tensorCount, 'tensor table'],
      ['Types', types, 'tensor table'],
      ['Data', unit(summary.dataBytes, 'bytes'), 'tensor table'],
    ]),
    ...metadataFacts(metadata),
  ].filter((group) => group.facts.length > 0)
}
