import type { ModelRole } from '../../../shared/contract/models.ts'
import type { Lacks } from '../parts/lacks.ts'

/** What lists tell about a model; null or empty: they do not tell. */
export interface ToldAbilities {
  readonly input: readonly string[] | null | undefined
  readonly output: readonly string[] | null | undefined
  /** names of the fields that a request may have */
  readonly parameters: readonly string[] | null | undefined
}

/** In our words, of `shared/contract/models.ts`; empty when nothing is told. */
export const capabilitiesOf = ({ input, output, parameters }: ToldAbilities): string[] => {
  const has = (list: readonly string[] | null | undefined, ...names: readonly string[]) =>
    names.some((name) => list?.includes(name))
  const told: readonly (readonly [string, boolean])[] = [
    ['completion', has(output, 'text')],
    ['embedding', has(output, 'embeddings', 'embedding')],
    ['rerank', has(output, 'rerank')],
    ['vision', has(input, 'image', 'video')],
    ['audio', has(input, 'audio') || has(output, 'audio', 'speech', 'transcription')],
    ['image', has(output, 'image')],
    ['tools', has(parameters, 'tools')],
    ['thinking', has(parameters, 'reasoning', 'include_reasoning', 'reasoning_effort')],
    ['structured-output', has(parameters, 'structured_outputs', 'response_format')],
  ]
  return told.flatMap(([word, can]) => (can ? [word] : []))
}

/** A name is only a hint, but there is nothing better where a list tells names alone. */
export const roleOf = (name: string, { output }: ToldAbilities): ModelRole => {
  if (!output?.length) return /embed/i.test(name) ? 'embedding' : /rerank/i.test(name) ? 'reranker' : 'unknown'
  if (output.includes('text')) return 'llm'
  if (output.some((each) => each.startsWith('embedding'))) return 'embedding'
  if (output.includes('rerank')) return 'reranker'
  if (output.some((each) => ['audio', 'speech', 'transcription'].includes(each))) return 'speech'
  return output.includes('image') || output.includes('video') ? 'diffusion' : 'unknown'
}

/** Only what is told counts: a hint hides no verb. */
export const lacksOf = ({ output }: ToldAbilities): Lacks => {
  if (!output?.length) return {}
  const gives = `By its list this model gives ${output.slice(0, 5).join(' and ')}`
  return {
    ...(!output.includes('text') && { chat: `${gives}, and writes no text.` }),
    ...(!output.some((each) => each.startsWith('embedding')) && { embed: `${gives}, and no embeddings.` }),
  }
}

/** Of servers that say text of their embedding models too. */
export const certainLacksOf = (abilities: ToldAbilities): Lacks => {
  const { embed, ...lacks } = lacksOf(abilities)
  return embed === undefined || abilities.output?.includes('text') ? lacks : { ...lacks, embed }
}
