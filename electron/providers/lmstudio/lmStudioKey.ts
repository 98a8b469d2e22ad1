import { randomBytes } from 'node:crypto'
import { AppError } from '../../lib/appError.ts'
import { createKeyRedaction } from '../../lib/keyRedaction.ts'

/** How a program names itself to LM Studio's socket: the two halves of a token, or a guest. */
export interface LmStudioIdentity {
  readonly clientIdentifier: string
  readonly clientPasskey: string
}

const token = /^sk-lm-([a-zA-Z0-9]{8}):([a-zA-Z0-9]{20})$/

/**
 * The key, when it has the form of a token of LM Studio. Another one cannot be right, and its SDK throws at the sight of it.
 * @throws AppError PROVIDER_KEY_REJECTED, without the key
 */
export const checkToken = (key: string | null): string | null => {
  if (key === null || token.test(key)) return key
  throw new AppError(
    'PROVIDER_KEY_REJECTED',
    'This key is not a token of LM Studio: those look like sk-lm-XXXXXXXX:YYYYYYYYYYYYYYYYYYYY.',
    {
      advice:
        'Copy the whole token from LM Studio (Developer, Server Settings), or take the key away if it asks for none.',
    },
  )
}

/** @param guest whom we are without a key */
export const identityOf = (key: string | null, guest: LmStudioIdentity): LmStudioIdentity => {
  const [, clientIdentifier, clientPasskey] = token.exec(checkToken(key) ?? '') ?? []
  return clientIdentifier !== undefined && clientPasskey !== undefined ? { clientIdentifier, clientPasskey } : guest
}

export const newGuest = (): LmStudioIdentity => ({ clientIdentifier: `guest:${random()}`, clientPasskey: random() })

const random = (): string => randomBytes(18).toString('base64')

/** Takes a token, and its secret half alone, out of what comes back over the socket. */
export const redactIdentity = ({ clientIdentifier, clientPasskey }: LmStudioIdentity) => {
  const [whole, half] = [createKeyRedaction(), createKeyRedaction()]
  whole.sent(`sk-lm-${clientIdentifier}:${clientPasskey}`)
  half.sent(clientPasskey)
  return {
    text: (foreign: string): string => half.fault(whole.fault(foreign)),
    json: (foreign: unknown): unknown => half.faultJson(whole.faultJson(foreign)),
  }
}
