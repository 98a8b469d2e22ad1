/** −1 to 1; null where a vector has no direction or they are of different length. */
export const cosine = (a: readonly number[], b: readonly number[]): number | null => {
  if (a.length === 0 || a.length !== b.length) return null
  let dot = 0
  let ofA = 0
  let ofB = 0
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0
    dot += value * other
    ofA += value * value
    ofB += other * other
  }
  return ofA === 0 || ofB === 0 ? null : dot / Math.sqrt(ofA * ofB)
}
