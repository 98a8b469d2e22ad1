import { isAllowed, isBenign } from './allowList.ts'
import { readingsOf } from './compatNames.ts'
import { isDenied, isHarmfulModule } from './denyList.ts'

/**
 * allowed: makes tensors, numbers and containers. benign: a common data class. unknown: code of some package.
 * by-argument: harmless in one single use, judged where it is called. dangerous: can run or load anything.
 */
export type Standing = 'allowed' | 'benign' | 'unknown' | 'by-argument' | 'dangerous'

export interface Classification {
  readonly standing: Standing
  readonly why: string | null
}

/** Allow list first: what is on no list is unknown, never fine. Every name is judged in its Python 2 and 3 readings. */
export const classifyGlobal = (module: string, name: string, isTorchScript: boolean): Classification => {
  if (!isDottedName(module) || !isDottedName(name))
    return { standing: 'dangerous', why: 'it is no plain Python name, so scanners and loaders may read it differently' }
  const readings = readingsOf(module, name)
  if (readings.some(([of, called]) => byArgument.has(`${of}.${called}`))) return { standing: 'by-argument', why: null }
  const isDangerous = readings.some(([of, called]) => isDenied(of, called) && !isAllowed(of, called, isTorchScript))
  if (isDangerous)
    return { standing: 'dangerous', why: 'it can run programs, import or load anything, or reach files and networks' }
  if (readings.some(([of, called]) => isAllowed(of, called, isTorchScript))) return { standing: 'allowed', why: null }
  if (name.includes('.') && !isNestedClass(name))
    return { standing: 'dangerous', why: 'its dots reach through the module to whatever that has imported' }
  return { standing: isBenign(module, name) ? 'benign' : 'unknown', why: null }
}

/** `getattr` is how PyTorch writes a memory format; `type` of one value is how Python writes NoneType. */
const byArgument: ReadonlySet<string> = new Set([
  'builtins.getattr',
  '__builtin__.getattr',
  'builtins.type',
  '__builtin__.type',
])

const isDottedName = (text: string) => text.length <= 500 && text.split('.').every(isIdentifier)
const isIdentifier = (part: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(part)

/** `Outer.Inner`: classes in a class, and not a way through modules. */
const isNestedClass = (name: string) => name.split('.').every((part) => /^_?[A-Z]/.test(part) && !isHarmfulModule(part))
