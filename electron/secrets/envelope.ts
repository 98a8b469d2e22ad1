import { createHash } from 'node:crypto'
import { z } from 'zod'

const Content = z.tuple([z.string(), z.string(), z.string()])
const digestLength = 64

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex')

/**
 * What the operating system's store is given: the key with whose it is and where it may go, under a hash. Some stores encrypt
 * without authentication, so that a damaged or exchanged ciphertext may decrypt to something.
 */
export const wrapKey = (id: string, origin: string, key: string): string => {
  const content = JSON.stringify([id, origin, key])
  return digestOf(content) + content
}

/** The key again, or null when this is not what was wrapped for this provider and origin. */
export const unwrapKey = (text: string, id: string, origin: string): string | null => {
  const content = text.slice(digestLength)
  if (text.slice(0, digestLength) !== digestOf(content)) return null
  const [ownId, ownOrigin, key] = Content.parse(JSON.parse(content)) // the hash says that we wrote it
  return ownId === id && ownOrigin === origin ? key : null
}
