/** `event` is `message` when the server named none. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/**
 * Server-sent events out of their lines (WHATWG HTML, 9.2.6): comments are skipped, data of several lines is joined, and an
 * event that the end of the stream cut off is still told, because servers of models leave the last blank line out.
 * `tooLong` makes the error for data above `maxLength` UTF-16 units, line ends counted.
 */
export async function* readEvents(
  lines: AsyncIterable<string>,
  maxLength: number,
  tooLong: () => Error,
): AsyncGenerator<ServerEvent> {
  let event = 'message'
  let data: string[] = []
  let length = 0
  for await (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line === '') {
      if (data.length > 0) yield { event, data: data.join('\n') }
      event = 'message'
      data = []
      length = 0
      continue
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === 'event') event = value
    if (field !== 'data') continue
    length += value.length + 1 // lines without anything in them are kept too
    if (length > maxLength) throw tooLong()
    data.push(value)
  }
  if (data.length > 0) yield { event, data: data.join('\n') }
}
