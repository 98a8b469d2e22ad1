import type { Findings } from '../findings.ts'
import type { Json } from '../json/readJson.ts'
import { type Fields, fieldsOf } from './fields.ts'

/** A class that a configuration wants loaded from a Python file. */
export interface CustomCode {
  /** `AutoModelForCausalLM`, a task, a component */
  readonly role: string
  /** `modeling_x.Model` */
  readonly reference: string
  /** the file in the folder; null: it lies in another repository */
  readonly file: string | null
  readonly repository: string | null
  /** key it was read from */
  readonly source: string
}

const most = 50

/** `file.Class` or `owner/repository--file.Class`. */
const parseReference = (reference: string, role: string, source: string): CustomCode => {
  const short = reference.slice(0, 300)
  const [before = '', after] = short.split('--', 2)
  const repository = after === undefined ? null : before
  const module = (after ?? before).split('.').slice(0, -1).join('/')
  return { role, reference: short, repository, file: repository === null ? `${module}.py` : null, source }
}

/** `auto_map`, `custom_pipelines` and `model_file`: what a loader would run. */
export const customCodeOf = (top: Fields, fileName: string): CustomCode[] => {
  const found: CustomCode[] = []
  const add = (value: Json | undefined, role: string, source: string): void => {
    for (const item of Array.isArray(value) ? value.slice(0, most) : [value])
      if (typeof item === 'string' && item !== '' && found.length < most) found.push(parseReference(item, role, source))
  }
  const map = top.value('auto_map')
  const fields = fieldsOf(map)
  if (fields === null) add(map, 'tokenizer', `${fileName}: auto_map`)
  else
    for (const key of fields.keys().slice(0, most)) add(fields.value(key), key.slice(0, 100), `${fileName}: auto_map`)
  const pipelines = top.object('custom_pipelines')
  for (const key of pipelines?.keys().slice(0, most) ?? [])
    add(pipelines?.object(key)?.value('impl'), key.slice(0, 100), `${fileName}: custom_pipelines`)
  return found
}

/** One check for each file or repository that would run. */
export const addCustomCode = (codes: readonly CustomCode[], findings: Findings): void => {
  const seen = new Set<string>()
  for (const { role, reference, file, repository, source } of codes) {
    const target = file ?? repository ?? reference
    if (seen.has(target)) continue
    seen.add(target)
    const evidence = { file: source.split(':')[0] ?? null, text: `${role}: ${reference}` }
    if (repository !== null)
      findings.add(
        'warning',
        'remote-code',
        `The model wants Python code of another repository: ${repository} (${source}). What stands there may change at any time.`,
        { ...evidence, advice: 'Read that code first. It runs only where "trust remote code" is switched on.' },
      )
    else
      findings.add('warning', 'custom-code', `The model brings Python code of its own: ${file} (${source}).`, {
        ...evidence,
        advice: 'Read that file first. It runs only where "trust remote code" is switched on.',
      })
  }
}
