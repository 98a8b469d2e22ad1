const FLUSH_MS = 16

/** Joins pieces of text so that at most one message goes out per frame; the first piece goes at once. */
export function createTextBatch(send: (text: string) => void) {
  let pending = ''
  let lastSentAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (pending === '') return
    const text = pending
    pending = ''
    lastSentAt = performance.now()
    send(text)
  }
  return {
    flush,
    add(text: string): void {
      pending += text
      const waitMs = FLUSH_MS - (performance.now() - lastSentAt)
      if (waitMs <= 0) flush()
      else timer ??= setTimeout(flush, waitMs)
    },
  }
}
