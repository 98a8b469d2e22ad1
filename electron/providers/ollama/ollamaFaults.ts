import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { outOfMemory } from '../parts/faults.ts'

type Details = { readonly status: number; readonly providerMessage: string }

const modelMissing = /model ['"].*['"] not found/s
const verbMissing = /does not support (chat|generate|embeddings)/
const noNetwork =
  /dial tcp|lookup \S+|no such host|network is unreachable|connection refused|TLS handshake|max retries exceeded|i\/o timeout/
const invalidFile =
  /supplied file was not in GGUF format|unknown type|split GGUF|no files provided to convert|failed to validate GGUF|quantization is only supported|unsupported quantization type|unsupported (architecture|content type)/

/**
 * What its sentences mean, the first that fits. Ollama has no error codes: its status and its sentence are all there is, and
 * in a stream the status is always 200.
 */
const sentences: readonly (readonly [RegExp, (text: string, details: Details) => AppError])[] = [
  [
    outOfMemory,
    (text, details) => new AppError('OUT_OF_MEMORY', `Ollama has not enough memory for this: ${text}`, { details }),
  ],
  [
    modelMissing,
    (text, details) =>
      new AppError('MODEL_NOT_FOUND', `Ollama: ${text}`, {
        advice: 'List the models again; if it is listed, its weights are gone: pull it again.',
        details,
      }),
  ],
  [verbMissing, (text, details) => new AppError('VERB_NOT_SUPPORTED', `Ollama: ${text}`, { details })],
  [
    /pull model manifest: file does not exist/,
    (text, details) =>
      new AppError('MODEL_NOT_FOUND', `The registry has no model of this name and tag: ${text}`, {
        advice: 'Correct the name; ollama.com/library lists what there is.',
        details,
      }),
  ],
  [
    /requires a newer version of Ollama/i,
    (text, details) => new AppError('PROVIDER_TOO_OLD', `Ollama: ${text}`, { advice: 'Update Ollama.', details }),
  ],
  [
    noNetwork,
    (text, details) =>
      new AppError('PROVIDER_ERROR', `Ollama could not reach the registry: ${text}`, {
        advice:
          'Check the network of the machine that Ollama runs on, then do it again: it goes on where it was. Behind a proxy, set HTTPS_PROXY where Ollama starts.',
        details,
      }),
  ],
  [
    /no space left on device|not enough space on the disk/i,
    (text, details) =>
      new AppError('DISK_FULL', `The disk of Ollama’s machine is full: ${text}`, {
        advice: 'Remove models there, or point OLLAMA_MODELS to a larger disk, and try again.',
        details,
      }),
  ],
  [
    /digest mismatch, (file|expected)/,
    (text, details) =>
      new AppError('PROVIDER_ERROR', `What arrived is not what was sent: ${text}`, {
        advice: 'Try again; a file that is being written to cannot be sent.',
        details,
      }),
  ],
  [
    /^EOF$/,
    (text, details) =>
      new AppError('PROVIDER_ERROR', `Ollama cannot go on with an earlier download: ${text}`, {
        advice: 'Delete the files named *-partial* in the folder blobs of its models, and pull again.',
        details,
      }),
  ],
  [invalidFile, (text, details) => new AppError('FILE_INVALID', `Ollama cannot use this: ${text}`, { details })],
  [
    /invalid model name|^(name|source|destination) ".*" is invalid/s,
    (text, details) => new AppError('NAME_INVALID', `Ollama: ${text}`, { details }),
  ],
  [
    /exceeds the context length|exceeds? the (available )?context/,
    (text, details) =>
      new AppError('PROVIDER_ERROR', `Ollama reports an error (${details.status}): ${text}`, {
        advice: 'Shorten the text, or load the model with a longer context.',
        details,
      }),
  ],
  [
    /^unauthorized$|you need to be signed in|not authorized|push access denied/i,
    (text, details) =>
      new AppError('PROVIDER_ERROR', `Ollama’s account may not do this: ${text}`, {
        advice: 'Sign in on the machine that Ollama runs on: ollama signin.',
        details,
      }),
  ],
]

export const ollamaFault: ToFault = (status, text, { wait }) => {
  const details = { status, providerMessage: text }
  const fault = (code: 'PROVIDER_ERROR' | 'PROVIDER_BAD_ANSWER', message: string, advice?: string) =>
    new AppError(code, message, { details, ...(advice !== undefined && { advice }) })
  if (status !== 401 || text === 'unauthorized')
    for (const [pattern, make] of sentences) if (pattern.test(text)) return make(text, details)
  if (status === 501)
    return new AppError('VERB_NOT_SUPPORTED', `Ollama: ${text || 'this model cannot do that.'}`, { details })
  if (status === 401)
    return new AppError('PROVIDER_KEY_REJECTED', 'The server in front of Ollama did not accept the key.', { details })
  if (status === 402) return new AppError('PROVIDER_NO_CREDIT', `Ollama: ${text}`, { details })
  if (status === 403 && text === '')
    return fault(
      'PROVIDER_ERROR',
      'Ollama refused the request without a word (403).',
      'It accepts only host names it knows: use its IP address, or set OLLAMA_HOST where it starts.',
    )
  if (status === 404 || status === 405)
    return fault(
      'PROVIDER_BAD_ANSWER',
      `The server answers, but not as Ollama does (${status} ${text || 'without a word'}).`,
    )
  const waits = wait === null ? details : { ...details, waitMs: wait }
  if (status === 429)
    return new AppError(
      'PROVIDER_RATE_LIMITED',
      `Ollama takes no more requests for now: ${text || 'no reason given'}`,
      {
        details: waits,
      },
    )
  if (status === 503)
    return new AppError('PROVIDER_BUSY', `Ollama is busy: ${text || 'no reason given'}`, { details: waits })
  return fault('PROVIDER_ERROR', `Ollama reports an error (${status}): ${text || 'no reason given'}`)
}
