import type { OpenAPI } from '@orpc/contract'

type Schema = Readonly<Record<string, unknown>>

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')
const inlineCode = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a3f47); --soft: light-dark(#f4f5f7, #22262c); --faint: light-dark(#5b6472, #9aa4b2) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; background: light-dark(#fff, #181b1f); color: light-dark(#16191d, #e4e7eb) }
h1 { margin: 0 } h2 { margin: 2.5rem 0 .5rem; text-transform: capitalize }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0 }
summary { padding: .5rem .75rem; cursor: pointer; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap }
summary span { color: var(--faint) }
details > div { padding: 0 .75rem .75rem }
b.method { min-width: 4.2rem; font-family: ui-monospace, monospace }
code, pre { font: 13px/1.45 ui-monospace, monospace; background: var(--soft); border-radius: 4px } code { padding: .1em .3em }
pre { padding: .6rem .75rem; overflow: auto; margin: .25rem 0 } a { color: light-dark(#0b5cad, #7ab8ff) }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .25rem .5rem; vertical-align: top }
`

/** A schema as a TypeScript type, which is what most readers read fastest. */
export function schemaText(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return 'unknown'
  const schema = value as Schema
  const list = (key: string): unknown[] | null => (Array.isArray(schema[key]) ? schema[key] : null)
  const union = list('anyOf') ?? list('oneOf')
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? 'unknown'
  if (union !== null) return [...new Set(union.map((one) => schemaText(one, indent)))].join(' | ')
  if (list('allOf') !== null && schema.type === undefined)
    return (
      list('allOf')
        ?.map((one) => schemaText(one, indent))
        .join(' & ') ?? 'unknown'
    )
  if ('const' in schema) return JSON.stringify(schema.const)
  if (list('enum') !== null)
    return (
      list('enum')
        ?.map((one) => JSON.stringify(one))
        .join(' | ') ?? 'unknown'
    )
  if (schema.contentSchema !== undefined) return `JSON of ${schemaText(schema.contentSchema, indent)}`
  if (schema.type === 'array') return `Array<${schemaText(schema.items, indent)}>`
  if (schema.type === 'object') return objectText(schema, indent)
  return typeof schema.type === 'string' ? withRange(schema) : 'unknown'
}

function objectText(schema: Schema, indent: string): string {
  const required = Array.isArray(schema.required) ? schema.required : []
  const lines = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      `${indent}  ${name}${required.includes(name) ? '' : '?'}: ${schemaText(property, `${indent}  `)}`,
  )
  if (typeof schema.additionalProperties === 'object')
    lines.push(`${indent}  [key: string]: ${schemaText(schema.additionalProperties, `${indent}  `)}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
}

const withRange = ({ type, minimum, maximum, minLength, maxLength }: Schema): string => {
  const [low, high] = [minimum ?? minLength, maximum ?? maxLength]
  return low === undefined && high === undefined ? String(type) : `${type} /* ${low ?? ''} … ${high ?? ''} */`
}

const pre = (text: string): string => `<pre>${escapeHtml(text)}</pre>`

const contentHtml = (content: OpenAPI.ResponseObject['content']): string =>
  Object.entries(content ?? {})
    .map(([type, { schema }]) => `<code>${escapeHtml(type)}</code>${pre(schemaText(schema))}`)
    .join('')

function operationHtml(method: string, path: string, operation: OpenAPI.OperationObject): string {
  const query = (operation.parameters ?? []).flatMap((parameter) => ('$ref' in parameter ? [] : [parameter]))
  const queryLines = query.map(({ name, required, schema }) => `${name}${required ? '' : '?'}: ${schemaText(schema)}`)
  const body = operation.requestBody !== undefined && 'content' in operation.requestBody ? operation.requestBody : null
  const responses = Object.entries(operation.responses ?? {}).flatMap(([status, response]) =>
    '$ref' in response ? [] : [{ status, response }],
  )
  const errors = responses.filter(({ status }) => Number(status) >= 400)
  return `<details><summary><b class="method">${method}</b><code>${escapeHtml(path)}</code><span>${escapeHtml(operation.summary ?? '')}</span></summary><div>
${operation.security?.length === 0 ? '<p>Needs no token.</p>' : ''}
${queryLines.length > 0 ? `<p>Query</p>${pre(queryLines.join('\n'))}` : ''}
${body === null ? '' : `<p>Body</p>${contentHtml(body.content)}`}
${responses
  .filter(({ status }) => Number(status) < 400)
  .map(
    ({ status, response }) =>
      `<p>${status} ${inlineCode(response.description ?? '')}</p>${contentHtml(response.content)}`,
  )
  .join('')}
<p>Errors</p><table>${errors.map(({ status, response }) => `<tr><td>${status}</td><td>${escapeHtml(response.description ?? '')}</td></tr>`).join('')}</table>
</div></details>`
}

const methods = ['get', 'post', 'put', 'delete'] as const

/** The API's document as a page to read: no script, nothing from elsewhere. */
export function renderDocs(document: OpenAPI.Document): string {
  const byTag = new Map<string, string[]>()
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of methods) {
      const operation = item?.[method]
      if (operation === undefined) continue
      const tag = operation.tags?.[0] ?? 'other'
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method.toUpperCase(), path, operation)])
    }
  const groups = [...byTag].map(([tag, operations]) => `<h2>${escapeHtml(tag)}</h2>${operations.join('\n')}`)
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details><summary><code>${escapeHtml(name)}</code></summary><div>${pre(schemaText(schema))}</div></details>`,
  )
  const ways = Object.values(document.components?.securitySchemes ?? {}).map((scheme) =>
    '$ref' in scheme ? '' : `<li>${inlineCode(scheme.description ?? '')}</li>`,
  )
  const prefix = document.servers?.[0]?.url ?? ''
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(document.info.title)} API</title><style>${style}</style></head><body><main>
<h1>${escapeHtml(document.info.title)} API <small>${escapeHtml(document.info.version)}</small></h1>
<p>${inlineCode(document.info.description ?? '')}</p>
<p>All paths are below <code>${escapeHtml(prefix)}</code>. The same as a document: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<p>Who may call:</p><ul>${ways.join('')}</ul>
${groups.join('\n')}<h2>Schemas</h2>${schemas.join('\n')}
</main></body></html>`
}
