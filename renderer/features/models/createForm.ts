import type { CreateRequest, CreateSource } from '../../../shared/contract/modelCare.ts'
import type { ModelId } from '../../../shared/contract/modelId.ts'

export interface CreateForm {
  readonly from: CreateSource['from']
  /** a path on Berth's machine, or the key of a model */
  readonly source: string
  readonly name: string
  readonly system: string
  readonly template: string
  /** `name value`, one a line, as in a Modelfile; a name may stand twice */
  readonly parameters: string
  readonly quantization: NonNullable<CreateRequest['quantization']> | null
}
export const emptyForm: CreateForm = {
  from: 'file',
  source: '',
  name: '',
  system: '',
  template: '',
  parameters: '',
  quantization: null,
}

type Parameters = NonNullable<CreateRequest['parameters']>
type Value = Parameters[string]

const parseValue = (text: string): number | boolean | string => {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text
}

const joined = (before: Value | undefined, value: ReturnType<typeof parseValue>): Value =>
  before === undefined ? value : [...(Array.isArray(before) ? before : [String(before)]), String(value)]

/** The lines as values, or the first line that is none. `PARAMETER` before a line is left out. */
export const parseParameters = (text: string): { readonly parameters: Parameters } | { readonly wrong: string } => {
  const parameters: Record<string, Value> = {}
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const [, name, value] = /^(?:PARAMETER\s+)?([a-z][a-z_]{0,63})\s+(.+)$/i.exec(line) ?? []
    if (name === undefined || value === undefined) return { wrong: line }
    const key = name.toLowerCase()
    parameters[key] = joined(parameters[key], parseValue(value))
  }
  return { parameters }
}

const sourceOf = ({ from, source }: CreateForm): CreateSource =>
  from === 'model' ? { from, key: source.trim() } : { from, path: source.trim() }

/** What is sent; null while a line of the parameters is wrong. */
export const requestOf = (form: CreateForm, provider: string): CreateRequest | null => {
  const parsed = parseParameters(form.parameters)
  if ('wrong' in parsed) return null
  return {
    model: `${provider}/${form.name.trim()}` as ModelId, // checked by main
    source: sourceOf(form),
    ...(form.system.trim() === '' ? {} : { system: form.system }),
    ...(form.template.trim() === '' ? {} : { template: form.template }),
    ...(Object.keys(parsed.parameters).length === 0 ? {} : { parameters: parsed.parameters }),
    ...(form.quantization === null ? {} : { quantization: form.quantization }),
  }
}
