import { AppError } from '../../lib/appError.ts'

const outOfMemory =
  /out of memory|outofdevicememory|more (system|gpu|video) memory|(not enough|insufficient) (system |gpu |video )?memory|(failed|unable) to allocate|cannot allocate memory/i
const modelMissing = /model ['"].*['"] not found/s
const verbMissing = /does not support (chat|generate|embeddings)/

/** Ollama has no error codes: its HTTP status and its sentence are all there is. */
export const ollamaFault = (status: number, text: string): AppError => {
  const details = { status, providerMessage: text }
  if (outOfMemory.test(text))
    return new AppError('OUT_OF_MEMORY', `Ollama has not enough memory for this: ${text}`, { details })
  if (modelMissing.test(text))
    return new AppError('MODEL_NOT_FOUND', `Ollama: ${text}`, {
      advice: 'List the models again; if it is listed, its weights are gone: pull it again.',
      details,
    })
  if (verbMissing.test(text)) return new AppError('VERB_NOT_SUPPORTED', `Ollama: ${text}`, { details })
  if (status === 404 || status === 405)
    return new AppError(
      'PROVIDER_BAD_ANSWER',
      `The server answers, but not as Ollama does (${status} ${text || 'without a word'}).`,
      { details },
    )
  if (status === 403 && text === '')
    return new AppError('PROVIDER_ERROR', 'Ollama refused the request without a word (403).', {
      advice: 'It accepts only host names it knows: use its IP address, or set OLLAMA_HOST where it starts.',
      details,
    })
  if (status === 503)
    return new AppError('PROVIDER_ERROR', `Ollama is busy: ${text || 'no reason given'}`, {
      advice: 'Wait for its other requests to finish and try again.',
      details,
    })
  return new AppError('PROVIDER_ERROR', `Ollama reports an error (${status}): ${text || 'no reason given'}`, {
    details,
  })
}
