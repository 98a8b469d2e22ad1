import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FakeInstance, FakeLmModel, LmStudioWorld } from './lmStudioWorld.ts'

/** How a namespace of the socket, or one of its endpoints (`llm/loadModel`), behaves instead of as it should. */
export type SocketBehaviour =
  | 'answers 200'
  | 'answers 401'
  | 'redirects'
  | 'no upgrade'
  | 'silent'
  | 'refuses identity'
  | 'strange authentication'
  // of an endpoint
  | 'no answer'
  | 'cut'
  | 'not json'
  | 'null'
  | 'wrong form'
  | 'error'
  | 'out of memory'
  | 'huge frame'
  | 'endless progress'
  | 'odd end'
  | 'loads though cancelled'

export interface SocketServerOptions {
  readonly world: LmStudioWorld
  readonly behaviour: Readonly<Record<string, SocketBehaviour | undefined>>
  /** null: everybody may */
  readonly token: string | null
  readonly version: string
}

type Frame = Readonly<Record<string, unknown>>
type Parameter = {
  readonly modelKey?: string
  readonly ttlMs?: number
  readonly loadConfigStack?: {
    readonly layers: readonly { readonly config: { readonly fields: readonly { key: string; value: unknown }[] } }[]
  }
}

const modelInfo = (model: FakeLmModel) => ({
  type: model.type ?? 'llm',
  modelKey: model.key,
  format: model.format === 'mlx' ? 'safetensors' : 'gguf',
  displayName: model.name ?? model.key,
  publisher: 'someone',
  path: model.path ?? `someone/repo/${model.key.replaceAll('/', '-')}.gguf`,
  sizeBytes: model.sizeBytes ?? 1_000_000,
  paramsString: '1B',
  architecture: 'llama',
  vision: model.vision ?? false,
  trainedForToolUse: model.tools ?? false,
  maxContextLength: model.maxContext ?? 8192,
})
const instanceInfo = (model: FakeLmModel, { id, contextLength, ttlMs, lastUsedTime }: FakeInstance) => ({
  ...modelInfo(model),
  identifier: id,
  instanceReference: `ref-${id}`,
  contextLength,
  ttlMs,
  lastUsedTime,
})

