import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import type { Findings } from '../findings.ts'
import { createFindings } from '../findings.ts'
import { knownArchitectures } from './architectures.ts'
import { checkCompanion } from './checkCompanion.ts'
import { checkTokenizer } from './checkTokenizer.ts'
import { checkTypes } from './checkTypes.ts'
import type { Facts } from './facts.ts'
import { type GgufFile, isArray } from './ggufFile.ts'

const ropeScalings = new Set(['none', 'linear', 'yarn', 'longrope'])
const headSizeArchitectures = new Set(['llama', 'deci', 'falcon'])

/**
 * What a sound structure does not show: keys that llama.cpp refuses, contradicts or crashes on (its loader's checks and
 * asserts). A name it does not know is a warning only, because a newer build may know it.
 */
export const checkMeaning = (
  file: GgufFile,
  facts: Facts,
  role: ModelRole,
  quantization: { label: string | null; declared: string | null },
): readonly Check[] => {
  const findings = createFindings('meaning')
  checkCompanion(file, facts, role, findings)
  if (role !== 'llm' && role !== 'embedding' && role !== 'reranker' && role !== 'vocabulary') return findings.list

  checkTypes(file, facts, findings)
  checkTokenizer(file, facts, findings)
  if (role === 'vocabulary') return findings.list
  if (quantization.declared !== null && quantization.label !== quantization.declared)
    findings.add(
      'note',
      'wrong-file-type',
      `The file calls itself ${quantization.declared}; its weights are ${quantization.label}.`,
      facts.entry('general.file_type')?.offset,
    )
  checkArchitecture(facts, findings)
  checkLayers(facts, findings)
  checkTensors(file, findings)
  return findings.list
}

const checkArchitecture = (facts: Facts, findings: Findings): void => {
  const { architecture } = facts
  const offset = (key: string) => facts.entry(key)?.offset ?? null
  if (architecture === null) return
  if (!knownArchitectures.has(architecture))
    findings.add(
      'warning',
      'unknown-architecture',
      `The architecture "${architecture.slice(0, 100)}" is not known: it may need a newer runtime, or another one.`,
      offset('general.architecture'),
    )
  for (const key of ['context_length', 'embedding_length', 'block_count'].map(facts.own))
    if (!facts.has(key) && knownArchitectures.has(architecture))
      findings.add('broken', 'missing-key', `The key "${key}" is missing; llama.cpp refuses the file.`)

  const experts = facts.integer(facts.own('expert_count')) ?? 0
  const usedExperts = facts.integer(facts.own('expert_used_count')) ?? 0
  if (experts > 1024 || usedExperts > experts || (experts > 0 && usedExperts <= 0))
    findings.add(
      'broken',
      'bad-experts',
      `${usedExperts} of ${experts} experts cannot be; llama.cpp crashes on it.`,
      offset(facts.own('expert_count')),
    )
  const scaling = facts.text(facts.own('rope.scaling.type'))
  if (scaling !== null && !ropeScalings.has(scaling))
    findings.add(
      'broken',
      'bad-rope-scaling',
      `llama.cpp crashes on the rope scaling "${scaling.slice(0, 100)}".`,
      offset(facts.own('rope.scaling.type')),
    )
}

const perLayerKeys = ['attention.head_count', 'attention.head_count_kv', 'feed_forward_length']

const checkLayers = (facts: Facts, findings: Findings): void => {
  const blocks = facts.integer(facts.own('block_count'))
  if (blocks === null) return
  const offset = (key: string) => facts.entry(key)?.offset ?? null
  if (blocks < 1 || blocks > 512)
    findings.add(
      'broken',
      'bad-block-count',
      `${blocks} layers: llama.cpp crashes unless there are 1 to 512.`,
      offset(facts.own('block_count')),
    )
  for (const key of perLayerKeys.map(facts.own)) {
    const count = facts.count(key)
    if (count !== null && count !== blocks)
      findings.add(
        'broken',
        'bad-array-length',
        `"${key}" has ${count} elements for ${blocks} layers; llama.cpp refuses the file.`,
        offset(key),
      )
  }
  const patternKey = facts.own('attention.sliding_window_pattern')
  if ((facts.count(patternKey) ?? 1) > 512 || facts.count(patternKey) === 0)
    findings.add('broken', 'bad-array-length', `"${patternKey}" must have 1 to 512 elements.`, offset(patternKey))

  const heads = facts.integer(facts.own('attention.head_count'))
  const width = facts.integer(facts.own('embedding_length'))
  const rope = facts.integer(facts.own('rope.dimension_count'))
  const headSize =
    facts.integer(facts.own('attention.key_length')) ?? (heads && width ? Math.floor(width / heads) : null)
  if (headSizeArchitectures.has(facts.architecture ?? '') && rope !== null && headSize !== null && rope !== headSize)
    findings.add(
      'broken',
      'bad-rope-dimension',
      `The rope dimension ${rope} is not the head size ${headSize}; llama.cpp refuses the file.`,
      offset(facts.own('rope.dimension_count')),
    )
}

const checkTensors = ({ tensors, metadata }: GgufFile, findings: Findings): void => {
  const norm = tensors.find((tensor) => /_norm\.weight$/.test(tensor.name) && tensor.type.name === 'F16')
  if (norm !== undefined)
    findings.add('warning', 'norm-type', `Tensor "${norm.name}" is F16: it loads and then crashes at the first token.`)
  const tokens = metadata.get('tokenizer.ggml.tokens')?.value
  const rows = tensors.find((tensor) => tensor.name === 'token_embd.weight')?.dimensions[1]
  if (tokens !== undefined && isArray(tokens) && rows !== undefined && rows !== tokens.count)
    findings.add(
      'warning',
      'token-count',
      `There are ${tokens.count} tokens and ${rows} rows of embeddings; llama.cpp wants the same number.`,
    )
}
