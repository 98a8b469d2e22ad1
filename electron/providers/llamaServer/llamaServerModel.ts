import type { Lacks } from '../parts/lacks.ts'
import { modelPathOf } from '../parts/llamaFlags.ts'
import { unknownModel } from '../parts/unknown.ts'
import type { ProviderModel } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { type Ability, refusals } from './llamaServerAbility.ts'
import { purposeOf } from './llamaServerFlags.ts'
import { inMode, notDownloadedByIt } from './llamaServerModes.ts'
import type { ModelEntry, Props } from './llamaServerSchemas.ts'

export interface ModelFacts {
  readonly entry: ModelEntry
  /** of the process that runs it; null while nothing runs, or when a single server was not asked */
  readonly props: Props | null
  /** null while it is not known: nothing runs, or it sleeps and must not be woken */
  readonly ability: Ability | null
  readonly mode: 'single' | 'router'
  readonly address: string
}

export const toProviderModel = ({ entry, props, ability, mode, address }: ModelFacts): ProviderModel => {
  const { meta } = entry
  const role = ability?.role ?? (entry.status?.args ? purposeOf(entry.status.args) : null) ?? 'llm'
  return {
    // its `size` is that of the tensors and not of the files, its `created` the time of the question
    ...unknownModel,
    key: entry.id,
    name: shownName(entry.id),
    reason: ability?.reason ?? null,
    role,
    capabilities: capabilitiesOf(role, entry, props, ability),
    format: 'gguf', // it reads nothing else
    parameterCount: meta?.n_params ?? null,
    quantization: quantizationOf(meta?.ftype ?? props?.model_ftype ?? null),
    bitsPerWeight: meta?.size && meta.n_params ? (meta.size * 8) / meta.n_params : null,
    contextLength: meta?.n_ctx_train ?? entry.context_length,
    path: pathOf(entry, props, address),
    lacks: { ...lackedByRole(role, ability), ...lackedByMode(mode, entry) },
  }
}

const lackedByRole = (role: Ability['role'], ability: Ability | null): Lacks => {
  const chats = ability?.chats ?? role === 'llm'
  const embeds = ability?.embeds ?? role === 'embedding'
  return {
    ...(!chats && { chat: ability?.reason ?? refusals.chats(role) }),
    ...(!embeds && { embed: ability?.reason ?? refusals.embeds(role) }),
  }
}

const lackedByMode = (mode: ModelFacts['mode'], entry: ModelEntry): Lacks => {
  if (mode === 'router') return { ...inMode.router, ...(!entry.can_remove && { remove: notDownloadedByIt }) }
  const { load, unload, remove } = inMode.single
  return { load, unload, remove }
}

const capabilitiesOf = (
  role: ProviderModel['role'],
  entry: ModelEntry,
  props: Props | null,
  ability: Ability | null,
): string[] => {
  const inputs = entry.architecture?.input_modalities ?? []
  const caps = props?.chat_template_caps
  const chats = ability?.chats ?? role === 'llm'
  const found: readonly (readonly [string, boolean])[] = [
    ['completion', chats],
    ['embedding', role === 'embedding'],
    ['rerank', role === 'reranker'],
    ['vision', Boolean(props?.modalities?.vision) || inputs.includes('image')],
    ['audio', Boolean(props?.modalities?.audio) || inputs.includes('audio')],
    ['tools', chats && Boolean(caps?.supports_tools && caps.supports_tool_calls)],
    ['thinking', chats && Boolean(caps?.supports_preserve_reasoning)],
  ]
  return found.flatMap(([word, has]) => (has ? [word] : []))
}

/** Only where its paths are ours. */
const pathOf = (entry: ModelEntry, props: Props | null, address: string): string | null => {
  if (!isLoopback(address)) return null
  const path = props?.model_path ?? (entry.status?.args ? modelPathOf(entry.status.args) : null)
  return path !== null && /^(\/|[A-Za-z]:[\\/])/.test(path) ? path : null
}

/** Without an alias its name is the path of its file; for people that is too long. */
const shownName = (id: string): string => {
  if (!/\.gguf$/i.test(id)) return id
  const file = id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\')) + 1)
  return file.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '') || id
}

/** `Q4_K - Medium` is what llama.cpp says for Q4_K_M. */
const quantizationOf = (ftype: string | null): string | null => {
  const [, type, size = ''] =
    /^(?:\(guessed\) *)?(?:all +)?([A-Z][A-Z0-9_]*)(?: - (Small|Medium|Large)\b)?/.exec(ftype ?? '') ?? []
  return type === undefined ? null : type + (size === '' ? '' : `_${size.charAt(0)}`)
}
