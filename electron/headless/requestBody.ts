import type { IncomingMessage } from 'node:http'
import { AppError } from '../lib/appError.ts'

const BODY_LIMIT_BYTES = 8 * 1024 * 1024
const DEPTH_LIMIT = 64

const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

const isJsonType = (type: string): boolean => /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type)

/** The request's JSON, or undefined without a body. What is too large is refused before it is kept or parsed. */
export async function readJsonBody(request: IncomingMessage, beforeReading: () => void = () => {}): Promise<unknown> {
  const type = request.headers['content-type']
  if (type !== undefined && !isJsonType(type)) throw new AppError('NOT_JSON')
  if (!hasBody(request)) return undefined
  if (type === undefined || request.headers['content-encoding'] !== undefined) throw new AppError('NOT_JSON')
  if (Number(request.headers['content-length']) > BODY_LIMIT_BYTES) throw new AppError('TOO_LARGE')
  beforeReading()
  return parseJson(await readBytes(request))
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes <= BODY_LIMIT_BYTES) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(new AppError('TOO_LARGE'))
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new AppError('INVALID_JSON', 'The request ended before its body did.')))
  })
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    refuseDeepJson(text)
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('INVALID_JSON', undefined, { cause: error })
  }
}

/** Counts brackets outside strings, so that nothing recursive ever sees what is nested too deep. */
export function refuseDeepJson(text: string): void {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index)
    if (character === 0x22) index = endOfString(text, index)
    else if (character === 0x7b || character === 0x5b) depth += 1
    else if (character === 0x7d || character === 0x5d) depth -= 1
    if (depth > DEPTH_LIMIT)
      throw new AppError('INVALID_JSON', `The JSON is nested more than ${DEPTH_LIMIT} levels deep.`, {
        advice: 'Send it with less nesting.',
      })
  }
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charCodeAt(index)
    if (character === 0x5c) index += 1
    else if (character === 0x22) return index
  }
  return text.length
}