/** The namespaces of LM Studio's socket, as the SDK 1.5.0 speaks them, which lie on request. */
export const createSocketServer = ({ world, behaviour, token, version }: SocketServerOptions) => {
  const sockets = new WebSocketServer({ noServer: true })
  const seen = {
    identities: [] as Frame[],
    /** parameters of channels and questions */
    calls: [] as { endpoint: string; parameter: Parameter | undefined; fields: Record<string, unknown> }[],
    cancelled: 0,
    open: new Set<WebSocket>(),
  }

  const isIn = ({ clientIdentifier, clientPasskey }: Frame) =>
    token === null ? String(clientIdentifier).length > 7 : token === `sk-lm-${clientIdentifier}:${clientPasskey}`

  const rpc = (namespace: string, endpoint: string): unknown => {
    const listed = (type: string) =>
      world.state.instances.flatMap((instance) => {
        const model = world.find(instance.key)
        return model !== undefined && (model.type ?? 'llm') === type ? [instanceInfo(model, instance)] : []
      })
    if (endpoint === 'listLoaded') return listed(namespace)
    if (endpoint === 'version') return { version, build: 7 }
    if (endpoint === 'listDownloadedModels') return world.state.models.map(modelInfo)
    return undefined
  }

  const loadModel = async (socket: WebSocket, channelId: unknown, parameter: Parameter, how?: SocketBehaviour) => {
    const say = (message: unknown) => socket.send(JSON.stringify({ type: 'channelSend', channelId, message }))
    const fail = (error: unknown) => socket.send(JSON.stringify({ type: 'channelError', channelId, error }))
    const model = world.find(parameter.modelKey)
    if (model === undefined) {
      const displayData = {
        code: 'generic.pathNotFound',
        path: parameter.modelKey,
        availablePathsSample: [],
        totalModels: 0,
      }
      return fail({ title: `Cannot find a model with path "${parameter.modelKey}"`, displayData })
    }
    let isCancelled = false
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame
      if (frame.type !== 'channelSend' || frame.channelId !== channelId) return
      isCancelled = true
      seen.cancelled++
      if (how === 'loads though cancelled') world.load(model.key)
      socket.send(JSON.stringify({ type: 'channelClose', channelId }))
    })
    if (how === 'no answer') return
    if (how === 'cut') return socket.terminate()
    if (how === 'error')
      return fail({ title: 'The model file is damaged.', cause: 'key sk-lm-abcdefgh:0123456789abcdefghij' })
    if (how === 'out of memory')
      return fail({
        title: 'Error loading model',
        cause: 'Model loading was stopped due to insufficient system resources.',
      })
    if (how === 'null') return say(null)
    if (how === 'not json') return socket.send('{"type":')
    if (how === 'wrong form') return say({ type: 'success', info: { identifier: 7 } })
    if (how === 'huge frame') return socket.send('x'.repeat(110 * 2 ** 20))
    say({ type: 'resolved', info: modelInfo(model) })
    say({ type: 'progress', progress: 0.25 })
    while (how === 'endless progress' && socket.readyState === socket.OPEN && !isCancelled) {
      for (let count = 0; count < 200; count++) say({ type: 'progress', progress: Number.MAX_VALUE })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await world.held.get('load')
    if (isCancelled || socket.readyState !== socket.OPEN) return
    const fields = fieldsOf(parameter)
    const contextLength = Object.entries(fields).find(([key]) => key.endsWith('contextLength'))?.[1]
    const wish = {
      contextLength: typeof contextLength === 'number' ? contextLength : undefined,
      ttlMs: parameter.ttlMs,
    }
    const info = instanceInfo(model, world.load(model.key, wish))
    // a newer LM Studio, with a word that the SDK does not know
    say({ type: 'success', info: how === 'odd end' ? { ...info, format: 'nvfp4' } : info })
    socket.send(JSON.stringify({ type: 'channelClose', channelId }))
  }

  const answerCall = (socket: WebSocket, namespace: string, frame: Frame) => {
    const endpoint = String(frame.endpoint)
    const how = behaviour[`${namespace}/${endpoint}`]
    const parameter = (frame.parameter ?? frame.creationParameter) as Parameter | undefined // what the SDK sends
    if (frame.type === 'rpcCall' || frame.type === 'channelCreate')
      seen.calls.push({ endpoint: `${namespace}/${endpoint}`, parameter, fields: fieldsOf(parameter) })
    if (frame.type === 'channelCreate' && endpoint === 'loadModel')
      return void loadModel(socket, frame.channelId, parameter ?? {}, how)
    if (frame.type !== 'rpcCall') return
    const { callId } = frame
    const send = (result: unknown) => socket.send(JSON.stringify({ type: 'rpcResult', callId, result }))
    if (how === undefined) return send(rpc(namespace, endpoint))
    if (how === 'no answer') return
    if (how === 'cut') return socket.terminate()
    if (how === 'not json') return socket.send('{"type":')
    if (how === 'null') return send(null)
    if (how === 'huge frame') return socket.send('x'.repeat(9 * 2 ** 20))
    if (how === 'error') return socket.send(JSON.stringify({ type: 'rpcError', callId, error: { title: 'no' } }))
    send('many')
  }

  const serve = (socket: WebSocket, namespace: string) => {
    seen.open.add(socket)
    socket.on('close', () => seen.open.delete(socket))
    socket.on('error', () => {}) // the client may leave at any time
    const how = behaviour[namespace]
    let known = false
    socket.on('message', (data) => {
      if (how === 'silent') return
      const frame = JSON.parse(String(data)) as Frame // of our own client and of the SDK
      if (known) return answerCall(socket, namespace, frame)
      seen.identities.push(frame)
      if (how === 'strange authentication') return socket.send('[1]')
      known = how !== 'refuses identity' && isIn(frame)
      socket.send(JSON.stringify(known ? { success: true } : { success: false, error: 'Invalid passkey.' }))
    })
  }

  return {
    seen,
    upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      const namespace = (request.url ?? '').slice(1)
      stream.on('error', () => {}) // the client may leave at any time
      switch (behaviour[namespace]) {
        case 'answers 200':
          return stream.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
        case 'answers 401':
          return stream.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
        case 'redirects':
          return stream.end('HTTP/1.1 307 Moved\r\nlocation: ws://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n')
        case 'no upgrade':
          return
        default:
          sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, namespace))
      }
    },
    close: () => {
      for (const socket of seen.open) socket.terminate()
      sockets.close()
    },
  }
}

const fieldsOf = (parameter: Parameter | undefined): Record<string, unknown> =>
  Object.fromEntries(
    (parameter?.loadConfigStack?.layers ?? []).flatMap(({ config }) =>
      config.fields.map(({ key, value }) => [key, value]),
    ),
  )
