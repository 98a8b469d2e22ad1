/** The bytes of an answer, at most `maxBytes` and one chunk of them; `whole`: there were no more. */
export const collect = async (body: AsyncIterable<Uint8Array>, maxBytes: number) => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) return { bytes: Buffer.concat(chunks), whole: false }
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(chunks), whole: true }
}

/** `tooMuch` makes the error for a stream above `maxBytes`. */
export async function* atMost(body: AsyncIterable<Uint8Array>, maxBytes: number, tooMuch: () => Error) {
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw tooMuch()
    yield chunk
  }
}

/** UTF-8, whose characters may be cut anywhere between the chunks. */
export async function* decode(chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}
