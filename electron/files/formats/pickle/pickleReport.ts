import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import { shownText } from '../text.ts'
import { classifyGlobal, type Standing } from './classifyGlobal.ts'
import { PickleFault } from './pickleFault.ts'

export interface PickleImport {
  readonly module: string
  readonly name: string
  readonly standing: Standing
  readonly opcode: string
  /** of the first import, in the pickle's file */
  readonly offset: number
}

export interface PickleCall {
  readonly callable: string
  readonly opcode: string
  readonly offset: number
}

/** data: tensors, numbers and containers only. unreadable: not looked into in full. */
export type PickleLevel = 'data' | 'benign' | 'unknown' | 'dangerous' | 'unreadable'

/** Best first. */
const pickleLevels: readonly PickleLevel[] = ['data', 'benign', 'unknown', 'unreadable', 'dangerous']

/** Null: there is no pickle. */
export const worstLevel = (levels: Iterable<PickleLevel | null>): PickleLevel | null => {
  let worst = -1
  for (const level of levels) if (level !== null) worst = Math.max(worst, pickleLevels.indexOf(level))
  return pickleLevels[worst] ?? null
}

/** What one scan saw, over all pickles of one file. */
export interface PickleReport {
  readonly imports: readonly PickleImport[]
  readonly calls: readonly PickleCall[]
  readonly checks: readonly Check[]
  level(): PickleLevel
  /** Judges an imported name, once per name. */
  import(module: string, name: string, opcode: string, offset: number): Standing
  call(callable: string, opcode: string, offset: number): void
  dangerous(code: string, message: string, offset: number, text?: string): void
  unknown(code: string, message: string, offset: number, text?: string): void
  warning(code: string, message: string, offset: number, text?: string): void
  broken(code: string, message: string, offset: number): void
  unreadable(message: string, offset: number): void
  /** code of a stranger was imported or called so far */
  readonly hasCode: boolean
}

const mostNames = 20_000
const keptCalls = 1000

export interface ReportOptions {
  /** member of an archive; null: the file itself */
  readonly file: string | null
  readonly isTorchScript: boolean
}

export const createPickleReport = ({ file, isTorchScript }: ReportOptions): PickleReport => {
  const findings = createFindings('safety')
  const imports = new Map<string, PickleImport>()
  const calls: PickleCall[] = []
  const packages = new Set<string>()
  const seen = { benign: false, unknown: false, dangerous: false, unreadable: false }
  const where = (offset: number, text?: string) => ({ file, offset, ...(text === undefined ? {} : { text }) })

  const dangerous = (code: string, message: string, offset: number, text?: string) => {
    seen.dangerous = true
    findings.add('dangerous', code, message, {
      ...where(offset, text),
      advice: 'Do not load this file with Python or any tool that unpickles.',
    })
  }

  const tell = ({ module, name, standing, opcode, offset }: PickleImport, why: string | null): void => {
    const full = shownText(`${module}.${name}`)
    const text = `${opcode} ${full}`
    if (standing === 'dangerous')
      dangerous('pickle-dangerous-import', `Loading this file imports ${full}: ${why}.`, offset, text)
    if (standing !== 'unknown' && standing !== 'benign') return
    seen[standing] = true
    const root = module.split('.', 1)[0] ?? module
    if (packages.has(`${standing} ${root}`)) return
    packages.add(`${standing} ${root}`)
    if (standing === 'unknown')
      findings.add(
        'unknown',
        'pickle-unknown-import',
        `Loading this file needs the Python module "${shownText(root)}" and runs its code (${full}).`,
        { ...where(offset, text), advice: 'Load it only if you trust where it comes from.' },
      )
    else
      findings.add(
        'warning',
        'pickle-data-class',
        `The file holds ${full}: plain data, but more than tensors, so PyTorch asks for trust before it loads it.`,
        where(offset, text),
      )
  }

  return {
    get imports() {
      return [...imports.values()]
    },
    calls,
    get checks() {
      return findings.list
    },
    level: () =>
      seen.dangerous
        ? 'dangerous'
        : seen.unreadable
          ? 'unreadable'
          : seen.unknown
            ? 'unknown'
            : seen.benign
              ? 'benign'
              : 'data',
    import(module, name, opcode, offset) {
      const key = `${module}\n${name}`
      const known = imports.get(key)
      if (known !== undefined) return known.standing
      if (imports.size >= mostNames) throw new PickleFault('budget', `it imports more than ${mostNames} names`)
      const { standing, why } = classifyGlobal(module, name, isTorchScript)
      const found = { module, name, standing, opcode, offset }
      imports.set(key, found)
      tell(found, why)
      return standing
    },
    call(callable, opcode, offset) {
      if (calls.length < keptCalls) calls.push({ callable, opcode, offset })
    },
    dangerous,
    unknown(code, message, offset, text) {
      seen.unknown = true
      findings.add('unknown', code, message, where(offset, text))
    },
    warning: (code, message, offset, text) => findings.add('warning', code, message, where(offset, text)),
    broken: (code, message, offset) => findings.add('broken', code, message, where(offset)),
    unreadable(message, offset) {
      seen.unreadable = true
      findings.add('unknown', 'pickle-not-read-in-full', message, where(offset))
    },
    get hasCode() {
      return seen.unknown || seen.dangerous
    },
  }
}
