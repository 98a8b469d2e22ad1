import { textStartsLikePickle } from './looksLikePickle.ts'
import type { Machine, Operation } from './machine.ts'
import type { PickleValue } from './pickleValue.ts'
import { pythonInteger } from './pythonText.ts'
import { type Argument, type Counted, keptBytes } from './readArgument.ts'
import { suspiciousWord } from './textScan.ts'

export const lineOf = (argument: Argument): string => (Buffer.isBuffer(argument) ? argument.toString('utf8') : '')
export const numberOf = (argument: Argument): number | bigint =>
  typeof argument === 'number' || typeof argument === 'bigint' ? argument : 0

/** Long texts are not kept: nothing that matters has a name of 64 KiB. */
export const pushText = (m: Machine, text: string): void => {
  m.budget.spend(48 + text.length)
  const word = suspiciousWord(text)
  if (word !== null) m.suspicious ??= { word, offset: m.at }
  if (textStartsLikePickle(text)) {
    m.budget.spend(400 + text.length)
    m.nested.push({ bytes: Buffer.from(text, 'latin1'), offset: m.at })
  }
  m.push(text)
}

const isCounted = (argument: Argument): argument is Counted =>
  argument !== null && typeof argument === 'object' && 'head' in argument

export const pushCountedText: Operation = (m, argument) => {
  if (!isCounted(argument)) return
  if (argument.length > keptBytes) pushBlob(m, argument, 'long-text')
  else pushText(m, argument.head.toString('utf8'))
}

/** STRING and its kin are bytes of Python 2: text in Python 3. */
export const pushOldString: Operation = (m, argument) => {
  if (!isCounted(argument)) return
  if (argument.length > keptBytes) pushBlob(m, argument, 'bytes')
  else pushText(m, argument.head.toString('latin1'))
}

const pushBlob = (m: Machine, { offset, length, head }: Counted, kind: 'bytes' | 'long-text'): void => {
  m.budget.spend(160)
  const word = suspiciousWord(head.toString('latin1'))
  if (word !== null) m.suspicious ??= { word, offset: m.at }
  const blob = { kind, offset, length }
  m.nested.push(blob)
  m.program(head)
  m.push(blob)
}

export const pushBytes: Operation = (m, argument) => {
  if (isCounted(argument)) pushBlob(m, argument, 'bytes')
}

export const opaque = (why: string): PickleValue => ({ kind: 'opaque', why })

export const pushInteger: Operation = (m, argument) => {
  const line = lineOf(argument)
  if (m.opcode === 'INT' && (line === '00' || line === '01')) m.push(line === '01')
  else m.push(pythonInteger(line.replace(/L\s*$/, '')) ?? opaque('a number that cannot be read'))
}
