import type { Machine } from './machine.ts'
import type { PickleReader } from './pickleReader.ts'
import type { Argument } from './readArgument.ts'

/** PROTO and FRAME make nothing, but loaders disagree about odd ones, and that is what such files are made for. */
export const createFrames = (m: Machine) => {
  const start = { seen: false }
  let frameEnd: number | null = null
  const odd = (code: string, message: string) => m.report.warning(code, message, m.at, m.opcode)

  const protocol = (version: number): void => {
    if (m.protocol !== 0 || start.seen)
      odd('pickle-protocol-again', 'The pickle states its protocol more than once, or late.')
    if (version > 5) m.report.broken('pickle-protocol', `Pickle protocol ${version} does not exist.`, m.at)
    m.protocol = Math.max(m.protocol, version)
  }

  const frame = (length: number, reader: PickleReader): void => {
    if (frameEnd !== null && m.at < frameEnd) odd('pickle-frame', 'A frame of the pickle stands inside another.')
    if (length > reader.left) odd('pickle-frame', 'A frame of the pickle is longer than the file.')
    frameEnd = reader.position + length
  }

  return {
    passed(opcode: string, argument: Argument, reader: PickleReader): void {
      if (opcode === 'PROTO') protocol(Number(argument))
      else if (opcode === 'FRAME') frame(Number(argument), reader)
      else if (frameEnd !== null && m.at < frameEnd && reader.position > frameEnd)
        odd('pickle-frame', 'A value of the pickle crosses the end of its frame.')
      start.seen = true
    },
  }
}
