/** One after the other; one that fails keeps none of the others from its end, and is thrown afterwards. */
export const endAll = async (steps: readonly (() => unknown)[]): Promise<void> => {
  const faults: unknown[] = []
  for (const step of steps)
    try {
      await step()
    } catch (error) {
      faults.push(error)
    }
  if (faults.length > 0) throw faults.length === 1 ? faults[0] : new AggregateError(faults)
}
