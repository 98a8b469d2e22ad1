import type { ChatHistoryItem, LlamaChatResponseChunk } from 'node-llama-cpp'
import type { ChatMessage } from '../../../shared/contract/models.ts'
import type { ChatDone, EngineChat } from '../protocol.ts'
import { EngineError } from './faults.ts'
import type { LoadedModel } from './loadModel.ts'
import type { RunTemplate } from './watchdog.ts'

/** A template that turns the messages into more than this has run wild. */
const RENDERED_CHARACTERS_LIMIT = 64 * 1024 * 1024
/** Tokens kept free in the context; at fewer node-llama-cpp drops the beginning of the history. */
const SPARE_TOKENS = 4
/** llama.cpp's own defaults */
const sampling = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 } as const

export interface AnswerDeps {
  readonly runTemplate: RunTemplate
  readonly send: (text: string) => void
  readonly signal: AbortSignal
}

/** Answers one request with the model's own template. What the last request shares with this one stays evaluated. */
export async function answer(loaded: LoadedModel, request: EngineChat, deps: AnswerDeps): Promise<ChatDone> {
  const startedAt = performance.now()
  const { library, sequence, wrapper } = loaded
  const history = toHistory(request.messages)
  const prompt = renderPrompt(loaded, history, deps.runTemplate)
  const room = sequence.contextSize - prompt.length - SPARE_TOKENS
  if (room < 1)
    throw new EngineError(
      'PROMPT_TOO_LONG',
      `The messages are ${prompt.length} tokens; with a context of ${sequence.contextSize} at most ${sequence.contextSize - SPARE_TOKENS - 1} fit.`,
    )
  const readingSince = performance.now()
  const reused = await startPrompt(loaded, prompt, deps.signal)
  const summary = (finishReason: ChatDone['finishReason'], tokens: Tokens): ChatDone => ({
    finishReason,
    promptTokens: prompt.length,
    completionTokens: tokens.count,
    ttftMs: tokens.firstAt === null ? null : tokens.firstAt - startedAt,
    // One token alone is all that is evaluated when the prompt is known; its speed says nothing of a prompt.
    promptTokensPerSecond:
      reused === prompt.length - 1
        ? null
        : speedOf({ count: prompt.length - reused, firstAt: readingSince, lastAt: tokens.firstAt }),
    tokensPerSecond: speedOf({ ...tokens, count: tokens.count - 1 }),
    totalMs: performance.now() - startedAt,
  })
  const tokens: Tokens = { count: 0, firstAt: null, lastAt: null }
  if (deps.signal.aborted) return summary('cancelled', tokens)

  const chat = new library.LlamaChat({ contextSequence: sequence, chatWrapper: wrapper })
  const temperature = request.temperature ?? sampling.temperature
  try {
    const before = sequence.tokenMeter.getState()
    const { metadata } = await chat.generateResponse(history, {
      ...sampling,
      temperature,
      ...(request.seed === undefined ? {} : { seed: request.seed }),
      maxTokens: Math.min(request.maxTokens ?? room, room),
      repeatPenalty: false,
      signal: deps.signal,
      stopOnAbortSignal: true,
      onResponseChunk(chunk) {
        if (chunk.tokens.length > 0) {
          tokens.lastAt = performance.now()
          tokens.firstAt ??= tokens.lastAt
          tokens.count += chunk.tokens.length
        }
        deps.send(textOf(chunk))
      },
    })
    // The meter also counts what ends an answer and is no text.
    tokens.count = Math.max(tokens.count, sequence.tokenMeter.diff(before).usedOutputTokens)
    if (metadata.stopReason === 'abort') return summary('cancelled', tokens)
    return summary(metadata.stopReason === 'maxTokens' ? 'length' : 'stop', tokens)
  } catch (error) {
    if (deps.signal.aborted) return summary('cancelled', tokens)
    throw error
  } finally {
    chat.dispose({ disposeSequence: false })
  }
}

interface Tokens {
  count: number
  firstAt: number | null
  lastAt: number | null
}

/** Tokens per second; of an answer without its first token, whose time belongs to the prompt. */
function speedOf({ count, firstAt, lastAt }: Tokens): number | null {
  if (firstAt === null || lastAt === null || count < 1 || lastAt <= firstAt) return null
  return (count / (lastAt - firstAt)) * 1000
}

function toHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const items = messages.map(({ role, content }): ChatHistoryItem => {
    if (role === 'assistant') return { type: 'model', response: [content] }
    return { type: role, text: content }
  })
  // What the model is to continue: its own last message, or a new one.
  if (items.at(-1)?.type !== 'model') items.push({ type: 'model', response: [] })
  return items
}

function renderPrompt({ model, wrapper }: LoadedModel, chatHistory: ChatHistoryItem[], runTemplate: RunTemplate) {
  try {
    return runTemplate(() => {
      const { contextText } = wrapper.generateContextState({ chatHistory })
      const characters = contextText.values.reduce((sum, value) => sum + String(value).length, 0)
      if (characters > RENDERED_CHARACTERS_LIMIT) throw new Error('it makes far too much text')
      return contextText.tokenize(model.tokenizer)
    })
  } catch (error) {
    throw new EngineError('TEMPLATE_FAILED', `The model’s chat template cannot be used: ${String(error).slice(0, 500)}`)
  }
}

/**
 * Reads a long prompt batch by batch, so that it can be cancelled; the last batch is left to the generation. Resolves
 * with the number of tokens that were evaluated before.
 */
async function startPrompt(
  { sequence, context }: LoadedModel,
  prompt: ReturnType<typeof renderPrompt>,
  signal: AbortSignal,
): Promise<number> {
  // The last token is always evaluated: from it comes the first of the answer.
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false)
  const reused = sequence.nextTokenIndex
  for (let at = reused; at + context.batchSize < prompt.length && !signal.aborted; at += context.batchSize)
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, at + context.batchSize))
  return reused
}

/** Thoughts are part of the text, between the tags that most models use themselves. */
function textOf(chunk: LlamaChatResponseChunk): string {
  if (chunk.type !== 'segment' || chunk.segmentType !== 'thought') return chunk.text
  const before = chunk.segmentStartTime === undefined ? '' : '<think>'
  const after = chunk.segmentEndTime === undefined ? '' : '</think>\n'
  return before + chunk.text + after
}
