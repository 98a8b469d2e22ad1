import { expect, test } from 'vitest'
import { readEvents } from './serverEvents.ts'

async function* linesOf(text: string) {
  yield* text.split('\n')
}
const read = async (text: string, max = 1000) => {
  const events = []
  for await (const event of readEvents(linesOf(text), max, () => new Error('too long'))) events.push(event)
  return events
}

test('events come out with their names and data, comments and unknown fields left out', async () => {
  const text = ': OPENROUTER PROCESSING\n\nevent: chat.start\ndata: {"a":1}\n\nid: 7\nretry: 3\ndata: [DONE]\n\n'
  expect(await read(text)).toEqual([
    { event: 'chat.start', data: '{"a":1}' },
    { event: 'message', data: '[DONE]' },
  ])
})

test('data of several lines is one text, and one blank after the colon is not part of it', async () => {
  expect(await read('data:one\ndata:  two\ndata\n\n')).toEqual([{ event: 'message', data: 'one\n two\n' }])
})

test('lines may end with a carriage return, and the last event needs no blank line', async () => {
  expect(await read('event: end\r\ndata: 1\r')).toEqual([{ event: 'end', data: '1' }])
})

test('a name without data is no event, and is forgotten with the blank line', async () => {
  expect(await read('event: a\n\ndata: 1\n\n')).toEqual([{ event: 'message', data: '1' }])
})

test('data without end is given up', async () => {
  await expect(read('data: 12345\n'.repeat(10), 20)).rejects.toThrow('too long')
  await expect(read('data:\n'.repeat(30), 20)).rejects.toThrow('too long')
})
