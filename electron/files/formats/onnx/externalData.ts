import type { Findings } from '../findings.ts'
import { shownText } from '../text.ts'
import { bytesOf } from './dataTypes.ts'
import { locationFault } from './location.ts'
import type { OnnxTensor } from './onnxModel.ts'

/** Where a tensor's values lie in another file. Null: not told, or not a number. */
export interface ExternalRange {
  readonly tensor: OnnxTensor
  readonly location: string
  /** bytes; 0 when not told */
  readonly offset: number
  /** bytes the shape asks for, or those the file tells; null: neither is known */
  readonly length: number | null
}

export interface ExternalFindings {
  readonly structure: Findings
  readonly safety: Findings
}

const known: ReadonlySet<string> = new Set(['location', 'offset', 'length', 'checksum', 'basepath'])

/** Decimal digits alone; null for anything else. Beyond 2^53 it is larger than any file. */
const number = (text: string): number | null => (/^\d{1,20}$/.test(text) ? Number(text) : null)

/** The ranges that can be looked up. What is wrong with the others is found here. */
export const externalRanges = (tensors: readonly OnnxTensor[], findings: ExternalFindings): readonly ExternalRange[] =>
  tensors.flatMap((tensor) => {
    if (tensor.data.kind !== 'external') return []
    const range = rangeOf(tensor, tensor.data.reference.entries, findings)
    return range === null ? [] : [range]
  })

const rangeOf = (
  tensor: OnnxTensor,
  entries: readonly (readonly [string, string])[],
  { structure, safety }: ExternalFindings,
): ExternalRange | null => {
  const name = tensor.name.slice(0, 120)
  const where = { offset: tensor.offset, tensor: tensor.name.slice(0, 200) }
  const values = new Map(entries)
  checkKeys(entries, values, name, where, { structure, safety })
  const location = values.get('location') ?? ''
  const fault = locationFault(location)
  if (fault !== null) {
    const { outcome, code, message } = fault
    const findings = outcome === 'dangerous' ? safety : structure
    findings.add(outcome, code, `The location "${shownText(location)}" of the values of "${name}" ${message}`, {
      ...where,
      text: shownText(location, 200),
    })
    if (outcome !== 'warning') return null
  }
  const [offset, length] = [number(values.get('offset') ?? '0'), number(values.get('length') ?? '0')]
  if (offset === null || length === null) {
    structure.add(
      'broken',
      'external-bad-number',
      `Offset or length of the values of "${name}" is no number: "${shownText(`${values.get('offset') ?? ''} ${values.get('length') ?? ''}`.trim())}".`,
      where,
    )
    return null
  }
  const needed = bytesOf(tensor.type, tensor.elements)
  if (values.has('length') && needed !== null && length !== needed)
    structure.add(
      'broken',
      'external-wrong-length',
      `The values of "${name}" have ${length} bytes by the file, and ${needed} by their shape.`,
      where,
    )
  return { tensor, location, offset, length: values.has('length') ? length : needed }
}

/** As much of a stranger's text as a message shows. */

const checkKeys = (
  entries: readonly (readonly [string, string])[],
  values: ReadonlyMap<string, string>,
  name: string,
  where: { readonly offset: number; readonly tensor: string },
  { structure, safety }: ExternalFindings,
): void => {
  if (values.size < entries.length)
    safety.add(
      'dangerous',
      'external-key-twice',
      `The place of the values of "${name}" is told twice: checkers take the first, loaders the last.`,
      where,
    )
  for (const key of values.keys()) {
    if (key.startsWith('__'))
      safety.add(
        'dangerous',
        'external-attack-key',
        `The key "${shownText(key)}" in the place of the values of "${name}" is made to change the program that reads it.`,
        where,
      )
    else if (!known.has(key))
      structure.add(
        'note',
        'external-unknown-key',
        `The key "${shownText(key)}" in the place of the values of "${name}" means nothing.`,
        where,
      )
  }
}
