/**
 * A protocol mark, or the beginning of a pickle without one: an import in text, a group, a container, or the texts of
 * protocol 4. Cheap and generous: what merely looks like one fails within a few opcodes.
 */
export const startsLikePickle = (head: Uint8Array): boolean =>
  textStartsLikePickle(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 200)).toString('latin1'))

/** The same for bytes that stand in a text, one per character. */
export const textStartsLikePickle = (text: string): boolean => {
  if (text.length < 4) return false
  if (text.charCodeAt(0) === 0x80) return text.charCodeAt(1) <= 5
  return /^[(\]})N0]{0,20}[ci][A-Za-z_][\w.]*\r?\n[A-Za-z_]|^\([dlpSVIFL(c]|^[\]}][q(.]|^[\x8c\x8d\x95]|^[SV].{0,180}\n/.test(
    text.slice(0, 200),
  )
}
