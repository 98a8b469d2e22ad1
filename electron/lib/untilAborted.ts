/**
 * The answer, or the signal's reason as soon as it is aborted: who does not heed its signal must not hold up whoever gives up
 * on it. What comes of the answer later is nobody's.
 */
export const untilAborted = async <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
