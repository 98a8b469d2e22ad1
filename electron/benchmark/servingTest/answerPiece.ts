import { BadAnswer } from './eventReader.ts'

/** What one event of an answer says. */
export interface AnswerPiece {
  /** of the answer, or of what was thought; '' where there is none */
  readonly text: string
  readonly isThought: boolean
  /** nothing comes after it */
  readonly isLast: boolean
  /** the answer is whole */
  readonly isFinished: boolean
  /** something of the protocol was in it */
  readonly isPart: boolean
  readonly usage: {
    readonly promptTokens: number | null
    readonly outputTokens: number | null
    readonly hiddenTokens: number
    readonly costUsd: number | null
  } | null
  /** the object that is an error; null: it is none */
  readonly error: Json | null
}

type Json = Readonly<Record<string, unknown>>
const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json) // an object of JSON: its keys are strings
    : null
const asAmount = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
const asText = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Read by hand, because a schema takes longer than everything else that is done with an event. @throws BadAnswer */
const parse = (data: string): Json => {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw new BadAnswer('not JSON')
  }
  const object = asObject(value)
  if (object === null) throw new BadAnswer('not an object')
  return object
}

const whole: AnswerPiece = {
  text: '',
  isThought: false,
  isLast: true,
  isFinished: true,
  isPart: true,
  usage: null,
  error: null,
}

/** One event of OpenAI's chat completions. @throws BadAnswer */
export const readOpenAiPiece = (data: string): AnswerPiece => {
  if (data.startsWith('[DONE]')) return whole
  const event = parse(data)
  const choices = Array.isArray(event.choices) ? event.choices : []
  const choice = asObject(choices[0])
  const delta = asObject(choice?.delta)
  const thought = asText(delta?.reasoning) || asText(delta?.reasoning_content)
  const text = asText(delta?.content) || thought
  const failed = choice?.finish_reason === 'error' || event.object === 'error'
  const error = asObject(event.error) ?? (event.error ? event : null) ?? (failed ? event : null)
  return {
    text,
    isThought: text !== '' && text === thought,
    isLast: false,
    isFinished: asText(choice?.finish_reason) !== '',
    isPart: choice !== null,
    usage: usageOf(event),
    error,
  }
}

const usageOf = ({ usage, timings }: Json): AnswerPiece['usage'] => {
  const told = asObject(usage)
  const llama = asObject(timings)
  if (told === null && llama === null) return null
  const read = asAmount(llama?.prompt_n)
  return {
    promptTokens: asAmount(told?.prompt_tokens) ?? (read === null ? null : read + (asAmount(llama?.cache_n) ?? 0)),
    outputTokens: asAmount(told?.completion_tokens) ?? asAmount(llama?.predicted_n),
    hiddenTokens: asAmount(asObject(told?.completion_tokens_details)?.reasoning_tokens) ?? 0,
    costUsd: asAmount(told?.cost),
  }
}

/** One line of Ollama's /api/chat. @throws BadAnswer */
export const readOllamaPiece = (data: string): AnswerPiece => {
  const line = parse(data)
  const message = asObject(line.message)
  const thought = asText(message?.thinking)
  const text = asText(message?.content) || thought
  const isLast = line.done === true
  return {
    text,
    isThought: text !== '' && text === thought,
    isLast,
    isFinished: true, // it may end one after many equal tokens without a word
    isPart: message !== null,
    usage: isLast
      ? {
          promptTokens: asAmount(line.prompt_eval_count),
          outputTokens: asAmount(line.eval_count),
          hiddenTokens: 0,
          costUsd: null,
        }
      : null,
    error: line.error === undefined ? null : line,
  }
}
