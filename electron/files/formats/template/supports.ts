import type { Tag } from './lexTemplate.ts'
import { pathsOf } from './paths.ts'

export type TemplateFeature = 'tools' | 'system' | 'thinking' | 'vision' | 'documents'

const thinkingNames = new Set([
  'enable_thinking',
  'thinking',
  'reasoning_effort',
  'thinking_budget',
  'reasoning_content',
])
const thinkingMarks = /<\/?think(ing)?>|\[\/?THINK\]|<\|?\/?(think|reasoning)\|?>|\/no_think\b/
const imageTypes = new Set(['image', 'image_url', 'video'])
const imageMarks =
  /<\|?(image|image_pad|vision_start|begin_of_image|image_soft_token)\|?>|<start_of_image>|\[IMG\]|<__media__>/

/** What a template's code can do with what it is given. Its text alone, such as a mention of tools, does not count. */
export const supportsOf = (tags: readonly Tag[]): readonly TemplateFeature[] => {
  const found = new Set<TemplateFeature>()
  let writesRole = false
  for (const [index, tag] of tags.entries()) {
    if (tag.kind === 'text') addMarks(tag.text, found)
    for (const { root, keys } of pathsOf(tag.tokens)) {
      if (root === 'tools') found.add('tools')
      if (root === 'documents') found.add('documents')
      if (root === 'images' || keys.includes('images')) found.add('vision')
      if (thinkingNames.has(root) || keys.some((key) => thinkingNames.has(key))) found.add('thinking')
      if (keys.at(-1) === 'role' && tag.kind === 'expression') writesRole = true
    }
    for (const { kind, value } of tag.tokens) {
      if (kind !== 'string') continue
      addMarks(value, found)
      if (imageTypes.has(value)) found.add('vision')
      if (value === 'system' && !refuses(tags, index)) found.add('system')
    }
  }
  // one that writes any role, and has no objection to this one
  if (writesRole && !refusesSystem(tags)) found.add('system')
  return (['tools', 'system', 'thinking', 'vision', 'documents'] as const).filter((feature) => found.has(feature))
}

const addMarks = (text: string, found: Set<TemplateFeature>): void => {
  if (thinkingMarks.test(text)) found.add('thinking')
  if (imageMarks.test(text)) found.add('vision')
}

/** The branch of this condition does nothing but refuse. */
const refuses = (tags: readonly Tag[], index: number): boolean => {
  const next = tags
    .slice(index + 1, index + 4)
    .find(({ kind, text }) => kind !== 'comment' && (kind !== 'text' || text.trim() !== ''))
  return next?.kind === 'expression' && next.tokens[0]?.value === 'raise_exception'
}

/** `{% if message.role == 'system' %}{{ raise_exception(…) }}` */
const refusesSystem = (tags: readonly Tag[]): boolean =>
  tags.some(
    ({ kind, tokens }, index) =>
      kind === 'statement' &&
      tokens.some((token) => token.kind === 'string' && token.value === 'system') &&
      refuses(tags, index),
  )
