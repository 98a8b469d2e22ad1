import type { Findings } from '../findings.ts'
import type { TensorRow } from '../modelFile.ts'
import { shownText } from '../text.ts'
import type { NpyHeader } from './readNpy.ts'

/** Where one array lies. */
export interface ArrayPlace {
  readonly name: string
  /** all bytes there are, header included */
  readonly sizeBytes: number
  /** of its header, in the file; null: compressed */
  readonly offset: number | null
}

/** Compares the header with the bytes that are there. NumPy accepts more of them, and refuses less. */
export const arrayOf = (
  header: NpyHeader,
  { name, sizeBytes, offset }: ArrayPlace,
  structure: Findings,
): TensorRow | null => {
  const elements = header.shape.reduce((all, side) => all * side, 1)
  const there = Number.isSafeInteger(sizeBytes) ? Math.max(0, sizeBytes - header.dataOffset) : 0
  const where = { tensor: name, offset: offset === null ? null : offset + header.dataOffset }
  const shown = shownText(name)
  if (!Number.isSafeInteger(elements * (header.itemBytes ?? 1))) {
    structure.add('broken', 'array-too-large', `The array "${shown}" is larger than any memory.`, where)
    return null
  }
  const bytes = header.itemBytes === null ? null : elements * header.itemBytes
  if (bytes === null && !header.hasObjects)
    structure.add(
      'unknown',
      'unknown-number-type',
      `The array "${shown}" has numbers of a type (${shownText(header.type)}) that is not known.`,
      where,
    )
  if (bytes !== null && bytes > there)
    structure.add(
      'broken',
      'data-truncated',
      `The array "${shown}" needs ${bytes} bytes and ${there} are there: it is incomplete. Download it again.`,
      where,
    )
  else if (bytes !== null && bytes < there)
    structure.add('note', 'data-behind', `${there - bytes} bytes stand behind the array "${shown}".`, where)
  if (header.isBigEndian) structure.add('note', 'big-endian', `The numbers of "${shown}" are stored big-endian.`, where)
  return {
    name,
    type: header.isBigEndian ? `${header.type} big-endian` : header.type,
    shape: header.shape,
    elements,
    bytes: bytes ?? there,
    offset: where.offset,
    file: null,
  }
}
