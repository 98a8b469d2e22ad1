import { expect, it } from 'vitest'
import { type Change, changesOf, faultOf } from './writeCopy.ts'

const change = (key: string, over: Partial<Change> = {}): Change => ({
  id: 0,
  key,
  value: 'x',
  removes: false,
  ...over,
})

it('sends named keys only, and null for those that go', () => {
  const changes = [change(' general.name '), change(''), change('general.url', { removes: true })]
  expect(changesOf(changes)).toEqual([
    { key: 'general.name', value: 'x' },
    { key: 'general.url', value: null },
  ])
})

it('says what is missing before anything is sent', () => {
  expect(faultOf([change('')], '/b', '/a')).toMatch(/at least one key/)
  expect(faultOf([change('k'), change('k')], '/b', '/a')).toMatch(/twice/)
  expect(faultOf([change('k')], ' ', '/a')).toMatch(/where/)
  expect(faultOf([change('k')], '/a', '/a')).toMatch(/never changed/)
  expect(faultOf([change('k')], '/b', '/a')).toBe(null)
})
