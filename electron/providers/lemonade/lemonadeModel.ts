import type { ModelRole } from '../../../shared/contract/models.ts'
import { group, plainDetails, tokens } from '../parts/facts.ts'
import { type Lacks, noChat, noEmbed } from '../parts/lacks.ts'
import { unknownModel, unknownPrice } from '../parts/unknown.ts'
import type { ProviderDetails, ProviderModel } from '../provider.ts'
import { onlyChat } from './lemonadeFault.ts'
import type { ListedModel, ModelFile } from './lemonadeSchemas.ts'

/** One of these labels decides the type and the routes of a model. */
const roles: Readonly<Record<string, ModelRole>> = {
  chat: 'llm',
  embeddings: 'embedding',
  reranking: 'reranker',
  transcription: 'speech',
  tts: 'speech',
  image: 'diffusion',
  classification: 'classifier',
}
const capabilityOf: Readonly<Record<string, string>> = {
  chat: 'completion',
  embeddings: 'embedding',
  reranking: 'rerank',
  transcription: 'audio',
  tts: 'audio',
  image: 'image',
  vision: 'vision',
  reasoning: 'thinking',
  'tool-calling': 'tools',
}
/** Of models without such a label, as older versions list them. */
const chatRecipes: ReadonlySet<string> = new Set(['llamacpp', 'flm', 'ryzenai-llm', 'vllm'])

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

const roleOf = ({ labels, recipe }: ListedModel): ModelRole => {
  const told = labels?.flatMap((label) => own(roles, label) ?? [])[0]
  return told ?? (chatRecipes.has(recipe ?? '') ? 'llm' : 'unknown')
}

export interface ModelContext {
  /** null until they were asked for */
  readonly files: readonly ModelFile[] | null
  /** another name of this model, under which Lemonade lists it when it is loaded */
  readonly target: string | null
  /** paths of the server are ours */
  readonly isLocal: boolean
}

export const toProviderModel = (model: ListedModel, context: ModelContext): ProviderModel => {
  const { files, isLocal } = context
  const { id, labels, recipe, checkpoint } = model
  const role = roleOf(model)
  const capabilities = new Set((labels ?? []).flatMap((label) => own(capabilityOf, label) ?? []))
  if (role === 'llm') capabilities.add('completion')
  const remote = recipe === 'cloud'
  return {
    ...unknownModel, // its `created` is the same for all
    key: id,
    name: id,
    reason: remote
      ? 'This model runs at a provider of Lemonade’s, not on its machine: there is nothing to load.'
      : null,
    role,
    loadable: !remote,
    capabilities: [...capabilities],
    format: recipe === 'llamacpp' ? 'gguf' : null,
    quantization: quantizationOf(checkpoint),
    contextLength: model.max_context_window || null,
    sizeBytes: sizeOf(files) ?? (model.size === null ? null : Math.round(model.size * 2 ** 30)),
    path: isLocal ? mainPathOf(files) : null,
    price: remote ? unknownPrice : null,
    lacks: lacksOf(model, role, context),
  }
}

/** Lemonade shows some files and does not own them: asked to delete one, it unloads it and then refuses. */
export const whyNotRemovable = (
  { source, checkpoint }: ListedModel,
  { target, isLocal }: Pick<ModelContext, 'target' | 'isLocal'>,
): string | null => {
  if (target !== null) return `This is another name of ${target}, set in Lemonade’s settings: take it out there.`
  if (source !== 'extra_models_dir' && source !== 'local_path') return null
  const where = isLocal && checkpoint ? `delete ${checkpoint} itself.` : 'delete the file itself, on its machine.'
  return `This is a file of yours that Lemonade only shows: ${where}`
}

const lacksOf = (model: ListedModel, role: ModelRole, context: ModelContext): Lacks => {
  const remove = whyNotRemovable(model, context)
  return {
    ...(role !== 'llm' && role !== 'unknown' && { chat: noChat(role) }),
    ...(role !== 'embedding' && role !== 'unknown' && { embed: isForChatAlone(model) ? onlyChat : noEmbed(role) }),
    ...(remove !== null && { remove }),
  }
}

/** All files; null when the size of one is unknown. */
export const sizeOf = (files: readonly ModelFile[] | null): number | null => {
  if (files === null || files.length === 0) return null
  return files.every(({ size_bytes, exists }) => size_bytes !== null && exists !== false)
    ? files.reduce((sum, { size_bytes }) => sum + (size_bytes ?? 0), 0)
    : null
}

const mainPathOf = (files: readonly ModelFile[] | null): string | null =>
  files?.find(({ role }) => role === 'main')?.path ?? null

/** Of `owner/repository:VARIANT`; a variant may be a file or a folder too. */
const quantizationOf = (checkpoint: string | null): string | null => {
  const variant = checkpoint?.slice(checkpoint.lastIndexOf(':') + 1) ?? ''
  return /^(UD-)?(I?Q\d|F16|BF16|F32|MXFP)\w*$/i.test(variant) ? variant : null
}

export const toDetails = (model: ListedModel, { files, target, isLocal }: ModelContext): ProviderDetails => ({
  ...plainDetails([
    group('Identity', '/v1/models', [
      ['Name', model.id],
      ['Alias of', target],
      ['Checkpoint', model.checkpoint],
      ['Run by', model.recipe],
      ['Labels', model.labels?.join(', ')],
      ['Comes from', model.source],
      ['Made of', model.components?.join(', ')],
      ['Update available', model.update_available ? 'yes' : null],
    ]),
    group('Context', '/v1/models', [
      ['Trained for', tokens(model.max_context_window)],
      ['As it would be loaded', tokens(model.context_length)],
    ]),
    group('Saved options', '/v1/models', [
      ['Context length', tokens(positive(model.recipe_options?.ctx_size))],
      ['Arguments of llama-server', model.recipe_options?.llamacpp_args],
    ]),
  ]),
  files: (files ?? []).flatMap(({ name, path, size_bytes }) =>
    size_bytes === null ? [] : [{ path: (isLocal ? path : null) ?? name, sizeBytes: size_bytes }],
  ),
  warnings: [
    ...(files ?? []).flatMap(({ name, exists }) => (exists === false ? [`The file ${name} is not there.`] : [])),
    ...(isForChatAlone(model) ? [onlyChat] : []),
  ],
})

/** A name is a hint, and only decides about a hint. */
const isForChatAlone = ({ source, id }: ListedModel): boolean =>
  source === 'extra_models_dir' && /embed|minilm|\bbge|\bgte|\be5\b/i.test(id)

const positive = (value: number | null | undefined): number | null => (value != null && value > 0 ? value : null)
