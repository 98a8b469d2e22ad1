import type { ByteSource } from '../byteSource.ts'
import { createFrames } from './frames.ts'
import { type Budget, createMachine, type Machine, type Nested } from './machine.ts'
import { opcodes } from './opcodes.ts'
import { operations } from './operations.ts'
import { PickleFault } from './pickleFault.ts'
import { createPickleReader, type PickleReader } from './pickleReader.ts'
import type { PickleReport } from './pickleReport.ts'
import { type PickleValue, weightOf } from './pickleValue.ts'
import { readArgument } from './readArgument.ts'

export interface OnePickle {
  readonly root: PickleValue
  readonly offset: number
  readonly endOffset: number
  readonly protocol: number
  readonly fault: PickleFault | null
  readonly nested: readonly Nested[]
  readonly suspicious: Machine['suspicious']
}

export interface RunContext {
  readonly report: PickleReport
  readonly budget: Budget
  readonly signal: AbortSignal | undefined
  readonly depth?: number
}

/** How many values a model's pickle is written out; more is a bomb of shared lists. */
const heaviest = 1e9

/** One pickle from `offset` to its STOP. A fault ends it; what came before counts. */
export const runPickle = async (source: ByteSource, offset: number, context: RunContext): Promise<OnePickle> => {
  const { report, budget } = context
  const m = createMachine(report, budget)
  const reader = createPickleReader(source, offset)
  let root: PickleValue = null
  let fault: PickleFault | null = null
  try {
    root = await follow(m, source, reader, context)
    if (weightOf(root) > heaviest)
      report.warning(
        'pickle-expands',
        'Written out, this file would be billions of values: it is made to exhaust memory.',
        offset,
      )
  } catch (error) {
    if (!(error instanceof PickleFault)) throw error
    fault = error
    tellFault(m, fault)
  }
  if (m.pendingGetattr !== null)
    report.dangerous(
      'pickle-dangerous-import',
      `Loading this file imports ${m.pendingGetattr.name} and does not use it as PyTorch does.`,
      m.pendingGetattr.offset,
      m.pendingGetattr.name,
    )
  return {
    root,
    offset,
    endOffset: reader.position,
    protocol: m.protocol,
    fault,
    nested: m.nested,
    suspicious: m.suspicious,
  }
}

const tellFault = (m: Machine, fault: PickleFault): void => {
  const { report, at, opcode } = m
  if (fault.kind === 'budget') report.unreadable(`The pickle was not read to its end: ${fault.message}.`, at)
  else if (report.hasCode)
    report.dangerous(
      'pickle-broken-after-code',
      `The pickle is damaged (${fault.message}), but only after code that has run by then.`,
      at,
      opcode,
    )
  else report.broken('pickle-damaged', `The pickle is damaged: ${fault.message}.`, at)
}

const stopCode = 0x2e
const byCode = opcodes.map((opcode) => (opcode === undefined ? undefined : operations[opcode.name]))

const follow = async (
  m: Machine,
  source: ByteSource,
  reader: PickleReader,
  context: RunContext,
): Promise<PickleValue> => {
  const frames = createFrames(m)
  for (let step = 0; ; step++) {
    if ((step & 0xffff) === 0) context.signal?.throwIfAborted()
    m.at = reader.position
    const quick = reader.quick()
    const code = quick >= 0 ? quick : await nextByte(reader)
    const opcode = opcodes[code]
    if (opcode === undefined)
      throw new PickleFault('damaged', `0x${code.toString(16).padStart(2, '0')} at ${m.at} is no opcode`)
    m.budget.step(opcode.cost)
    m.opcode = opcode.name
    const reading = opcode.argument === 'none' ? null : readArgument(reader, opcode.argument)
    const argument = reading instanceof Promise ? await reading : reading
    frames.passed(opcode.name, argument, reader)
    if (code === stopCode) return m.pop()
    byCode[code]?.(m, argument)
    if (m.rawArray !== null) await passArray(m, source, reader, context)
  }
}

const nextByte = async (reader: PickleReader): Promise<number> => {
  await reader.ready(1)
  return reader.take(1)[0] ?? 0
}

/** joblib: padding and raw bytes, or a whole pickle, stand in the stream. */
const passArray = async (m: Machine, source: ByteSource, reader: PickleReader, context: RunContext): Promise<void> => {
  const { rawArray } = m
  m.rawArray = null
  if (rawArray === null) return
  const { depth = 0 } = context
  if (rawArray.bytes === null) {
    if (depth >= 5) throw new PickleFault('budget', 'arrays of objects are nested more than 5 deep')
    const inner = await runPickle(source, reader.position, { ...context, depth: depth + 1 })
    m.nested.push(...inner.nested)
    if (inner.fault !== null) throw inner.fault
    reader.skip(inner.endOffset - reader.position)
    return
  }
  if (rawArray.isPadded) {
    const wait = reader.ready(1)
    if (wait !== undefined) await wait
    reader.skip(reader.take(1).readUInt8())
  }
  reader.skip(rawArray.bytes)
}
