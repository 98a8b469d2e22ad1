import { type Fields, fieldsOf } from '../config/fields.ts'
import type { Json } from '../json/readJson.ts'
import type { ChatTemplate } from '../modelFile.ts'
import { checkTemplate } from '../template/checkTemplate.ts'
import { longestTemplate } from '../template/parseTemplate.ts'
import type { TemplateFeature } from '../template/supports.ts'
import type { FolderReader } from './folderReader.ts'

const mostTemplates = 20

/** Every place where transformers looks for a chat template. A file of its own comes before `tokenizer_config.json`. */
export const readTemplates = async (reader: FolderReader, prefix = ''): Promise<readonly ChatTemplate[]> => {
  const found: ChatTemplate[] = []
  const add = (name: string, text: string | null, source: string): void => {
    const isNew = !found.some((other) => other.name === name && other.text === text)
    if (text !== null && text !== '' && isNew && found.length < mostTemplates)
      found.push({ name: name.slice(0, 100), text, source })
  }
  // the parser refuses more than this, and says so
  const whole = (name: string) => reader.text(name, 4 * longestTemplate + 4)
  add('default', await whole(`${prefix}chat_template.jinja`), `${prefix}chat_template.jinja`)
  for (const name of reader.names) {
    const extra = /^(?:additional_chat_templates|chat_templates)\/([^/]{1,100})\.jinja$/.exec(name.slice(prefix.length))
    if (name.startsWith(prefix) && extra?.[1] !== undefined) add(extra[1], await whole(name), name)
  }
  for (const name of ['chat_template.json', 'tokenizer_config.json', 'processor_config.json']) {
    const fields = await reader.fields(prefix + name)
    for (const [key, text] of templatesIn(fields?.value('chat_template')))
      add(key, text, `${prefix}${name}: chat_template`)
  }
  return found
}

/** A string, a list of `{ name, template }`, or an object of name → template. */
const templatesIn = (value: Json | undefined): (readonly [string, string])[] => {
  if (typeof value === 'string') return [['default', value]]
  if (Array.isArray(value))
    return value.slice(0, mostTemplates).flatMap((item) => {
      const fields = fieldsOf(item)
      const text = fields?.text('template') ?? null
      return text === null ? [] : [[fields?.text('name') ?? 'default', text] as const]
    })
  const fields: Fields | null = fieldsOf(value)
  return (fields?.keys() ?? []).slice(0, mostTemplates).flatMap((key) => {
    const text = fields?.text(key) ?? null
    return text === null ? [] : [[key, text] as const]
  })
}

/** What the first template supports; its checks are made by whoever shows the templates. */
export const templateSupports = (
  reader: FolderReader,
  templates: readonly ChatTemplate[],
): readonly TemplateFeature[] => {
  const defaults = templates.filter(({ name }) => name === 'default')
  if (defaults.length > 1)
    reader.meaning.add(
      'note',
      'templates-differ',
      `There are different default chat templates: ${defaults.map(({ source }) => source).join(', ')}. The first counts in new programs.`,
    )
  const [first] = templates
  return first === undefined ? [] : checkTemplate(first).supports
}
