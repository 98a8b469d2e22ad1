import { StringDecoder } from 'node:string_decoder'

/** The server broke its protocol, or a limit. */
export class BadAnswer extends Error {}

/**
 * The events of a stream, in the same turn in which its bytes are given: lines of JSON, or server-sent events (WHATWG HTML, 9.2.6).
 * What was cut off by the end of the stream is told by `end`. @throws BadAnswer for a line or an event above `maxLength`
 */
export const createEventReader = (format: 'openai' | 'ollama', maxLength: number, onData: (data: string) => void) => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let data: string[] = []
  let length = 0

  const endOfEvent = (): void => {
    if (data.length > 0) onData(data.join('\n'))
    data = []
    length = 0
  }
  const takeLine = (raw: string): void => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (format === 'ollama') {
      if (line.trim() !== '') onData(line)
      return
    }
    if (line === '') endOfEvent()
    if (!line.startsWith('data')) {
      if (line.startsWith('{')) onData(line) // one JSON object in place of events is an error
      return
    }
    if (line[4] !== ':') return
    const value = line.slice(line[5] === ' ' ? 6 : 5)
    length += value.length + 1
    if (length > maxLength) throw new BadAnswer('an event is too long')
    data.push(value)
  }
  const takeText = (text: string): void => {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = rest + text.slice(start, end)
      rest = ''
      start = end + 1
      if (line.length > maxLength) throw new BadAnswer('a line is too long')
      takeLine(line)
    }
    rest += text.slice(start)
    if (rest.length > maxLength) throw new BadAnswer('a line is too long')
  }
  return {
    take: (chunk: Buffer): void => takeText(decoder.write(chunk)),
    end: (): void => {
      takeText(decoder.end())
      if (rest !== '') takeLine(rest)
      rest = ''
      endOfEvent()
    },
  }
}
