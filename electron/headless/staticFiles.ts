import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { AppError, errnoOf } from '../lib/appError.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
}

/** No dot at either end, no separator, no drive: what a build tool calls a file. */
const segment = /^[A-Za-z0-9_-]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$/
/** Windows opens a device for these, with any extension. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i

/**
 * The one way from a path in an address to a file of the user interface: decoded once, made of plain names only, and really
 * inside the folder when all links are followed. Null for everything else, whether it is missing or forbidden.
 */
export async function findStaticFile(root: string, path: string): Promise<string | null> {
  const names = staticNames(path)
  if (names === null) return null
  try {
    const file = await realpath(join(root, ...names))
    const inside = file.startsWith(`${await realpath(root)}${sep}`)
    return inside && (await stat(file)).isFile() ? file : null
  } catch (error) {
    if (errnoOf(error) === null) throw error
    return null
  }
}

export function staticNames(path: string): string[] | null {
  if (path === '/') return ['index.html']
  try {
    const [first, ...names] = decodeURIComponent(path).split('/')
    const plain = names.every((name) => segment.test(name) && !device.test(name))
    return first === '' && names.length > 0 && plain ? names : null
  } catch {
    return null // not percent-encoded UTF-8
  }
}

/** Vite puts a hash of the content into the names under `assets/`. */
const isHashed = (path: string): boolean => path.startsWith('/assets/')

export async function sendStaticFile(
  response: ServerResponse,
  root: string,
  path: string,
  withBody: boolean,
): Promise<void> {
  const file = await findStaticFile(root, path)
  if (file === null) throw new AppError('NOT_FOUND')
  const { size } = await stat(file)
  response.writeHead(200, {
    'content-type': types[extname(file).toLowerCase()] ?? 'application/octet-stream',
    'content-length': size,
    'cache-control': isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (!withBody || size === 0) {
    response.end()
    return
  }
  // a file of ours that shrank meanwhile must not leave the reader waiting
  createReadStream(file, { end: size - 1 })
    .on('error', () => response.destroy())
    .pipe(response)
}
