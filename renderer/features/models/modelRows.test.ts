import { expect, test } from 'vitest'
import { aModel } from '../../lib/testMirror.ts'
import { bytesOnDisk, modelRows, otherNames } from './modelRows.ts'

const none = new Map()
const idsOf = (rows: ReturnType<typeof modelRows>) => rows.map(({ places }) => places.map(({ model }) => model))
const same = (model: string, evidence: 'digest' | 'file' | 'name' = 'digest') => ({ model, evidence })

test('places of the same weights are one row, through others too; a likeness of names is not', () => {
  const rows = modelRows(
    [
      aModel('a/x', { sameAs: [same('b/x')] }),
      aModel('b/x', { sameAs: [same('a/x'), same('c/x', 'file')] }),
      aModel('c/x', { sameAs: [same('b/x', 'file')] }),
      aModel('d/x', { sameAs: [same('a/x', 'name')] }),
    ],
    none,
  )
  expect(idsOf(rows)).toEqual([['a/x', 'b/x', 'c/x'], ['d/x']])
})

test('a row is about the place in use, and keeps its id', () => {
  const places = (state: 'loaded' | 'unloaded') => [
    aModel('b/x', { sameAs: [same('a/x')] }),
    aModel('a/x', { sameAs: [same('b/x')], state }),
  ]
  const [before] = modelRows(places('unloaded'), none)
  const [after] = modelRows(places('loaded'), none)
  expect([before?.id, before?.model.model]).toEqual(['a/x', 'b/x'])
  expect([after?.id, after?.model.model]).toEqual(['a/x', 'a/x'])
})

test('a row stands where the place does that it is about, and stays there when another one is loaded', () => {
  const models = (state: 'loaded' | 'unloaded') => [
    aModel('a/first', { sameAs: [same('b/last')], state: 'unloaded' }),
    aModel('a/middle'),
    aModel('b/last', { sameAs: [same('a/first')], state }),
  ]
  const asked = modelRows(models('loaded'), none)
  expect(asked.map(({ model }) => model.model)).toEqual(['a/middle', 'b/last'])
  const before = modelRows(models('unloaded'), none)
  expect(before.map(({ model }) => model.model)).toEqual(['a/first', 'a/middle'])
  const after = modelRows(models('loaded'), new Map(before.map((row) => [row.id, row])))
  expect(after.map(({ model }) => model.model)).toEqual(['b/last', 'a/middle'])
})

test('names that a provider has besides for the same weights are told, one for each other provider is not', () => {
  const [row] = modelRows(
    [
      aModel('a/x', { key: 'x', sameAs: [same('a/y'), same('b/z')] }),
      aModel('a/y', { key: 'y', name: 'Y', sameAs: [same('a/x')] }),
      aModel('b/z', { key: 'z', sameAs: [same('a/x')] }),
    ],
    none,
  )
  expect(row && otherNames(row)).toEqual(['Y'])
  const [elsewhere] = modelRows(
    [
      aModel('b/x', { sameAs: [same('a/w'), same('a/x')] }),
      aModel('a/w', { sameAs: [same('b/x')] }),
      aModel('a/x', { sameAs: [same('b/x')] }),
    ],
    none,
  )
  expect(elsewhere && otherNames(elsewhere)).toEqual(['w'])
})

test('a place that is filtered out is not part of the row, and a row that did not change is the same object', () => {
  const models = [aModel('a/x', { sameAs: [same('b/x')] }), aModel('c/y')]
  const rows = modelRows(models, none)
  expect(idsOf(rows)).toEqual([['a/x'], ['c/y']])
  const again = modelRows(models, new Map(rows.map((row) => [row.id, row])))
  expect(again[0]).toBe(rows[0])
})

test('a file that two providers use counts once, copies count each', () => {
  const bytesOf = (evidence: 'digest' | 'file') => {
    const [row] = modelRows(
      [
        aModel('a/x', { sameAs: [same('b/x', evidence)], sizeBytes: 100 }),
        aModel('b/x', { sameAs: [same('a/x', evidence)], sizeBytes: 100 }),
      ],
      none,
    )
    return row && bytesOnDisk(row)
  }
  expect([bytesOf('file'), bytesOf('digest')]).toEqual([100, 200])
  const [remote] = modelRows([aModel('a/x')], none)
  expect(remote && bytesOnDisk(remote)).toBeNull()
})
