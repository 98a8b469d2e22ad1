const pattern = /^[0-9a-f]{64}$/

/**
 * The one way from text to a SHA-256: 64 hex digits in lower case, or null. What it answers is compared and shown; it
 * never becomes a path.
 */
export const parseDigest = (text: string): string | null => {
  const lower = text.toLowerCase()
  return pattern.test(lower) ? lower : null
}
