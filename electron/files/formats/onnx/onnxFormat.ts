import type { ByteSource } from '../byteSource.ts'
import { diagnose } from '../diagnose.ts'
import { createFindings } from '../findings.ts'
import { headBytes, type InspectOptions, type ModelFileFormat } from '../format.ts'
import { identify } from '../identify/identify.ts'
import type { Inspection, ModelFileSummary, TensorRow } from '../modelFile.ts'
import { checkExternalFiles } from './checkExternalFiles.ts'
import { checkOperators } from './checkOperators.ts'
import { typeName } from './dataTypes.ts'
import { externalRanges } from './externalData.ts'
import { locationFault } from './location.ts'
import { onnxFacts, onnxMetadata } from './onnxFacts.ts'
import type { OnnxModel, OnnxTensor } from './onnxModel.ts'
import { readModel } from './readModel.ts'
import { summarizeOnnx } from './summarizeOnnx.ts'

/** ONNX: protobuf without a magic, told by the fields it begins with. Weights are never read. */
export const onnxFormat: ModelFileFormat = {
  name: 'ONNX',
  recognizes: (head, sizeBytes) => identify(head, sizeBytes, null).kind === 'onnx',
  summarize: async (source, options) => (await read(source, options)).summary,
  inspect: async (source, options): Promise<Inspection> => {
    const { model, summary } = await read(source, options)
    return {
      summary,
      facts: onnxFacts(model, summary),
      metadata: onnxMetadata(model),
      tensors: model.tensors.map(tensorRow),
      templates: [],
    }
  },
}

const read = async (
  source: ByteSource,
  options: InspectOptions = {},
): Promise<{ model: OnnxModel; summary: ModelFileSummary }> => {
  await refuseOthers(source)
  const model = await readModel(source, options)
  const findings = { structure: createFindings('structure'), safety: createFindings('safety') }
  const ranges = externalRanges(model.tensors, findings)
  await checkExternalFiles(ranges, options.folder ?? null, findings, options.signal)
  if (findings.safety.list.length === 0 && ranges.length > 0)
    findings.safety.passed('external-names', 'Files with values are named plainly and stay in the folder of the model.')
  const checks = [...model.findings, ...findings.structure.list, ...findings.safety.list, ...checkOperators(model)]
  return { model, summary: summarizeOnnx(model, checks) }
}

/** Whatever else it is has a name; what has none is tried, because an ONNX file may begin with any field. */
const refuseOthers = async (source: ByteSource): Promise<void> => {
  const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
  const { kind } = identify(head, source.sizeBytes, null)
  if (kind !== 'onnx' && kind !== 'unknown') throw diagnose(head, source.sizeBytes, 'ONNX')
}

/** What cannot be had by its offset, or lies where nothing should be read, has none. */
const tensorRow = ({ name, type, shape, elements, bytes, data }: OnnxTensor): TensorRow => {
  const row = { name, type: typeName(type), shape, elements, bytes: bytes ?? 0 }
  if (data.kind !== 'external') return { ...row, offset: data.kind === 'inline' ? data.offset : null, file: null }
  const entries = new Map(data.reference.entries)
  const file = entries.get('location') ?? ''
  const offset = Number(entries.get('offset') ?? '0')
  const isUsable = locationFault(file) === null && Number.isSafeInteger(offset) && offset >= 0
  return { ...row, offset: isUsable ? offset : null, file: file === '' ? null : file }
}
