import { type ClientContext, type ClientLink, type ClientOptions, ORPCError } from '@orpc/client'
import { isContractProcedure } from '@orpc/contract'
import { type Dispatcher, request } from 'undici'
import { ErrorBody, errorCodes } from '../../shared/contract/errors.ts'
import { contract } from '../../shared/contract/index.ts'

interface Route {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  /** the codes the procedure says it may answer with */
  readonly declared: readonly string[]
}

const routeOf = (path: readonly string[]): Route => {
  let found: unknown = contract
  for (const name of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined
  if (!isContractProcedure(found)) throw new Error(`${path.join('.')} is no procedure.`)
  const { route, errorMap } = found['~orpc']
  const { method = 'POST', path: httpPath = '' } = route
  return { method: method as Dispatcher.HttpMethod, path: httpPath, declared: Object.keys(errorMap) }
}

const queryOf = (input: unknown): string => {
  const pairs = Object.entries(input ?? {}).filter(([, value]) => value !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
}

const thrownBy = (value: unknown): Error => {
  const { code, message, ...data } = ErrorBody.parse(value)
  const known = errorCodes[code as keyof typeof errorCodes]
  return new ORPCError(code, { defined: true, status: known.status, message, data })
}

/** Calls the contract as any program would: a method, an address, JSON, server-sent events. */
export function createRestLink(address: string, token: string): ClientLink<ClientContext> {
  const call = async (
    path: readonly string[],
    input: unknown,
    { signal }: ClientOptions<ClientContext>,
  ): Promise<unknown> => {
    const route = routeOf(path)
    const isRead = route.method === 'GET'
    const answer = await request(`${address}/api/v1${route.path}${isRead ? queryOf(input) : ''}`, {
      method: route.method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: isRead || input === undefined ? null : JSON.stringify(input),
      signal: signal ?? null,
      headersTimeout: 0,
    })
    if (answer.headers['content-type'] === 'text/event-stream') return readEvents(answer.body)
    const value: unknown = await answer.body.json()
    if (answer.statusCode === 200) return value
    const failure = thrownBy(value)
    if (failure instanceof ORPCError && failure.status !== answer.statusCode)
      throw new Error(`${failure.code} came with status ${answer.statusCode}.`)
    if (failure instanceof ORPCError && !route.declared.includes(failure.code))
      throw new Error(`${path.join('.')} answers ${failure.code}, which its contract does not declare.`)
    throw failure
  }
  return { call }
}

async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, unknown, void> {
  let text = ''
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString()
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1]
      if (data === undefined) continue
      const value: unknown = JSON.parse(data)
      if (/^event: error$/m.test(event)) throw thrownBy(value)
      if (/^event: done$/m.test(event)) return value
      yield value
    }
  }
  return undefined
}
