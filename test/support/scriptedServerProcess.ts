import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { randomNumbers } from '../../electron/benchmark/randomNumbers.ts'
import { clock } from '../../electron/benchmark/servingTest/clock.ts'
import type { AnswerScript, Script, WrittenAnswer } from './scriptedServer.ts'

/** The process of scriptedServer.ts: it plays the script and notes when it really wrote, by the clock of the machine. */
let script: Script = { answers: [] }
let written: WrittenAnswer[] = []
let counted = 0
/** those that wait for a place */
const waiting: (() => void)[] = []
let busy = 0

const enter = async (places: number | undefined): Promise<void> => {
  if (places !== undefined && busy >= places) await new Promise<void>((resolve) => waiting.push(resolve))
  else busy += 1
}
const leave = (): void => {
  const next = waiting.shift()
  if (next) next()
  else busy -= 1
}

/** node:http holds back what is written until the turn is over; it leaves at once here. */
const write = (response: ServerResponse, text: string): number => {
  const at = clock()
  response.write(text)
  while (response.socket?.writableCorked) response.socket.uncork()
  return at
}

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
const pieceOf = (text: string, { format }: AnswerScript): string =>
  format === 'ollama'
    ? `${JSON.stringify({ message: { content: text }, done: false })}\n`
    : event({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })
const endOf = ({ format, tokens, usage, costUsd }: AnswerScript, promptTokens: number): string => {
  const counts = usage === false ? {} : { prompt_eval_count: promptTokens, eval_count: tokens }
  if (format === 'ollama')
    return `${JSON.stringify({ message: { content: '' }, done: true, done_reason: 'length', ...counts })}\n`
  const cost = costUsd === undefined ? {} : { cost: costUsd }
  const told = { choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: tokens, ...cost } }
  const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
  return `${finish}${usage === false ? '' : event(told)}data: [DONE]\n\n`
}

const play = async (answer: AnswerScript, promptTokens: number, response: ServerResponse, note: WrittenAnswer) => {
  const { ttftMs, itlMs, tokens, jitterMs = 0, seed = 0, stall } = answer
  const random = randomNumbers(seed + note.prompt)
  const begun = clock()
  const type = answer.format === 'ollama' ? 'application/x-ndjson' : 'text/event-stream'
  response.writeHead(200, { 'content-type': type })
  let at = begun + ttftMs
  for (let index = 0; index < tokens; index++) {
    if (index > 0) at += itlMs + jitterMs * (random() * 2 - 1) + (stall?.before === index ? stall.ms : 0)
    for (let wait = at - clock(); wait > 0; wait = at - clock()) await delay(wait)
    if (response.destroyed) return
    note.pieces.push(write(response, pieceOf(` t${index}`, answer)))
    if (answer.cutAfter === index + 1) return void response.destroy()
  }
  note.end = clock()
  response.end(endOf(answer, promptTokens))
}

const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (incoming.method === 'GET') return void response.end('{"object":"list","data":[{"id":"a"}]}')
  const body = JSON.parse(Buffer.concat(await incoming.toArray()).toString('utf8'))
  const content = String(body.messages[0].content)
  const prompt = Number(/-(\d+)/.exec(content)?.[1] ?? Number.NaN)
  const note: WrittenAnswer = {
    prompt,
    receivedAt: clock(),
    pieces: [],
    end: null,
    authorization: incoming.headers.authorization ?? null,
    words: content.split(' ').length,
    body,
  }
  written.push(note)
  const answer = script.answers[counted++ % Math.max(1, script.answers.length)]
  if (answer === undefined) return void response.writeHead(500).end()
  if (answer.instead) {
    const { status, headers, body: text, forever } = answer.instead
    response.writeHead(status, headers)
    if (forever === undefined) return void response.end(text)
    const flood = (): void => {
      while (!response.destroyed && response.write(forever));
      if (!response.destroyed) response.once('drain', flood)
    }
    return flood()
  }
  await enter(script.places)
  try {
    await play(answer, content.split(' ').length, response, note)
  } finally {
    leave()
  }
}

const server = createServer((incoming, response) => {
  response.on('error', () => {}) // the client may leave at any time
  handle(incoming, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port })) // it listens on a port
process.on('message', ({ id, script: next }: { readonly id: number; readonly script?: Script }) => {
  if (next) {
    script = next
    written = []
    counted = 0
  }
  process.send?.({ id, written })
})
process.on('disconnect', () => process.exit(0))
