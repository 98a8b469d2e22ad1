import type { ChatHistoryItem, LlamaChatResponseChunk } from 'node-llama-cpp'
import type { ChatMessage } from '../../../shared/contract/answers.ts'
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
  const before = sequence.tokenMeter.getState()
  const text: Span = { from: null, to: null }
  const summary = (finishReason: ChatDone['finishReason']): ChatDone => {
    // Of the meter, because a chunk may tell of one token as the several that would make the same text.
    const completionTokens = sequence.tokenMeter.diff(before).usedOutputTokens
    return {
      finishReason,
      promptTokens: prompt.length,
      completionTokens,
      ttftMs: text.from === null ? null : text.from - startedAt,
      // One token alone is all that is evaluated when the prompt is known; its speed says nothing of a prompt.
      promptTokensPerSecond:
        reused === prompt.length - 1 ? null : speedOf(prompt.length - reused, { from: readingSince, to: text.from }),
      // Without the first one, whose time belongs to the prompt.
      tokensPerSecond: speedOf(completionTokens - 1, text),
      totalMs: performance.now() - startedAt,
    }
  }
  if (deps.signal.aborted) return summary('cancelled')

  const chat = new library.LlamaChat({ contextSequence: sequence, chatWrapper: wrapper })
  const temperature = request.temperature ?? sampling.temperature
  try {
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
          text.to = performance.now()
          text.from ??= text.to
        }
        deps.send(textOf(chunk))
      },
    })
    if (metadata.stopReason === 'abort') return summary('cancelled')
    return summary(metadata.stopReason === 'maxTokens' ? 'length' : 'stop')
  } catch (error) {
    if (deps.signal.aborted) return summary('cancelled')
    throw error
  } finally {
    chat.dispose({ disposeSequence: false })
  }
}

/** Milliseconds of `performance.now()`; null: not yet. */
interface Span {
  from: number | null
  to: number | null
}

/** Tokens per second; null when there was no token, or no time. */
function speedOf(count: number, { from, to }: Span): number | null {
  return from === null || to === null || count < 1 || to <= from ? null : (count / (to - from)) * 1000
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
