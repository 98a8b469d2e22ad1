import type { ModelRole } from '../../../shared/contract/models.ts'
import { type Lacks, noChat, noEmbed } from '../parts/lacks.ts'
import { parseParameterCount } from '../parts/parameterCount.ts'
import { unknownModel } from '../parts/unknown.ts'
import type { ProviderModel } from '../provider.ts'
import { hasNamespace } from './ollamaNames.ts'
import type { Show, Tag } from './ollamaSchemas.ts'

/** What only /api/show knows for certain. */
export type ShownFacts = {
  readonly capabilities: readonly string[]
  readonly architecture: string | null
  readonly parameterCount: number | null
  readonly contextLength: number | null
  /** files on the server's machine, named by their SHA-256; the weights first, then projectors */
  readonly weights: readonly string[]
}
/** `gone`: listed, but its weights file is not there. */
export type Shown = ShownFacts | 'gone' | null

export const toShownFacts = (show: Show): ShownFacts => {
  const info = show.model_info ?? {}
  const architecture = infoText(info, 'general.architecture') ?? show.details?.family ?? null
  return {
    capabilities: show.capabilities ?? guessedCapabilities(info, architecture),
    architecture,
    parameterCount: infoNumber(info, 'general.parameter_count'),
    contextLength: infoNumber(info, `${architecture}.context_length`),
    weights: weightsPaths(show),
  }
}

/** Versions before 0.6.4 do not tell; this is how later ones find out. */
const guessedCapabilities = (info: Info, architecture: string | null): string[] =>
  Object.keys(info).length === 0 ? [] : [`${architecture}.pooling_type` in info ? 'embedding' : 'completion']

/** The files after FROM in the Modelfile. Two names with the same weights share one runner. */
export const weightsPaths = (show: Show): string[] =>
  [...(show.modelfile ?? '').matchAll(/^FROM (.{0,4096}sha256-[0-9a-f]{64})\s*$/gm)]
    .flatMap(([, path]) => path ?? [])
    .slice(0, 16)

/** 64 hex digits, of the weights alone. Null: nobody told, or it has no such file. */
const weightsSha256Of = (facts: ShownFacts | null): string | null => facts?.weights[0]?.slice(-64) ?? null

/**
 * The list's capabilities and lengths come from a short look into the file that misses them where keys are sorted, as in
 * all that Ollama converted itself: an embedding model then says "completion" and has no context length.
 */
export const isGuess = (tag: Tag): boolean =>
  tag.remote_host === null &&
  (tag.details?.context_length == null ||
    !tag.capabilities?.length ||
    (/bert|embed|gte|e5|bge/i.test(`${tag.details.family} ${tag.name}`) && !tag.capabilities.includes('embedding')))

/** @param isLocal the server runs on this machine, so its paths are ours */
export const toProviderModel = (tag: Tag, shown: Shown, isLocal: boolean): ProviderModel => {
  const facts = shown === 'gone' ? null : shown
  const capabilities = facts?.capabilities ?? tag.capabilities ?? []
  const role = roleOf(capabilities)
  const obstacle =
    tag.remote_host !== null
      ? `This model runs at ${tag.remote_host}, not on Ollama's machine: Berth neither loads nor asks it.`
      : shown === 'gone'
        ? 'Ollama lists this model, but its weights are gone. Pull it again.'
        : null
  const loadable = obstacle === null && (role === 'llm' || role === 'embedding' || role === 'unknown')
  return {
    ...unknownModel,
    key: tag.name,
    name: tag.name,
    reason: obstacle,
    role,
    loadable,
    capabilities: [...capabilities],
    format: tag.details?.format ?? null,
    architecture: facts?.architecture ?? tag.details?.family ?? null,
    parameterCount: facts?.parameterCount ?? parseParameterCount(tag.details?.parameter_size ?? ''),
    quantization: knownOrNull(tag.details?.quantization_level),
    contextLength: facts?.contextLength ?? tag.details?.context_length ?? null,
    sizeBytes: tag.size,
    path: (isLocal && facts?.weights[0]) || null,
    digest: tag.digest === null ? null : `sha256:${tag.digest}`,
    weightsSha256: weightsSha256Of(facts),
    modifiedAt: tag.modified_at,
    lacks: lacksOf(tag, { role, capabilities, obstacle, loadable }),
  }
}

interface Abilities {
  readonly role: ModelRole
  readonly capabilities: readonly string[]
  readonly obstacle: string | null
  readonly loadable: boolean
}

/** Any can be removed and copied, also a name for a model that runs elsewhere. */
const lacksOf = (tag: Tag, { role, capabilities, obstacle, loadable }: Abilities): Lacks => {
  const why = obstacle ?? (loadable ? null : 'Berth loads models of Ollama for text and for embeddings only.')
  return {
    ...(why !== null && { load: why, unload: why, keepAlive: why }),
    ...(why !== null || !capabilities.includes('completion') ? { chat: why ?? noChat(role) } : {}),
    ...(why !== null || !capabilities.includes('embedding') ? { embed: why ?? noEmbed(role) } : {}),
    ...(tag.remote_host !== null && { push: 'This name stands for a model elsewhere: there is nothing to upload.' }),
    ...(tag.remote_host === null && !hasNamespace(tag.name) && { push: noNamespace }),
  }
}

const noNamespace =
  'A model is uploaded under the name of an account: copy this one to ACCOUNT/NAME, and push that one.'

const roleOf = (capabilities: readonly string[]): ModelRole => {
  if (capabilities.includes('completion')) return 'llm'
  if (capabilities.includes('embedding')) return 'embedding'
  if (capabilities.includes('image')) return 'diffusion'
  return 'unknown'
}

const knownOrNull = (text: string | null | undefined): string | null =>
  text == null || text === '' || text === 'unknown' ? null : text

type Info = Readonly<Record<string, unknown>>

export const infoNumber = (info: Info, key: string): number | null => {
  const value = info[key]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

export const infoText = (info: Info, key: string): string | null => {
  const value = info[key]
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null
}
