import { describe, expect, it } from 'vitest'
import { contract } from '../../shared/contract/index.ts'
import { renderDocs, schemaText } from './docsPage.ts'
import { describeApi } from './openapi.ts'
import { listProcedures } from './routeTable.ts'

const router = contract as never // the document is made from the contract; a router only adds its handlers
const document = await describeApi(router, '1.2.3')

describe('the OpenAPI document', () => {
  it('has every procedure, with who may call it', () => {
    const procedures = listProcedures(router)
    expect(procedures.length).toBeGreaterThan(20)
    for (const { name, method, path, access } of procedures) {
      const operation = document.paths?.[path]?.[method.toLowerCase() as 'get']
      expect([name, operation?.operationId]).toEqual([name, name])
      expect(operation?.security?.length).toBe(access === 'public' ? 0 : 1)
      expect(Object.keys(operation?.responses ?? {})).toEqual(
        expect.arrayContaining(['200', '403', '422', '429', '500', ...(access === 'public' ? [] : ['401'])]),
      )
    }
    expect(document.openapi).toMatch(/^3\.1\./)
  })

  it('gives every error the one body, with the codes it can have', () => {
    const answer = document.paths?.['/models/load']?.post?.responses?.['507']
    expect(answer).toEqual({
      description: 'DISK_FULL, OUT_OF_MEMORY',
      content: {
        'application/json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Error' },
              { type: 'object', properties: { code: { enum: ['DISK_FULL', 'OUT_OF_MEMORY'] } } },
            ],
          },
        },
      },
    })
  })

  it.each(['/models/chat', '/files/validate'])('says both forms of the answer of %s', (path) => {
    const answer = document.paths?.[path]?.post?.responses?.['200']
    expect(Object.keys(answer !== undefined && 'content' in answer ? (answer.content ?? {}) : {})).toEqual([
      'application/json',
      'text/event-stream',
    ])
  })

  it.each([
    ['/changes', 'get', 'Change'],
    ['/benchmarks/watch', 'get', 'BenchmarkWithResults'],
    ['/models/chat', 'post', 'ChatChunk'],
    ['/files/validate', 'post', 'ReportEvent'],
  ] as const)('says that the events of %s carry JSON in a string', (path, method, name) => {
    const carrying = (schema: string) => ({
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: { $ref: `#/components/schemas/${schema}` },
    })
    const answer = document.paths?.[path]?.[method]?.responses?.['200']
    const content = answer !== undefined && 'content' in answer ? answer.content : undefined
    expect(content?.['text/event-stream']?.schema).toMatchObject({
      oneOf: [
        { properties: { event: { const: 'message' }, data: carrying(name) }, required: ['event', 'data'] },
        { properties: { event: { const: 'error' }, data: carrying('Error') }, required: ['event', 'data'] },
        { properties: { event: { const: 'done' } } },
      ],
    })
  })

  it('describes no other stream as oRPC would', () => {
    expect(JSON.stringify(document).match(/text\/event-stream/g)).toHaveLength(5)
  })

  it('does not say that a parameter may be empty or unescaped', () => {
    expect(JSON.stringify(document)).not.toMatch(/allowEmptyValue|allowReserved/)
  })

  it('refers only to schemas it holds', () => {
    const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? []
    const held = Object.keys(document.components?.schemas ?? {}).map((name) => `#/components/schemas/${name}`)
    expect(held).toEqual(expect.arrayContaining([...new Set(references)]))
  })
})

describe('the page made of it', () => {
  const page = renderDocs(document)

  it('names every path and needs nothing from elsewhere', () => {
    for (const path of Object.keys(document.paths ?? {})) expect(page).toContain(path)
    expect(page).not.toMatch(/<script|src=|https?:\/\/|url\(|@import| on\w+=/i)
  })

  it('shows text as text', () => {
    const hostile = renderDocs({
      openapi: '3.1.1',
      info: { title: '<img src=x onerror=run()>', version: '"><script>', description: '`<b>`' },
      paths: { '/<i>': { get: { summary: '</span><script>run()</script>', responses: {} } } },
    })
    expect(hostile).not.toMatch(/<img|<script|<b>|<i>/)
  })

  it('shows a schema as a type', () => {
    const schema = {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string', minLength: 1 },
        kind: { anyOf: [{ const: 'a' }, { type: 'null' }] },
        parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } },
      },
    }
    expect(schemaText(schema)).toBe('{\n  id: string /* 1 …  */\n  kind?: "a" | null\n  parts?: Array<Part>\n}')
  })
})
