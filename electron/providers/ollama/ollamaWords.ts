import { oneLine } from '../../lib/httpFaults.ts'

/** What Ollama says while it works → words for people. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^(pulling|retrieving) manifest$/, 'Reading the manifest'],
  [/^couldn't retrieve manifest$/, 'Reading the manifest'],
  [/^pulling (.+)$/, 'Downloading $1'],
  [/^verifying sha256 digest$/, 'Checking what was downloaded'],
  [/^writing manifest$/, 'Writing the manifest'],
  [/^removing unused layers$/, 'Removing what nothing uses any more'],
  [/^starting upload$/, 'Starting the upload'],
  [/^pushing manifest$/, 'Uploading the manifest'],
  [/^pushing (.+)$/, 'Uploading $1'],
  [/^parsing GGUF$/, 'Reading the GGUF file'],
  [/^converting model$/, 'Converting the weights to GGUF'],
  [/^converting adapter$/, 'Converting the adapter to GGUF'],
  [/^validating GGUF model$/, 'Checking the GGUF file'],
  [/^quantizing (\S+) model to (\S+)$/, 'Quantising from $1 to $2'],
  [/^verifying conversion$/, 'Checking the converted file'],
  [/^updating GGUF projector metadata$/, 'Completing the projector'],
  [/^using existing layer sha256:([0-9a-f]{12}).*$/, 'Using $1, which is already there'],
  [/^creating new layer sha256:([0-9a-f]{12}).*$/, 'Writing $1'],
  [/^using autodetected template (.+)$/, 'Using the template $1, which Ollama recognised'],
]

export const statusInWords = (status: string): string => {
  const known = words.find(([pattern]) => pattern.test(status))
  return oneLine(known === undefined ? status : status.replace(...known), 200)
}
