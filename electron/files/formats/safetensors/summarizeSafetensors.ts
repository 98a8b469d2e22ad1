import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { type Classification, labelOf } from '../classify/classification.ts'
import { classifyTensors } from '../classify/classifyTensors.ts'
import { fileSummary } from '../fileSummary.ts'
import type { ModelFileSummary, ModelSplit, TensorRow } from '../modelFile.ts'
import { checkContents } from './checkContents.ts'
import { countWeights, type StoredShapes } from './countWeights.ts'

/** Of one file, or of all shards of one model. */
export interface Contents {
  readonly tensors: readonly TensorRow[]
  readonly metadata: ReadonlyMap<string, string>
  readonly shapes: StoredShapes
  readonly sizeBytes: number
  readonly split: ModelSplit | null
  /** what the structure's checks found */
  readonly findings: readonly Check[]
}

export interface Summarized {
  readonly summary: ModelFileSummary
  readonly kind: Classification
}

export const summarizeSafetensors = (contents: Contents): Summarized => {
  const { tensors, metadata, split } = contents
  const kind = classifyTensors(tensors, metadata)
  const { parameters, quantization } = countWeights(tensors, contents.shapes)
  const checks = [...contents.findings, ...checkContents(metadata, kind)]
  const dataBytes = tensors.reduce((sum, row) => sum + row.bytes, 0)
  const known = {
    format: 'safetensors',
    name: text(metadata, 'modelspec.title') ?? text(metadata, 'ss_output_name'),
    label: labelOf(kind),
    role: kind.role,
    reason: whyNotLoadable(kind.role, split, checks),
    architecture: kind.architecture,
    parameterCount: parameters,
    // how many experts one token uses is in no tensor
    activeParameterCount: expertsOf(tensors) === null ? parameters : null,
    quantization,
    bitsPerWeight: parameters === null ? null : (8 * dataBytes) / parameters,
    dataBytes,
    sizeBytes: contents.sizeBytes,
    license: text(metadata, 'modelspec.license') ?? text(metadata, 'license'),
    author: text(metadata, 'modelspec.author'),
    baseModels: kind.base === null ? [] : [kind.base],
    split,
    checks,
  }
  return { summary: fileSummary(known, tensors), kind }
}

const longestText = 400

const text = (metadata: ReadonlyMap<string, string>, key: string): string | null => {
  const value = metadata.get(key)?.trim()
  return value === undefined || value === '' || value === 'None' ? null : value.slice(0, longestText)
}

const companions: Partial<Record<ModelRole, string>> = {
  adapter: 'This is an adapter: a change to another model. Load the model it belongs to.',
  'textual-inversion': 'This is an embedding for an image model.',
  controlnet: 'This steers an image model and is used together with it.',
  vae: 'This is the VAE of an image model: one part of it.',
  'text-encoder': 'This is a text encoder: one part of another model.',
  'vision-encoder': 'This is a vision encoder: one part of another model.',
  projector: 'This is the vision or audio part of another model.',
  draft: 'This predicts ahead for another model and is loaded with it.',
  unknown: 'Berth cannot tell what this file is for.',
}

const whyNotLoadable = (role: ModelRole, split: ModelSplit | null, checks: readonly Check[]): string => {
  const broken = checks.find((check) => check.outcome === 'broken' || check.outcome === 'dangerous')
  if (broken !== undefined) return broken.message
  if (split !== null && (split.count ?? 0) > 1 && split.tensorCount === null)
    return `This is part ${(split.no ?? 0) + 1} of a model in ${split.count} files.`
  return companions[role] ?? 'The embedded engine loads GGUF files. Use a GGUF version of this model.'
}

/** The number of experts, from numbered names or a fused tensor; null: there are none. */
export const expertsOf = (tensors: readonly TensorRow[]): number | null => {
  let most = -1
  for (const { name, shape } of tensors) {
    const at = name.indexOf('.experts.')
    if (at < 0) continue
    const rest = name.slice(at + 9, at + 15)
    const index = Number.parseInt(rest, 10)
    if (index >= 0) most = Math.max(most, index)
    else if (shape.length >= 3) most = Math.max(most, (shape[0] ?? 0) - 1)
  }
  return most < 0 ? null : most + 1
}
