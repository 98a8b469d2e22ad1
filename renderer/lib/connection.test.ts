import { expect, it, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import { backOffMs, type Carrier, type ConnectionState, createConnection, NotSignedIn } from './connection.ts'

const carrier = (answer: string) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const made: Carrier = { link: { call: async () => answer }, closed: promise, close: resolve }
  return made
}

const call = (connection: { link: Carrier['link'] }) => connection.link.call(['x'], undefined, { context: {} })

it('lets the first calls wait for the first carrier', async () => {
  const opened = Promise.withResolvers<Carrier>()
  const connection = createConnection({ open: () => opened.promise, wait: async () => {}, onState: () => {} })
  void connection.run()
  const answer = call(connection)
  opened.resolve(carrier('hello'))
  expect(await answer).toBe('hello')
  connection.stop()
})

it('opens a new carrier when one falls, and rejects calls in between', async () => {
  const states: ConnectionState[] = []
  const carriers = [carrier('first'), carrier('second')]
  const waiting = Promise.withResolvers<void>()
  let opened = 0
  const connection = createConnection({
    open: async () => carriers[opened++] ?? carrier('more'),
    wait: () => waiting.promise,
    onState: (state) => states.push(state),
  })
  void connection.run()
  expect(await call(connection)).toBe('first')
  carriers[0]?.close()
  await vi.waitFor(() => expect(states.at(-1)).toEqual({ state: 'lost' }), patience)
  await expect(call(connection)).rejects.toThrow('lost')
  waiting.resolve()
  await vi.waitFor(() => expect(states.at(-1)).toEqual({ state: 'connected', generation: 2 }), patience)
  expect(await call(connection)).toBe('second')
  connection.stop()
})

it('waits longer after each failure, and stops asking when it is not let in', async () => {
  const waited: number[] = []
  const states: ConnectionState[] = []
  let tries = 0
  const connection = createConnection({
    open: async () => {
      tries += 1
      throw tries < 4 ? new Error('refused') : new NotSignedIn()
    },
    wait: async (ms) => void waited.push(ms),
    onState: (state) => states.push(state),
  })
  await connection.run()
  expect(waited).toEqual([250, 500, 1000])
  expect(states.at(-1)).toEqual({ state: 'refused' })
  await expect(call(connection)).rejects.toThrow('lost')
  expect(backOffMs(30)).toBe(10_000)
})
