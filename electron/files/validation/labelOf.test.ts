import { expect, it } from 'vitest'
import { fileSummary } from '../formats/fileSummary.ts'
import type { ModelFileSummary } from '../formats/modelFile.ts'
import { labelOf } from './labelOf.ts'

type Known = Partial<Pick<ModelFileSummary, 'role' | 'label'>>

const told = (format: string, known: Known = {}) =>
  labelOf({
    summary: fileSummary({ format, reason: '', sizeBytes: 1, checks: [], ...known }),
    ...{ facts: [], metadata: [], tensors: [], templates: [] },
  })

it.each<[string, string, Known]>([
  ['GGUF language model', 'GGUF', { role: 'llm' }],
  ['SDXL LoRA, rank 16 (safetensors)', 'safetensors', { role: 'adapter', label: 'SDXL LoRA, rank 16' }],
  ['MLX model (embedding)', 'MLX model', { role: 'embedding' }],
  ['tar file', 'tar', {}],
  ['TensorFlow graph', 'TensorFlow graph', {}],
])('%s', (label, format, known) => {
  expect(told(format, known)).toBe(label)
})
