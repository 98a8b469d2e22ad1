import type { Check } from '../../../../shared/contract/checks.ts'
import { type ByteSource, bytesSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { windowOf } from '../zip/zipContent.ts'
import { startsLikePickle } from './looksLikePickle.ts'
import { type Budget, createBudget, type Nested } from './machine.ts'
import {
  createPickleReport,
  type PickleCall,
  type PickleImport,
  type PickleLevel,
  type PickleReport,
} from './pickleReport.ts'
import type { PickleValue } from './pickleValue.ts'
import { type OnePickle, runPickle } from './runPickle.ts'

export interface PickleScan {
  readonly level: PickleLevel
  readonly globals: readonly PickleImport[]
  /** the first thousand */
  readonly calls: readonly PickleCall[]
  /** dangerous, unknown, warning and broken, with opcode and offset as evidence */
  readonly checks: readonly Check[]
  readonly pickles: readonly ScannedPickle[]
  /** where the last pickle that could be read ends; what stands behind it is no pickle */
  readonly endOffset: number
  /** every pickle was read to its STOP */
  readonly isWhole: boolean
}

interface ScannedPickle {
  readonly root: PickleValue
  readonly offset: number
  readonly endOffset: number
  readonly protocol: number
}

export interface PickleOptions extends ReadOptions {
  /** member of the archive, for evidence */
  readonly file?: string | null
  readonly offset?: number
  /** how many pickles stand behind one another; more are looked for only if they look like pickles */
  readonly expected?: number
  readonly isTorchScript?: boolean
  /** shared by all pickles of one file, so that many small ones cost no more than one large one */
  readonly budget?: Budget
}

const mostPickles = 10_000
const mostNested = 2000
const deepest = 5

/**
 * Follows pickles step by step without making or importing anything. Bounded: 10^7 opcodes, 32 MiB of values. Whatever is
 * found before an error is reported: a loader would have run it too.
 * @throws only what reading the source throws
 */
export const scanPickle = async (source: ByteSource, options: PickleOptions = {}): Promise<PickleScan> => {
  const { file = null, offset = 0, expected = 1, isTorchScript = false, signal, budget = createBudget() } = options
  const report = createPickleReport({ file, isTorchScript })
  const found: OnePickle[] = []
  let position = offset
  while (found.length < mostPickles && position < source.sizeBytes) {
    if (found.length >= expected && !(await isPickleBehind(source, position, options))) break
    const one = await runPickle(source, position, { report, budget, signal })
    found.push(one)
    position = one.endOffset
    if (one.fault !== null) break
  }
  if (found.length === mostPickles)
    report.unreadable(`More than ${mostPickles} pickles stand behind one another.`, position)
  const nested = found.flatMap((one) => one.nested)
  let left = mostNested
  const takeOne = () => left-- > 0
  const scan = { source, budget, isTorchScript, file, signal, takeOne }
  await scanNested(scan, nested, report, 1)
  for (const { suspicious } of found)
    if (suspicious !== null && report.level() === 'unknown')
      report.dangerous(
        'pickle-suspicious-text',
        `The file runs code of a package and holds the text "${suspicious.word}".`,
        suspicious.offset,
        suspicious.word,
      )
  return {
    level: report.level(),
    globals: report.imports,
    calls: report.calls,
    checks: report.checks,
    pickles: found.flatMap(({ root, offset, endOffset, protocol, fault }) =>
      fault === null ? [{ root, offset, endOffset, protocol }] : [],
    ),
    endOffset: position,
    isWhole: found.length > 0 && found.every(({ fault }) => fault === null),
  }
}

/** Behind the last pickle that a format knows of stand raw bytes, which may begin like one by chance. */
const isPickleBehind = async (source: ByteSource, offset: number, options: PickleOptions): Promise<boolean> => {
  if (!startsLikePickle(await source.read(offset, Math.min(200, source.sizeBytes - offset)))) return false
  const { file = null, isTorchScript = false, signal } = options
  const report = createPickleReport({ file, isTorchScript })
  const { fault } = await runPickle(source, offset, { report, budget: createBudget(), signal })
  return fault === null || report.imports.some((found) => found.standing !== 'allowed' && isPlain(found))
}

interface NestedScan {
  readonly source: ByteSource
  readonly budget: ReturnType<typeof createBudget>
  readonly isTorchScript: boolean
  readonly file: string | null
  readonly signal: AbortSignal | undefined
  /** false: enough of them were looked into */
  takeOne(): boolean
}

/** Pickles in texts and bytes: anything by chance looks like a beginning, so only what ends well or is harmful counts. */
const scanNested = async (
  scan: NestedScan,
  candidates: readonly Nested[],
  report: PickleReport,
  depth: number,
): Promise<void> => {
  for (const candidate of candidates) {
    const inner = innerSource(scan.source, candidate)
    if (inner.sizeBytes < 4 || !startsLikePickle(await inner.read(0, Math.min(inner.sizeBytes, 200)))) continue
    if (depth > deepest || scan.budget.isSpent() || !scan.takeOne()) {
      report.unreadable('More pickles are nested in this one than are looked into.', candidate.offset)
      return
    }
    const { file, isTorchScript, budget, signal } = scan
    const own = createPickleReport({ file, isTorchScript })
    const one = await runPickle(inner, 0, { report: own, budget, signal })
    await scanNested({ ...scan, source: inner }, one.nested, own, depth + 1)
    judgeNested(own, one, candidate.offset, report)
  }
}

const judgeNested = (own: PickleReport, one: OnePickle, offset: number, report: PickleReport): void => {
  const worst = own.imports.find(({ standing }) => standing === 'dangerous')
  const inner = own.checks.find(({ code, outcome }) => code === 'pickle-nested' && outcome === 'dangerous')
  const isReal = one.fault === null || inner !== undefined || (worst !== undefined && isPlain(worst))
  const level = own.level()
  if (level === 'unreadable' && (isReal || one.fault?.kind === 'budget'))
    report.unreadable('A pickle nested in this one was not looked into in full.', offset)
  if (!isReal) return
  const [first] = own.checks
  if (level === 'dangerous')
    report.dangerous(
      'pickle-nested',
      `Bytes in this file are a pickle of their own. ${first?.message ?? ''}`,
      offset,
      inner?.evidence?.text ?? first?.evidence?.text ?? undefined,
    )
  else if (level === 'unknown')
    report.unknown(
      'pickle-nested-unknown',
      `Bytes in this file are a pickle of their own. ${first?.message ?? ''}`,
      offset,
    )
}

const isPlain = ({ module, name }: PickleImport) => /^[\w.]+$/.test(module) && /^[\w.]+$/.test(name)

const innerSource = (source: ByteSource, candidate: Nested): ByteSource =>
  'bytes' in candidate ? bytesSource(candidate.bytes) : windowOf(source, candidate.offset, candidate.length)
