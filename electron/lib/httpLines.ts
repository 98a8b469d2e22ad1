/**
 * Text lines of a byte stream, whatever the chunks: lines and UTF-8 characters may be cut anywhere between them. The
 * last line needs no line end. `tooLong` makes the error for a line above `maxLength` UTF-16
 * units, thrown before more of it is kept.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLength: number,
  tooLong: () => Error,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  const take = function* (text: string) {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = pending + text.slice(start, end)
      pending = ''
      start = end + 1
      if (line.length > maxLength) throw tooLong()
      yield line
    }
    pending += text.slice(start)
    if (pending.length > maxLength) throw tooLong()
  }
  for await (const chunk of chunks) yield* take(decoder.decode(chunk, { stream: true }))
  yield* take(decoder.decode())
  if (pending !== '') yield pending
}
