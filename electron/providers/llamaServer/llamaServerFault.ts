import type { ErrorCode } from '../../../shared/contract/errors.ts'
import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { openAiFault, withoutSecrets } from '../openai/openAiFault.ts'

const general = openAiFault('llama-server')

/** What only llama-server says, by its sentences: its types are too coarse, and some faults of the client are 500 there. */
const sentences: readonly (readonly [
  pattern: RegExp,
  code: ErrorCode,
  message: (said: string) => string,
  advice?: string,
])[] = [
  [
    /loading model/i,
    'PROVIDER_BUSY',
    () => 'llama-server is loading its model.',
    'Wait until it has: a large model takes minutes.',
  ],
  [/model limit reached/i, 'PROVIDER_BUSY', () => 'llama-server holds as many models as it may, and all are in use.'],
  [/model is not loaded/i, 'MODEL_NOT_LOADED', () => 'llama-server says that the model is not loaded.'],
  [/failed to load/i, 'LOAD_FAILED', (said) => `llama-server: ${said}`, 'The reason stands in its log.'],
  [
    /proxy error/i,
    'ENGINE_CRASHED',
    () => 'The process of this model ended: it crashed, or somebody unloaded it.',
    'Load it again; the reason stands in the log of llama-server.',
  ],
  [
    /invalid HF repo format/i,
    'NAME_INVALID',
    () => 'llama-server downloads by names like user/repository or user/repository:Q4_K_M.',
  ],
  [/is not removable/i, 'VERB_NOT_SUPPORTED', () => 'llama-server removes only what it downloaded itself.'],
  [/name=.* is not found/i, 'MODEL_NOT_FOUND', (said) => `llama-server: ${said}`],
  [/does not support logits/i, 'VERB_NOT_SUPPORTED', () => 'This model does not chat: it is one for embeddings.'],
  [
    /too large to process/i,
    'INVALID_INPUT',
    (said) => `llama-server: ${said}`,
    'Send shorter texts, or start it with a larger --ubatch-size.',
  ],
  [
    /exceeds the available context/i,
    'INVALID_INPUT',
    (said) => `llama-server: ${said}`,
    'Shorten the conversation, or start the model with a larger context.',
  ],
]

export const llamaServerFault: ToFault = (status, text, more) => {
  const said = withoutSecrets(text)
  const known = sentences.find(([pattern]) => pattern.test(said))
  if (known === undefined || status === 401 || status === 403) return general(status, text, more)
  const [, code, message, advice] = known
  return new AppError(code, message(said), {
    details: { status, providerMessage: said },
    ...(advice !== undefined && { advice }),
  })
}
