import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { openAiFault, readOpenAiError } from '../openai/openAiFault.ts'

export const onlyChat =
  'Lemonade runs this model for chat alone, as all models of its extra folder. To embed with it, give it an entry in user_models.json with the label “embeddings” and restart Lemonade.'
export const costsTheOthers = 'A load that fails makes Lemonade unload every other model, the pinned ones too.'

const standard = openAiFault('Lemonade')
const codeOf = (answer: unknown): string | null =>
  typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string'
    ? answer.code
    : null

/** Lemonade has four shapes of errors, and codes of its own in three of them. */
export const lemonadeFault: ToFault = (status, text, more) => {
  const error = readOpenAiError(status, more.answer)
  const code = error.code ?? codeOf(more.answer) ?? error.type
  const said = error.message ?? text
  const details = { status: error.status ?? status, providerMessage: said }
  const fault = (as: ConstructorParameters<typeof AppError>[0], message: string, advice: string) =>
    new AppError(as, message, { advice, details })

  if (code === 'lemond_offline')
    return fault(
      'PROVIDER_ERROR',
      'Lemonade is set to stay offline, so it downloads nothing.',
      'Allow it with: lemonade config set offline=false.',
    )
  if (code === 'unknown_model' || /repository not found|no \.gguf files found/i.test(said))
    return fault(
      'MODEL_NOT_FOUND',
      `Lemonade: ${said.split(/\.\s/, 1)[0] ?? said}`,
      'Give a name of its catalogue, or owner/repository:QUANTISATION of Hugging Face.',
    )
  if (/^model not found/i.test(said)) return new AppError('MODEL_NOT_FOUND', `Lemonade: ${said}.`, { details })
  if (code === 'slots_pinned_error')
    return fault('BUSY', `Lemonade has no room: ${said}`, 'Unload one of the pinned models first.')
  if (code === 'model_load_error' && !/out of memory|allocate/i.test(said))
    return fault(
      'LOAD_FAILED',
      `Lemonade: ${said}.`.replace(/\.\.$/, '.'),
      `${costsTheOthers} Its log says why; check the file and the options.`,
    )
  if (said.includes('backend_watchdog_reset') || isWatchdogReset(more.answer))
    return fault('ENGINE_CRASHED', `The engine of this model ended: ${said}`, 'Ask again: Lemonade has restarted it.')
  if (status === 501 && /embeddings/i.test(said)) return new AppError('VERB_NOT_SUPPORTED', onlyChat, { details })
  return standard(status, text, more)
}

const isWatchdogReset = (answer: unknown): boolean =>
  JSON.stringify(answer ?? null).includes('"code":"backend_watchdog_reset"')

/** `/v1/unload` and `/internal/pin` say it with two statuses and two shapes. */
export const isNotLoaded = (error: unknown): boolean =>
  error instanceof AppError && /^model not loaded/i.test(String(error.details?.providerMessage ?? ''))
