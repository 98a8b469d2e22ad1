import type { Machine, Operation } from './machine.ts'
import { PickleFault } from './pickleFault.ts'
import { isGlobal, isNode, type PickleValue, shownValue, weightOf } from './pickleValue.ts'

/** Only containers, and what a call made, take items; on an imported name it would change the program itself. */
const refuseItems = (m: Machine, target: PickleValue): void => {
  if (!isGlobal(target) && !(isNode(target) && target.kind === 'opaque'))
    throw new PickleFault('damaged', `${m.opcode} adds to something that takes no items`)
  m.report.dangerous(
    'pickle-attribute-write',
    `Loading this file changes ${shownValue(target)} itself.`,
    m.at,
    m.opcode,
  )
}

export const addItems = (m: Machine, items: readonly PickleValue[]): void => {
  const target = m.top()
  if (!isNode(target) || !('items' in target) || target.kind === 'tuple') {
    refuseItems(m, target)
    return
  }
  m.budget.spend(items.length * 8)
  for (const item of items) {
    target.items.push(item)
    target.weight += weightOf(item)
  }
}

export const addPairs = (m: Machine, pairs: readonly PickleValue[]): void => {
  const target = m.top()
  if (pairs.length % 2 !== 0) throw new PickleFault('damaged', `${m.opcode} has a key without a value`)
  if (!isNode(target) || !('keys' in target)) {
    refuseItems(m, target)
    return
  }
  m.budget.spend(pairs.length * 8)
  for (let index = 0; index < pairs.length; index += 2) {
    const [key = null, value = null] = [pairs[index], pairs[index + 1]]
    target.keys.push(key)
    target.values.push(value)
    target.weight += weightOf(key) + weightOf(value)
  }
}

export const pushDict = (m: Machine, pairs: readonly PickleValue[]): void => {
  m.budget.spend(240)
  m.push({ kind: 'dict', keys: [], values: [], weight: 1 })
  addPairs(m, pairs)
}

export const tupleOf =
  (count: number): Operation =>
  (m) => {
    const items: PickleValue[] = []
    for (let index = 0; index < count; index++) items.unshift(m.pop())
    m.push(m.sequence('tuple', items))
  }

export const empty =
  (kind: 'list' | 'set' | 'tuple'): Operation =>
  (m) =>
    m.push(m.sequence(kind, []))
export const marked =
  (kind: 'list' | 'tuple' | 'frozenset'): Operation =>
  (m) =>
    m.push(m.sequence(kind, m.popMark()))
