/**
 * Equal in all they say: for plain values out of JSON, without cycles. An absent field and one that is undefined are the same.
 * Several times faster than two texts of JSON, and without their garbage.
 */
export const sameFacts = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => sameFacts(each, b[at]))
    )
  const theirs = new Map(Object.entries(b))
  for (const [name, value] of Object.entries(a)) {
    if (!sameFacts(value, theirs.get(name))) return false
    theirs.delete(name)
  }
  return [...theirs.values()].every((value) => value === undefined)
}
