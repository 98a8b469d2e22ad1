import { expect, it } from 'vitest'
import { anInstance } from '../../test/support/instance.ts'
import { keptSpeeds, type Speeds, withSpeeds } from './speeds.ts'

const answered = (at: number, tokensPerSecond: number | null) =>
  anInstance('embedded/phi', { lastChat: { at, tokensPerSecond, ttftMs: null } })
const speedsOf = (speeds: Speeds) => speeds.get('embedded/phi')?.map(({ tokensPerSecond }) => tokensPerSecond)

it('keeps each answer once, and none whose speed is not known', () => {
  let speeds: Speeds = new Map()
  for (const instance of [answered(1, 40), answered(1, 40), answered(2, null), answered(3, 42)])
    speeds = withSpeeds(speeds, [instance])
  expect(speedsOf(speeds)).toEqual([40, 42])
  expect(withSpeeds(speeds, [answered(3, 42), anInstance('embedded/new')])).toBe(speeds)
})

it('forgets the oldest', () => {
  let speeds: Speeds = new Map()
  for (let at = 1; at <= keptSpeeds + 2; at += 1) speeds = withSpeeds(speeds, [answered(at, at)])
  expect(speedsOf(speeds)?.length).toBe(keptSpeeds)
  expect(speedsOf(speeds)?.at(0)).toBe(3)
})
