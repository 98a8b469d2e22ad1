import { beforeAll, expect, it } from 'vitest'
import { createLock, type OpenLock, openLock } from './passphrase.ts'

const origin = 'https://api.example.org'
let lock: OpenLock
beforeAll(async () => {
  lock = await createLock('pässphrase of many letters')
})

it('seals each time anew, and opens what it sealed for this provider and origin alone', () => {
  const [one, two] = [lock.seal('a', origin, 'key'), lock.seal('a', origin, 'key')]
  expect(one).not.toBe(two)
  expect([lock.unseal('a', origin, one), lock.unseal('a', origin, two)]).toEqual(['key', 'key'])
  expect([lock.unseal('b', origin, one), lock.unseal('a', `${origin}:1`, one)]).toEqual([null, null])
  // provider and origin are not simply put together
  expect(lock.unseal('ah', 'ttps://api.example.org', one)).toBeNull()
})

it('notices every flipped bit, and everything that is too short or long', () => {
  const sealed = Buffer.from(lock.seal('a', origin, 'key'), 'base64')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = Buffer.from(sealed)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(lock.unseal('a', origin, damaged.toString('base64')), `bit ${bit}`).toBeNull()
  }
  for (let length = 0; length < sealed.length; length++)
    expect(lock.unseal('a', origin, sealed.subarray(0, length).toString('base64')), `${length} bytes`).toBeNull()
  expect(lock.unseal('a', origin, Buffer.concat([sealed, Buffer.alloc(1)]).toString('base64'))).toBeNull()
})

it('knows its passphrase again, however a keyboard composes it, and no other', async () => {
  const again = await openLock(lock.lock, 'pa\u0308ssphrase of many letters')
  expect(again.unseal('a', origin, lock.seal('a', origin, 'key'))).toBe('key')
  await expect(openLock(lock.lock, 'passphrase of many letters')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
})

it('has a salt of its own for each file', async () => {
  const other = await createLock('pässphrase of many letters')
  expect(other.lock.salt).not.toBe(lock.lock.salt)
  expect(Buffer.from(other.lock.salt, 'base64')).toHaveLength(16)
  expect(other.unseal('a', origin, lock.seal('a', origin, 'key'))).toBeNull()
})
