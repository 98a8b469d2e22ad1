import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import type { TensorRow } from '../modelFile.ts'
import { shownText } from '../text.ts'
import { count, grouped } from '../words.ts'
import { chooseSample, type Sampled } from './chooseSample.ts'
import { isInteger, type Scan, scanValues, valueLayout } from './valueLayouts.ts'

/**
 * The bytes a tensor lies in, as its `offset` counts; null: they are not there. Asked once for each tensor that is
 * looked into, in the order of the files: the caller keeps the source of one file and closes it.
 */
export type TensorSource = (row: TensorRow) => Promise<ByteSource | null>

interface Looked {
  readonly row: TensorRow
  readonly scan: Scan
}

const namesShown = 4

const nonsense = 'The model will answer nonsense.'
const damagedAdvice =
  'Download the file again. If it stays so, the model was damaged when it was made or converted: take another one.'

/**
 * Looks into a sample of the values: at most 64 tensors, 64 KiB of each, two reads for each. Finds what is no number,
 * infinities, and tensors of nothing but zeros. The sample is the same each time; what lies between it is not seen.
 *
 * @throws FormatError when the bytes cannot be read
 */
export const sampleValues = async (
  sources: TensorSource,
  tensors: readonly TensorRow[],
  { signal }: ReadOptions = {},
): Promise<readonly Check[]> => {
  const findings = createFindings('structure')
  const sample = chooseSample(tensors)
  const looked: Looked[] = []
  let sampledBytes = 0
  for (const sampled of sample) {
    signal?.throwIfAborted()
    const source = await sources(sampled.row)
    if (!source || !isInside(sampled, source)) continue
    const scan = await look(source, sampled)
    looked.push({ row: sampled.row, scan })
    sampledBytes += sampled.pieces.reduce((sum, { length }) => sum + length, 0)
    reportBad(sampled, scan, findings)
  }
  reportZeros(looked, sampledBytes, findings)
  reportSkipped(tensors, findings)
  if (findings.list.every(({ outcome }) => outcome === 'note') && looked.length > 0)
    findings.passed(
      'values-sampled',
      `${count(looked.length, 'tensor')} of ${grouped(tensors.length)} sampled (${size(sampledBytes)}): every value is a finite number${looked.every(({ scan }) => scan.isZero) ? '' : ', and the data was written'}.`,
    )
  return findings.list
}

/** Other checks say so when it is not. */
const isInside = ({ pieces }: Sampled, source: ByteSource): boolean =>
  pieces.every(({ offset, length }) => offset >= 0 && offset + length <= source.sizeBytes)

const look = async (source: ByteSource, { layout, pieces }: Sampled): Promise<Scan> => {
  const whole: Scan = { nan: 0, infinite: 0, firstBad: null, isZero: true }
  for (const { offset, length } of pieces) {
    const scan = scanValues(await source.read(offset, length), layout)
    whole.nan += scan.nan
    whole.infinite += scan.infinite
    whole.isZero &&= scan.isZero
    if (scan.firstBad !== null) whole.firstBad ??= offset + scan.firstBad
  }
  return whole
}

const reportBad = ({ row, layout }: Sampled, { nan, infinite, firstBad }: Scan, findings: Findings): void => {
  const thing = layout.isBlock ? 'block scale' : 'value'
  const add = (outcome: 'note' | 'warning', code: string, found: number, what: string, then: string): void => {
    if (found === 0) return
    const message = `Tensor "${shownText(row.name)}" holds ${count(found, thing)} that ${found === 1 ? 'is' : 'are'} ${what}. ${then}`
    const where = { file: row.file, tensor: row.name, offset: firstBad }
    findings.add(outcome, code, message, outcome === 'note' ? where : { ...where, advice: damagedAdvice })
  }
  add('warning', 'not-a-number', nan, 'not a number (NaN)', nonsense)
  // masks are made of minus infinity
  if (row.name.toLowerCase().includes('mask')) add('note', 'infinite-value', infinite, 'infinite', 'Masks often do.')
  else add('warning', 'infinite-value', infinite, 'infinite', nonsense)
}

const isMatrix = ({ row }: Looked): boolean => row.shape.filter((length) => length > 1).length >= 2

/** What a test or an example writes; a download that was not filled has more. */
const tinyBytes = 4096

/** A bias of zeros is common, a matrix of zeros now and then; many of them were never written. */
const reportZeros = (looked: readonly Looked[], sampledBytes: number, findings: Findings): void => {
  const isTiny = sampledBytes < tinyBytes
  const zeros = looked.filter(({ scan }) => scan.isZero)
  const matrices = looked.filter(isMatrix)
  const zeroMatrices = zeros.filter(isMatrix)
  const [first] = zeroMatrices
  const advice = 'Download the file again; it may have been reserved on the disk and not filled.'
  if (first && !isTiny && zeros.length === looked.length) {
    const message = `All ${count(looked.length, 'tensor')} that were looked into hold nothing but zeros: the data was never written.`
    findings.add('warning', 'all-zero-data', message, { ...evidenceOf(first), advice })
  } else if (first && !isTiny && zeroMatrices.length > Math.max(2, matrices.length / 10)) {
    const rest = isTail(zeros, looked)
      ? `, and so does everything behind "${shownText(first.row.name)}": the download did not finish`
      : ': part of the data was never written'
    const message = `${zeroMatrices.length} of ${count(matrices.length, 'matrix', 'matrices')} that were looked into hold nothing but zeros${rest}.`
    findings.add('warning', 'zero-matrices', message, { ...evidenceOf(first), advice })
  } else if (zeros[0]) {
    const names = zeros.slice(0, namesShown).map(({ row }) => shownText(row.name))
    const message = `${count(zeros.length, 'tensor')} of the sample ${zeros.length === 1 ? 'holds' : 'hold'} nothing but zeros: ${names.join(', ')}${zeros.length > namesShown ? ' …' : ''}.`
    findings.add('note', 'zero-tensors', message, evidenceOf(zeros[0]))
  }
}

const isTail = (zeros: readonly Looked[], looked: readonly Looked[]): boolean =>
  zeros.length > 2 && looked.slice(-zeros.length).every(({ scan }) => scan.isZero)

const evidenceOf = ({ row }: Looked) => ({ file: row.file, tensor: row.name, offset: row.offset })

const reportSkipped = (tensors: readonly TensorRow[], findings: Findings): void => {
  const byType = new Map<string, number>()
  let without = 0
  for (const { type, offset, bytes } of tensors) {
    if (bytes === 0 || isInteger(type)) continue
    if (!valueLayout(type)) byType.set(type, (byType.get(type) ?? 0) + 1)
    else if (offset === null) without += 1
  }
  if (byType.size > 0) {
    const types = [...byType].slice(0, namesShown).map(([type, tensors]) => `${tensors} of ${shownText(type)}`)
    const all = [...byType.values()].reduce((sum, tensors) => sum + tensors, 0)
    findings.add(
      'note',
      'values-not-sampled',
      `${count(all, 'tensor')} ${all === 1 ? 'was' : 'were'} not looked into, because Berth does not read values of this type: ${types.join(', ')}${byType.size > namesShown ? ' …' : ''}.`,
    )
  }
  if (without > 0)
    findings.add(
      'note',
      'values-out-of-reach',
      `${count(without, 'tensor')} ${without === 1 ? 'was' : 'were'} not looked into: the values are compressed or lie inside a message.`,
    )
}

const size = (bytes: number): string =>
  bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
