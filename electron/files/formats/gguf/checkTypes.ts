import type { Findings } from '../findings.ts'
import type { Facts } from './facts.ts'
import { type GgufEntry, type GgufFile, isArray, type ValueType } from './ggufFile.ts'

/** The types llama.cpp insists on. A wrong one in a key that every model needs is a load error. */
const general: Readonly<Record<string, ValueType>> = {
  'general.architecture': 'string',
  'general.name': 'string',
  'general.file_type': 'uint32',
}
const own: Readonly<Record<string, ValueType>> = {
  context_length: 'uint32',
  embedding_length: 'uint32',
  block_count: 'uint32',
  vocab_size: 'uint32',
  expert_count: 'uint32',
  expert_used_count: 'uint32',
  'attention.key_length': 'uint32',
  'attention.value_length': 'uint32',
  'attention.layer_norm_epsilon': 'float32',
  'attention.layer_norm_rms_epsilon': 'float32',
  'attention.causal': 'bool',
  'rope.dimension_count': 'uint32',
  'rope.freq_base': 'float32',
  'rope.scaling.type': 'string',
}
const perLayer = ['feed_forward_length', 'attention.head_count', 'attention.head_count_kv']
const split: Readonly<Record<string, ValueType>> = {
  'split.no': 'uint16',
  'split.count': 'uint16',
  'split.tensors.count': 'int32',
}

export const checkTypes = (file: GgufFile, facts: Facts, findings: Findings): void => {
  const wrong = (entry: GgufEntry, wanted: string) =>
    findings.add(
      'broken',
      'wrong-type',
      `"${entry.key}" is ${typeName(entry)} and must be ${wanted}; llama.cpp refuses the file or crashes.`,
      entry.offset,
    )
  const expect = (key: string, wanted: ValueType) => {
    const entry = file.metadata.get(key)
    if (entry !== undefined && entry.type !== wanted) wrong(entry, wanted)
  }
  for (const [key, wanted] of [...Object.entries(general), ...Object.entries(split)]) expect(key, wanted)
  for (const [key, wanted] of Object.entries(own)) expect(facts.own(key), wanted)
  for (const key of perLayer) {
    const entry = file.metadata.get(facts.own(key))
    if (entry === undefined || entry.type === 'uint32') continue
    const { value } = entry
    if (!isArray(value) || (value.elementType !== 'uint32' && value.elementType !== 'int32'))
      wrong(entry, 'uint32, or an array of it')
  }
}

export const typeName = ({ type, value }: GgufEntry): string => (isArray(value) ? `${value.elementType}[]` : type)
