import type { Report } from '../../../shared/contract/files.ts'

/** One line of the form: a key and what becomes of it. */
export interface Change {
  /** only for the form: keys may be empty or equal while one types */
  readonly id: number
  readonly key: string
  readonly value: string
  readonly removes: boolean
}

/** Both formats have a place for text of one's own, and a file that lies alone. */
export const canWriteCopy = ({ kind, metadata }: Report): boolean =>
  kind === 'file' && /^(gguf|safetensors)/i.test(metadata.format ?? '')

/** What is sent: lines without a key are left out. */
export const changesOf = (changes: readonly Change[]): { key: string; value: string | null }[] =>
  changes
    .filter(({ key }) => key.trim() !== '')
    .map(({ key, value, removes }) => ({ key: key.trim(), value: removes ? null : value }))

/** Why it cannot be sent yet; null when it can. */
export const faultOf = (changes: readonly Change[], target: string, source: string): string | null => {
  const keys = changesOf(changes).map(({ key }) => key)
  if (keys.length === 0) return 'Name at least one key.'
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) return `“${twice}” is named twice.`
  if (target.trim() === '') return 'Say where the copy goes.'
  return target.trim() === source ? 'The copy needs a name of its own: the file itself is never changed.' : null
}
