import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { AppError } from '../lib/appError.ts'
import { contentTypes, findStaticFile } from '../lib/staticFiles.ts'

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
    'content-type': contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream',
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
