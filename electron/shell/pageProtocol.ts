import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { contentTypes, findStaticFile } from '../lib/staticFiles.ts'
import type { ElectronApi } from './electronApi.ts'
import { isOwnPage, pageScheme } from './origin.ts'

const pageRules = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const headers = {
  'content-security-policy': pageRules,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** To be called before Electron is ready. */
export const registerPageScheme = ({ protocol }: Pick<ElectronApi, 'protocol'>): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, codeCache: true } },
  ])

/** Files of the user interface, and nothing else; missing and forbidden look the same. */
export const answerPage = async (uiDir: string, request: Pick<Request, 'url' | 'method'>): Promise<Response> => {
  const url = URL.parse(request.url)
  // The path as it was sent: a parsed one has its dots resolved, and what was asked for must be judged.
  const path = request.url.slice(`${pageScheme}://${url?.host}`.length).replace(/[?#].*$/s, '')
  const file =
    request.method === 'GET' && url && isOwnPage(request.url) ? await findStaticFile(uiDir, path || '/') : null
  if (file === null) return new Response(null, { status: 404, headers })
  return new Response(await readFile(file), {
    headers: { ...headers, 'content-type': contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream' },
  })
}
