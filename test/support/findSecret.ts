import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How a secret may stand in bytes: as it is, in UTF-16, URL-encoded, in JSON, in hexadecimal, backwards, and in Base64
 * wherever it begins in what was encoded.
 */
const formsOf = (secret: string): Buffer[] => {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // the first and the last letters depend on the neighbours
    const sure = text.slice(before === 0 ? 0 : before + 1, -2)
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const texts = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    [...secret].reverse().join(''),
    ...base64,
  ]
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(Buffer.from(secret, 'utf16le'))
}

/** Whether these bytes hold the secret, in any of its forms. */
export const holdsSecret = (bytes: Buffer | string, secret: string): boolean => {
  const all = Buffer.from(bytes)
  return formsOf(secret).some((form) => all.includes(form))
}

/** The files below a folder, by their path from there. */
export const filesBelow = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name))]),
  )

/** Which files below a folder hold the secret. */
export const filesWithSecret = (folder: string, secret: string): string[] =>
  [...filesBelow(folder)].flatMap(([name, bytes]) => (holdsSecret(bytes, secret) ? [name] : []))
