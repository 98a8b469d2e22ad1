import type { Check, FactGroup } from '../../../../shared/contract/checks.ts'
import { type Classification, labelOf } from '../classify/classification.ts'
import { classifyTensors } from '../classify/classifyTensors.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings } from '../findings.ts'
import type { Inspection, ModelFileSummary } from '../modelFile.ts'
import { nameOf } from '../pickle/pickleValue.ts'
import { tensorTypesOf } from '../tensorTypes.ts'
import { shownText } from '../text.ts'
import { byteCount } from '../words.ts'
import { describeRoot } from './describeRoot.ts'
import { type ModelPart, modelPartOf } from './modelPart.ts'
import type { TorchContent } from './torchContent.ts'

const engineReason =
  'The embedded engine runs GGUF models. This file has to be converted first, by a program that you trust with it.'

/** @param sizeBytes of the file, or of all files of a model together */
export const inspectTorch = (content: TorchContent, sizeBytes: number): Inspection => {
  const part = modelPartOf(content.tensors)
  const kind = classifyTensors(part.tensors, new Map())
  const metadata = [...content.metadata, ...describeRoot(content.root)]
  const summary = summaryOf(content, part, kind, sizeBytes)
  return { summary, facts: factsOf(content, part, kind, summary), metadata, tensors: content.tensors, templates: [] }
}

const summaryOf = (
  content: TorchContent,
  part: ModelPart,
  kind: Classification,
  sizeBytes: number,
): ModelFileSummary => {
  const types = tensorTypesOf(content.tensors)
  const checks = [...content.checks, ...kind.notes, ...safetyWords(content)]
  const isAll = part.tensors.length === content.tensors.length
  const parameterCount = isAll ? content.parameterCount : part.tensors.reduce((sum, row) => sum + row.elements, 0)
  return fileSummary({
    format: content.format,
    formatVersion: content.formatVersion,
    label: labelOf(kind),
    role: kind.role,
    reason:
      checks.find(({ outcome }) => outcome === 'dangerous' || outcome === 'broken')?.message ??
      content.reason ??
      engineReason,
    architecture: kind.architecture,
    parameterCount,
    activeParameterCount: parameterCount,
    quantization: types[0]?.type ?? null,
    bitsPerWeight:
      parameterCount === null || parameterCount === 0 || !isAll ? null : (8 * content.dataBytes) / parameterCount,
    tensorTypes: types,
    tensorCount: content.tensors.length,
    dataBytes: content.dataBytes,
    sizeBytes,
    checks,
  })
}

/** What every file of this family is labelled with, whatever was found in it. */
const safetyWords = ({ level, format, checks }: TorchContent): readonly Check[] => {
  const findings = createFindings('safety')
  if (level === 'data' && !checks.some(isDoubt))
    findings.passed(
      'pickle-only-data',
      'No code beyond tensors was found. Pickle files can run code when loaded elsewhere.',
    )
  else if (level !== null)
    findings.add('note', 'pickle-can-run-code', `A file of this kind (${format}) can run code when loaded elsewhere.`)
  return findings.list
}

/** Nothing is said to be absent when something could not be read. */
const isDoubt = ({ rung, outcome, code }: Check): boolean =>
  code === 'pickle-damaged' || (rung === 'safety' && (outcome === 'dangerous' || outcome === 'unknown'))

const factsOf = (
  content: TorchContent,
  part: ModelPart,
  kind: Classification,
  summary: ModelFileSummary,
): FactGroup[] =>
  [
    factGroup('Identity', [
      ['What it is', part.tensors.length === 0 ? null : kind.label, kind.source],
      ['What it belongs to', kind.base, kind.source],
      ['Rank', kind.rank, kind.source],
      [
        'Format',
        `${content.format}${content.formatVersion === null ? '' : `, ${content.formatVersion}`}`,
        'file header',
      ],
    ]),
    factGroup('Weights', [
      ['Parameters', summary.parameterCount, 'tensor table'],
      ['Tensors', content.tensors.length || null, 'tensor table'],
      ['Tensors of the model', part.wrapper === null ? null : part.tensors.length, `key "${part.wrapper}"`],
      ['Number type', summary.quantization, 'tensor table'],
      ['Tensor data', content.dataBytes === 0 ? null : byteCount(content.dataBytes), 'tensor table'],
    ]),
    factGroup('Code', [
      ['Imported names', content.imports.length, 'pickle'],
      ['Names beyond tensors', foreignNames(content), 'pickle'],
    ]),
  ].filter(({ facts }) => facts.length > 0)

const foreignNames = ({ imports }: TorchContent): string => {
  const names = [
    ...new Set(
      imports
        .filter(({ standing }) => standing !== 'allowed')
        .map((one) => shownText(nameOf({ kind: 'global', ...one }))),
    ),
  ]
  return names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
}
