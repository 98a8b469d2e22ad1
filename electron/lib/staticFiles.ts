import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { errnoOf } from './appError.ts'

/** By extension. */
export const contentTypes: Readonly<Record<string, string>> = {
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
