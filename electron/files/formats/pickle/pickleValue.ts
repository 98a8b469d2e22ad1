import { shownText } from '../text.ts'

/**
 * What a pickle would make, as far as it can be told without making it. Values are shared, never copied, and may hold
 * themselves: whoever walks them limits depth and steps.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleNode
export type PickleNode = Sequence | Mapping | GlobalName | Persistent | Call | Blob | Opaque

interface Weighed {
  /** how many values it would be written out in full, shared parts counted every time they appear */
  weight: number
}

export interface Sequence extends Weighed {
  readonly kind: 'tuple' | 'list' | 'set' | 'frozenset'
  readonly items: PickleValue[]
}

interface Mapping extends Weighed {
  readonly kind: 'dict'
  readonly keys: PickleValue[]
  readonly values: PickleValue[]
}

/** A name that is imported when the pickle is loaded. */
export interface GlobalName {
  readonly kind: 'global'
  readonly module: string
  readonly name: string
}

/** What the loader fetches from outside the pickle: PyTorch's storages. */
interface Persistent {
  readonly kind: 'persistent'
  readonly id: PickleValue
}

/** What a call gives, with what was put into it afterwards. */
export interface Call extends Weighed {
  readonly kind: 'call'
  readonly callable: PickleValue
  readonly args: PickleValue
  readonly keys: PickleValue[]
  readonly values: PickleValue[]
  readonly items: PickleValue[]
  state: PickleValue | undefined
}

/** Bytes, or a text too long to keep; where it lies in the source. */
export interface Blob {
  readonly kind: 'bytes' | 'long-text'
  readonly offset: number
  readonly length: number
}

/** Nothing can be told of it. */
interface Opaque {
  readonly kind: 'opaque'
  readonly why: string
}

export const isNode = (value: PickleValue | undefined): value is PickleNode =>
  typeof value === 'object' && value !== null

export const isGlobal = (value: PickleValue | undefined): value is GlobalName =>
  isNode(value) && value.kind === 'global'

export const isCall = (value: PickleValue | undefined): value is Call => isNode(value) && value.kind === 'call'

export const isTuple = (value: PickleValue | undefined): value is Sequence => isNode(value) && value.kind === 'tuple'

export const weightOf = (value: PickleValue): number => (isNode(value) && 'weight' in value ? value.weight : 1)

export const nameOf = ({ module, name }: GlobalName): string => `${module}.${name}`

/** What messages show of a value: short, and without its insides. */
export const shownValue = (value: PickleValue): string => {
  if (isGlobal(value)) return shownText(nameOf(value))
  if (isCall(value)) return `the result of ${isGlobal(value.callable) ? shownText(nameOf(value.callable)) : 'a call'}`
  if (isNode(value)) return value.kind === 'opaque' ? value.why : `a ${value.kind}`
  return typeof value === 'string' ? `"${shownText(value)}"` : String(value)
}
