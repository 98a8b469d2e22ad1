import { PickleFault } from './pickleFault.ts'
import type { PickleReport } from './pickleReport.ts'
import { type Blob, type Call, type PickleValue, type Sequence, weightOf } from './pickleValue.ts'
import type { Argument } from './readArgument.ts'
import { programIn } from './textScan.ts'

/** Bytes or a text that may be a pickle itself: looked into after the pickle that holds it. */
export type Nested = Blob | { readonly bytes: Buffer; readonly offset: number }

/** Raw bytes of an array that stand in the stream behind a BUILD, as joblib writes them. */
export interface RawArray {
  /** null: a whole pickle stands there instead (objects) */
  readonly bytes: number | null
  readonly isPadded: boolean
}

/** The stack machine of one pickle, with values for what it would make. Everything it keeps is counted. */
export interface Machine {
  readonly report: PickleReport
  readonly budget: Budget
  readonly nested: Nested[]
  /** offset of the opcode at work, and its name */
  at: number
  opcode: string
  protocol: number
  /** `getattr` and `type` are allowed in one use each; imported and not used like that they are harmful */
  pendingGetattr: { offset: number; name: string } | null
  rawArray: RawArray | null
  /** the first text that has no business in a model's data */
  suspicious: { readonly word: string; readonly offset: number } | null
  /** Tells of machine code at the beginning of bytes. */
  program(head: Buffer): void
  push(value: PickleValue): void
  pop(): PickleValue
  top(): PickleValue
  mark(): void
  /** POP on a mark takes the mark */
  popOrUnmark(): void
  /** what was pushed since the last mark */
  popMark(): PickleValue[]
  put(index: number, value: PickleValue): void
  /** undefined: nothing was put there */
  get(index: number): PickleValue | undefined
  readonly memoSize: number
  sequence(kind: Sequence['kind'], items: PickleValue[]): Sequence
  call(callable: PickleValue, args: PickleValue): Call
}

/** What one opcode does. */
export type Operation = (m: Machine, argument: Argument) => void

export interface Budget {
  /** Counts bytes of memory. */
  spend(bytes: number): void
  step(cost: number): void
  isSpent(): boolean
}

/** Shared by all pickles of one file and those inside them. */
export const createBudget = (opcodes = 1e7, bytes = 32 << 20): Budget => {
  let opcodesLeft = opcodes
  let bytesLeft = bytes
  return {
    spend(cost) {
      bytesLeft -= cost
      if (bytesLeft < 0) throw new PickleFault('budget', 'it would take too much memory to follow')
    },
    step(cost) {
      opcodesLeft -= cost
      if (opcodesLeft < 0) throw new PickleFault('budget', 'it has more than 10 million steps')
    },
    isSpent: () => opcodesLeft < 0 || bytesLeft < 0,
  }
}

/** A dictionary of a hundred thousand tensors stacks three hundred thousand values. */
const highestStack = 500_000
const tooHigh = () => new PickleFault('budget', 'it stacks more values than any model needs')
const underflow = () => new PickleFault('damaged', 'it takes more values than it made')

export const createMachine = (report: PickleReport, budget: Budget): Machine => {
  const stack: PickleValue[] = []
  const marks: number[] = []
  const memo = new Map<number, PickleValue>()
  const floor = () => marks.at(-1) ?? 0
  return {
    report,
    budget,
    nested: [],
    at: 0,
    opcode: '',
    protocol: 0,
    pendingGetattr: null,
    rawArray: null,
    suspicious: null,
    program(head) {
      const found = programIn(head)
      if (found !== null) this.suspicious ??= { word: found, offset: this.at }
    },
    push(value) {
      if (stack.length >= highestStack) throw tooHigh()
      stack.push(value)
    },
    pop() {
      if (stack.length <= floor()) throw underflow()
      return stack.pop() ?? null
    },
    top() {
      if (stack.length <= floor()) throw underflow()
      return stack.at(-1) ?? null
    },
    mark() {
      if (marks.length >= highestStack) throw tooHigh()
      marks.push(stack.length)
    },
    popOrUnmark() {
      if (marks.length > 0 && stack.length === floor()) marks.pop()
      else if (stack.pop() === undefined) throw underflow()
    },
    popMark() {
      const from = marks.pop()
      if (from === undefined) throw new PickleFault('damaged', 'it closes a group that it never opened')
      return stack.splice(from)
    },
    put(index, value) {
      budget.spend(64)
      memo.set(index, value)
    },
    get: (index) => memo.get(index),
    get memoSize() {
      return memo.size
    },
    sequence(kind, items) {
      budget.spend(140 + items.length * 8)
      return { kind, items, weight: items.reduce<number>((sum, item) => sum + weightOf(item), 1) }
    },
    call(callable, args) {
      budget.spend(300)
      return {
        kind: 'call',
        callable,
        args,
        keys: [],
        values: [],
        items: [],
        state: undefined,
        weight: 1 + weightOf(args),
      }
    },
  }
}
