import type { OpenAPI } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import type { AnyRouter } from '@orpc/server'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { ChatChunk, ChatResult } from '../../shared/contract/answers.ts'
import { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import { Benchmark, BenchmarkWithResults } from '../../shared/contract/benchmarks.ts'
import { ErrorBody } from '../../shared/contract/errors.ts'
import { FileRow, Report, ReportEvent } from '../../shared/contract/files.ts'
import { Folder } from '../../shared/contract/folders.ts'
import { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { Job } from '../../shared/contract/jobs.ts'
import { Instance, LoadOptions, Model } from '../../shared/contract/models.ts'
import { Provider } from '../../shared/contract/providers.ts'
import { Settings } from '../../shared/contract/settings.ts'
import { Change } from '../../shared/contract/system.ts'
import { REST_PREFIX } from './rest.ts'
import { listProcedures } from './routeTable.ts'

/** What the document names once, as things that are answered. */
const answered = {
  Model,
  Instance,
  Job,
  Folder,
  Provider,
  Settings,
  Device,
  DeviceReading,
  ChatResult,
  ChatChunk,
  Report,
  ReportEvent,
  FileRow,
  Benchmark,
  BenchmarkResult,
  BenchmarkWithResults,
  Change,
  Error: ErrorBody,
}

const securitySchemes: Record<string, OpenAPI.SecuritySchemeObject> = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The token, as `Authorization: Bearer TOKEN`.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same token, in a header of its own.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'berth-PORT',
    description: 'The cookie of a browser that opened the link; every change then also needs the header `x-berth: 1`.',
  },
}

const description = `Every model of this machine over REST. Errors are \`{ code, message, advice, requestId }\`. Names of models contain
\`/\` and \`:\`, so they travel in the query or the body. A DELETE takes its input from the query too, when it has no body.`

/** The REST API as an OpenAPI 3.1 document, made from the contract itself. */
export async function describeApi(router: AnyRouter, version: string): Promise<OpenAPI.Document> {
  const converter = new ZodToJsonSchemaConverter()
  const generator = new OpenAPIGenerator({ schemaConverters: [converter] })
  const schemas = Object.entries(answered).map(([name, schema]) => [name, { schema, strategy: 'output' as const }])
  const document = await generator.generate(router, {
    info: { title: 'Berth', version, description },
    servers: [{ url: REST_PREFIX }],
    components: { securitySchemes },
    commonSchemas: { ...Object.fromEntries(schemas), LoadOptions: { schema: LoadOptions, strategy: 'input' } },
    customErrorResponseBodySchema: (errors) => ({
      allOf: [
        { $ref: '#/components/schemas/Error' },
        { type: 'object', properties: { code: { enum: errors.map(([code]) => code) } } },
      ],
    }),
  })
  for (const { name, method, path, access } of listProcedures(router)) {
    const operation = operationAt(document, method, path)
    if (operation === undefined) continue
    operation.tags = [name.split('.')[0] ?? name]
    // one way is enough here: whoever fills in every scheme that is named sends a wrong token beside the right one
    operation.security = access === 'public' ? [] : [{ bearer: [] }]
    describeQuery(operation)
    describeErrors(operation)
  }
  describeStreams(document)
  return document
}

const operationAt = (document: OpenAPI.Document, method: string, path: string): OpenAPI.OperationObject | undefined => {
  const item = document.paths?.[path]
  return method === 'GET' ? item?.get : method === 'POST' ? item?.post : method === 'PUT' ? item?.put : item?.delete
}

/** In place of a bare status: which codes it stands for. */
function describeErrors(operation: OpenAPI.OperationObject): void {
  for (const response of Object.values(operation.responses ?? {})) {
    if ('$ref' in response) continue
    const codes = /"code":\{"enum":(\[[^\]]*\])/.exec(JSON.stringify(response.content ?? {}))?.[1]
    if (codes !== undefined) response.description = (JSON.parse(codes) as string[]).join(', ')
  }
}

/** oRPC says of every parameter that it may be empty and unescaped; ours may be neither. */
function describeQuery(operation: OpenAPI.OperationObject): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter) continue
    delete parameter.allowEmptyValue
    delete parameter.allowReserved
  }
}

/** Answers with two forms, which a schema of one form cannot say. */
const twoForms: Readonly<Record<string, readonly [whole: keyof typeof answered, part: keyof typeof answered]>> = {
  '/models/chat': ['ChatResult', 'ChatChunk'],
  '/files/validate': ['Report', 'ReportEvent'],
}
const eitherForm = 'The whole answer, or its parts as server-sent events when the request says `stream: true`.'

/** Answers that are streams, what their events carry, and when they end. */
const streams: Readonly<Record<string, readonly [part: keyof typeof answered, end: string]>> = {
  '/changes': ['Change', 'Until the reader leaves.'],
  '/jobs/watch': ['Job', 'Until the job ends.'],
  '/benchmarks/watch': ['BenchmarkWithResults', 'Until the run ends.'],
}

function describeStreams(document: OpenAPI.Document): void {
  for (const [path, [part, end]] of Object.entries(streams)) {
    const responses = document.paths?.[path]?.get?.responses
    if (responses !== undefined) responses['200'] = { description: end, content: events(part) }
  }
  for (const [path, [whole, part]] of Object.entries(twoForms)) {
    const responses = document.paths?.[path]?.post?.responses
    const content = { 'application/json': { schema: { $ref: `#/components/schemas/${whole}` } }, ...events(part) }
    if (responses !== undefined) responses['200'] = { description: eitherForm, content }
  }
}

/** What an event carries is JSON in a string, and the one that ends a broken stream has the form of every error. */
const events = (name: keyof typeof answered) => ({
  'text/event-stream': { schema: { oneOf: [event('message', name), event('error', 'Error'), event('done', null)] } },
})

const event = (type: string, carries: keyof typeof answered | null) => {
  const json = { contentMediaType: 'application/json', contentSchema: { $ref: `#/components/schemas/${carries}` } }
  const data = { type: 'string' as const, ...(carries !== null && json) }
  const required = carries === null ? ['event'] : ['event', 'data']
  return { type: 'object' as const, properties: { event: { const: type }, data }, required }
}
