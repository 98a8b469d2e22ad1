export const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9
export const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57
export const isNumberByte = (byte: number): boolean =>
  isDigit(byte) || byte === 45 || byte === 43 || byte === 46 || byte === 69 || byte === 101

/** Null: it is of another form, or too long to be exact. */
export const shortInteger = (bytes: Uint8Array, from: number, to: number): number | null => {
  if (to - from > 15 || to === from || (bytes[from] === 48 && to - from > 1)) return null
  let value = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (!isDigit(byte)) return null
    value = value * 10 + byte - 48
  }
  return value
}

/** The runtime's own decoder knows the same escapes. Null: one that JSON has not. */
export const decodeEscapes = (text: string): string | null => {
  try {
    const decoded: unknown = JSON.parse(`"${text}"`)
    return typeof decoded === 'string' ? decoded : null
  } catch {
    return null
  }
}
