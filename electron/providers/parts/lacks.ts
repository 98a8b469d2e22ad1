import type { ModelRole } from '../../../shared/contract/models.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import type { ProviderModel } from '../provider.ts'

export type Lacks = ProviderModel['lacks']

/** Why a model of this role is not asked for text. */
export const noChat = (role: ModelRole): string => {
  if (role === 'unknown') return 'Nothing tells that this model writes text.'
  if (role === 'embedding') return 'This is an embedding model: it turns texts into vectors and writes none.'
  return `This is no language model (${roleWord(role)}): it writes no text.`
}

/** Why a model of this role is not asked for vectors. A language model could give some, but they mean little. */
export const noEmbed = (role: ModelRole): string => {
  if (role === 'unknown') return 'Nothing tells that this model gives embeddings.'
  if (role === 'llm') return 'This is a language model: use an embedding model for embeddings.'
  return `This is no embedding model (${roleWord(role)}): it gives no embeddings.`
}

/** Where only language models chat and only embedding models embed. */
export const lacksOfRole = (role: ModelRole): Lacks => ({
  ...(role !== 'llm' && { chat: noChat(role) }),
  ...(role !== 'embedding' && { embed: noEmbed(role) }),
})
