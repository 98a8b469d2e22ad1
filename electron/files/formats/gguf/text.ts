import { isUtf8 } from 'node:buffer'

/** UTF-8 by convention, validated by nobody: what is not UTF-8 is shown with its bytes escaped, so it stays distinct. */
export const decodeText = (bytes: Buffer): { text: string; invalid: boolean } => {
  const text = bytes.toString('utf8', 0, bytes.length)
  if (!text.includes('\ufffd') || isUtf8(bytes)) return { text, invalid: false }
  const escaped = bytes
    .toString('latin1', 0, bytes.length)
    .replace(/[\x80-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`)
  return { text: escaped, invalid: true }
}
