import type { Findings } from '../findings.ts'
import { hasHiddenCharacters, quotedName } from '../text.ts'
import { recentTypes } from './dtypes.ts'
import type { Header } from './parseHeader.ts'

export interface HeaderText {
  readonly text: string
  readonly isAscii: boolean
}

const counted = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`)

/** What the official library takes, but a person or another reader should know of. */
export const checkHeader = (written: HeaderText, { records, metadata, oddities }: Header, findings: Findings): void => {
  const { repeatedNames, repeatedKeys, extraFields, arrays } = oddities
  const before = findings.list.length
  if (!written.text.startsWith('{'))
    findings.add('warning', 'space-before-header', 'White space stands before the header. Some readers refuse that.', 8)
  for (const name of repeatedNames)
    findings.add(
      'warning',
      'duplicate-tensor',
      `The tensor ${quotedName(name)} is given twice. The last counts for the official library; other readers may take the first.`,
    )
  for (const key of repeatedKeys)
    findings.add('warning', 'duplicate-key', `The metadata key ${quotedName(key)} is given twice; the last counts.`)
  if (arrays.length > 0)
    findings.add(
      'warning',
      'record-as-array',
      `${counted(arrays.length, 'tensor has its record', 'tensors have their records')} as an array, as ${quotedName(arrays[0] ?? '')}. Hardly any program but the official library reads that.`,
    )
  if (extraFields.length > 0)
    findings.add(
      'note',
      'extra-field',
      `${counted(extraFields.length, 'field', 'fields')} beside type, shape and offsets, as in ${quotedName(extraFields[0] ?? '')}. Nobody reads them.`,
    )
  const recent = new Set(records.map((record) => record.type).filter((type) => recentTypes.has(type)))
  if (recent.size > 0)
    findings.add(
      'note',
      'recent-type',
      `It has tensors of the type ${[...recent].join(', ')}. Programs from before 2025 refuse the file.`,
    )
  checkNames(written, { records, metadata }, findings)
  if (findings.list.length === before)
    findings.passed('header-valid', 'The header is strict JSON, with no name given twice.')
}

const checkNames = (
  { text, isAscii }: HeaderText,
  { records, metadata }: Pick<Header, 'records' | 'metadata'>,
  findings: Findings,
): void => {
  const nameless = records.find((record) => record.name === '')
  if (nameless !== undefined)
    findings.add('warning', 'empty-name', 'A tensor has no name. Most programs cannot use it.')
  // only an escape, a delete character or a character beyond ASCII can be a hidden one
  if (isAscii && !text.includes('\\') && !text.includes('\x7f')) return
  for (const { name } of records)
    if (hasHiddenCharacters(name))
      findings.add(
        'warning',
        'hidden-characters',
        `The tensor name ${quotedName(name)} has characters in it that are not seen or turn text around.`,
      )
  for (const key of metadata.keys())
    if (hasHiddenCharacters(key))
      findings.add(
        'warning',
        'hidden-characters',
        `The metadata key ${quotedName(key)} has characters in it that are not seen or turn text around.`,
      )
}
