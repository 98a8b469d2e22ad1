import { expect, it } from 'vitest'
import { isLoopback, parseAddress } from './providerAddress.ts'

it.each([
  ['http://user:canary@127.0.0.1', 'http://127.0.0.1'],
  ['http://user:cana/canary@127.0.0.1', 'http://127.0.0.1'],
  ['user:canary@cana@box', 'box'],
  ['http://127.0.0.1/?key=canary', 'http://127.0.0.1/…'],
  ['http://127.0.0.1/#canary', 'http://127.0.0.1/…'],
  ['ftp://user:canary@box/x', 'ftp://box/x'],
])('a refused address is told without what may be secret in it: %s', (typed, shown) => {
  expect(() => parseAddress(typed)).toThrow(
    expect.objectContaining({ code: 'ADDRESS_INVALID', message: expect.stringMatching(new RegExp(`: ${shown}$`)) }),
  )
  expect(() => parseAddress(typed)).not.toThrow('cana')
})

it.each([
  ['http://localhost:1', true],
  ['http://127.9.9.9/v1', true],
  ['http://[::1]:1', true],
  ['http://192.168.0.2', false],
  ['http://localhost.example', false],
  ['no address', false],
  ['', false],
])('is "%s" this machine? %s', (address, here) => {
  expect(isLoopback(address)).toBe(here)
})
