import type { OpenAPI } from '@orpc/contract'
import { OpenAPIGenerator, toOpenAPIEventIteratorContent } from '@orpc/openapi'
import type { AnyRouter } from '@orpc/server'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { ErrorBody } from '../../shared/contract/errors.ts'
import { Folder } from '../../shared/contract/folders.ts'
import { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { Job } from '../../shared/contract/jobs.ts'
import { ChatChunk, ChatResult, Instance, LoadOptions, Model } from '../../shared/contract/models.ts'
import { Provider } from '../../shared/contract/providers.ts'
import { Settings } from '../../shared/contract/settings.ts'
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
\`/\` and \`:\`, so they travel in the query or the body.`

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
    operation.security = access === 'public' ? [] : Object.keys(securitySchemes).map((scheme) => ({ [scheme]: [] }))
    describeErrors(operation)
  }
  describeChat(document)
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

/** The one answer with two forms, which a schema of one form cannot say. */
function describeChat(document: OpenAPI.Document): void {
  const answer = document.paths?.['/models/chat']?.post?.responses?.['200']
  if (answer === undefined || '$ref' in answer) return
  answer.description = 'The whole answer, or its parts as server-sent events when the request says `stream: true`.'
  answer.content = {
    'application/json': { schema: { $ref: '#/components/schemas/ChatResult' } },
    ...toOpenAPIEventIteratorContent([true, { $ref: '#/components/schemas/ChatChunk' }], [false, {}]),
  }
}
