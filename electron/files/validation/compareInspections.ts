import type { Comparison } from '../../../shared/contract/files.ts'
import type { Inspection, TensorRow } from '../formats/modelFile.ts'
import { compareTemplates } from '../formats/template/compareTemplates.ts'

const mostTensorRows = 5_000

interface Value {
  readonly key: string
  readonly value: string
}

/** Keys of either side whose values are not the same, in the order of the left side. */
const changes = (left: readonly Value[], right: readonly Value[]): Comparison['facts'] => {
  const rights = new Map(right.map(({ key, value }) => [key, value]))
  const lefts = new Map(left.map(({ key, value }) => [key, value]))
  const keys = new Set([...lefts.keys(), ...rights.keys()])
  return [...keys]
    .map((key) => ({ key, left: lefts.get(key) ?? null, right: rights.get(key) ?? null }))
    .filter((change) => change.left !== change.right)
}

const factsOf = ({ facts }: Inspection): Value[] =>
  facts.flatMap(({ facts }) => facts.map(({ label, value }) => ({ key: label, value })))

const shapeOf = (row: TensorRow | undefined) => (row === undefined ? null : { type: row.type, shape: [...row.shape] })

const isSame = (one: TensorRow, other: TensorRow): boolean =>
  one.type === other.type && one.shape.join() === other.shape.join()

const compareTensors = (left: readonly TensorRow[], right: readonly TensorRow[]): Comparison['tensors'] => {
  const rights = new Map(right.map((row) => [row.name, row]))
  const lefts = new Map(left.map((row) => [row.name, row]))
  const rows: Comparison['tensors']['rows'] = []
  const counts = { same: 0, changed: 0, onlyLeft: 0, onlyRight: 0 }
  for (const name of new Set([...lefts.keys(), ...rights.keys()])) {
    const one = lefts.get(name)
    const other = rights.get(name)
    const kind = !one ? 'onlyRight' : !other ? 'onlyLeft' : isSame(one, other) ? 'same' : 'changed'
    counts[kind]++
    if (kind !== 'same' && rows.length < mostTensorRows) rows.push({ name, left: shapeOf(one), right: shapeOf(other) })
  }
  return { ...counts, rows }
}

const templateOf = ({ templates }: Inspection): string =>
  (templates.find(({ name }) => name === 'default') ?? templates[0])?.text ?? ''

/** What two models differ in, by what they say of themselves; their weights are compared by name, type and shape. */
export const compareInspections = (left: Inspection, right: Inspection): Omit<Comparison, 'left' | 'right'> => {
  const [one, other] = [templateOf(left), templateOf(right)]
  return {
    facts: changes(factsOf(left), factsOf(right)),
    keyValues: changes(left.metadata, right.metadata),
    tensors: compareTensors(left.tensors, right.tensors),
    template: one === other ? [] : [...compareTemplates(one, other)],
  }
}
