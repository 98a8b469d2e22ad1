import { describe, expect, it } from 'vitest'
import { fitChecks } from './fitChecks.ts'

const gib = 2 ** 30
const facts = { architecture: null, contextLength: null, geometry: null, dataBytes: 4 * gib }
const codes = (room: { totalBytes: number | null; freeBytes: number | null }) =>
  fitChecks(facts, room).map(({ code }) => code)

describe('does it fit', () => {
  it('what fits into free memory passes, what fits after an unload is a note, what never fits a warning', () => {
    expect(codes({ totalBytes: 16 * gib, freeBytes: 8 * gib })).toEqual(['fits'])
    expect(codes({ totalBytes: 16 * gib, freeBytes: 2 * gib })).toEqual(['tight'])
    expect(codes({ totalBytes: 4 * gib, freeBytes: 4 * gib })).toEqual(['does-not-fit'])
  })

  it('says that it speaks of the weights alone where the rest cannot be computed', () => {
    expect(fitChecks(facts, { totalBytes: 16 * gib, freeBytes: null })[0]?.message).toBe(
      'Its weights alone need 4.0 GiB; this machine has 16.0 GiB.',
    )
  })

  it('says nothing of a machine it does not know, or of a file without weights', () => {
    expect(codes({ totalBytes: null, freeBytes: null })).toEqual([])
    expect(fitChecks({ ...facts, dataBytes: 0 }, { totalBytes: gib, freeBytes: gib })).toEqual([])
  })
})
