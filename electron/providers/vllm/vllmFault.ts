import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { openAiFault } from '../openai/openAiFault.ts'

export const sleepOff =
  'Sleep mode is off, so vLLM holds its model for as long as it runs. Start it with VLLM_SERVER_DEV_MODE=1 in its environment and with --enable-sleep-mode, on a port that nobody else reaches.'
export const adaptersOff =
  'Adapters cannot be added or removed while vLLM runs. Start it with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment and with --enable-lora.'

const standard = openAiFault('vLLM')

/** What vLLM's own sentences mean; the rest is as with any OpenAI-style server. */
export const vllmFault: ToFault = (status, text, more) => {
  const details = { status, providerMessage: text }
  if (/does not support .{0,40}(api|embeddings|chat)/i.test(text))
    return new AppError('VERB_NOT_SUPPORTED', `vLLM: ${text}`, { details })
  if (/sleep mode (is )?not (enabled|available)|enable_sleep_mode/i.test(text))
    return new AppError('VERB_NOT_SUPPORTED', sleepOff, { details })
  return standard(status, text, more)
}

/** A route that is not there: a feature is off, and the server is the right one. */
export const isMissingRoute = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'PROVIDER_ERROR' && error.details?.status === 404
