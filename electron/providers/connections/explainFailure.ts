import type { ProviderTest } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import type { AppError } from '../../lib/appError.ts'
import { isTlsFault } from '../../lib/httpFaults.ts'
import { howToListen, howToStart } from '../discovery/howToStart.ts'
import type { ConnectedKind } from '../kinds.ts'
import { isLoopback } from '../providerAddress.ts'

export type FailedTest = Extract<ProviderTest, { result: 'failed' }>
type Problem = FailedTest['problem']

export interface Tried {
  readonly kind: ConnectedKind
  readonly address: string
  readonly hasKey: boolean
  /** what answers there; null when nothing was recognised, or nobody asked */
  readonly found: ConnectedKind | null
}

/** Why a server could not be used, exactly, and what to do about it. */
export const explainFailure = (error: AppError, tried: Tried): FailedTest => {
  const { kind, address, found } = tried
  const another = found === null || found === kind ? null : found
  const failed = (problem: Problem, words: { code?: string; message?: string; advice?: string }): FailedTest => ({
    result: 'failed',
    problem,
    code: error.code,
    message: error.message,
    advice: error.advice,
    kindFound: another,
    ...words,
  })
  // whatever answers as OpenAI does is right where just that was asked for
  if (another !== null && kind !== 'openai')
    return failed('wrong-kind', {
      code: 'PROVIDER_WRONG_KIND',
      message: `At ${address} answers ${kindLabel(another)}, and not ${kindLabel(kind)}.`,
      advice: `Choose ${kindLabel(another)} as the kind of server, or correct the address.`,
    })
  const problem = problemOf(error)
  return failed(problem, wordsFor(problem, error, tried))
}

/** The errno or OpenSSL name that electron/lib/httpFaults.ts keeps. */
const reasonOf = (error: AppError): string => {
  const reason = error.details?.reason
  return typeof reason === 'string' ? reason : ''
}

const problemOf = (error: AppError): Problem => {
  const reason = reasonOf(error)
  switch (error.code) {
    case 'ADDRESS_INVALID':
      return 'address'
    case 'PROVIDER_TIMEOUT':
      return 'timeout'
    case 'PROVIDER_KEY_REJECTED':
      return 'key'
    case 'PROVIDER_WRONG_KIND':
      return 'wrong-kind'
    case 'PROVIDER_TOO_OLD':
      return 'too-old'
    case 'PROVIDER_UNREACHABLE':
      if (reason === 'ECONNREFUSED') return 'refused'
      if (reason === 'ENOTFOUND' || reason.startsWith('EAI_')) return 'dns'
      return isTlsFault(reason) ? 'tls' : 'other'
    default:
      return 'other'
  }
}

const wordsFor = (problem: Problem, error: AppError, tried: Tried): { message?: string; advice?: string } => {
  const { kind, address, hasKey } = tried
  const { host, hostname, protocol } = new URL(address)
  switch (problem) {
    case 'refused':
      return {
        message: `Nothing listens at ${host}.`,
        advice: isLoopback(address) ? howToStart[kind] : startThere(kind),
      }
    case 'dns':
      return {
        message: `The host name ${hostname} is unknown.`,
        advice: 'Check its spelling and the network, or give its IP address.',
      }
    case 'tls':
      return tlsWords(reasonOf(error), host)
    case 'timeout':
      return {
        advice: isLoopback(address)
          ? 'It may still be starting or loading a model: try again, or restart it.'
          : 'Check the address, that the machine is on, and that no firewall is in between; then try again.',
      }
    case 'key':
      return hasKey
        ? { advice: 'Check that the key is complete, not expired, and belongs to this server.' }
        : { message: `${kindLabel(kind)} at ${host} asks for a key.`, advice: 'Enter its key.' }
    case 'other':
      return protocol === 'http:' && closed.has(reasonOf(error))
        ? { advice: 'If the server speaks https, begin its address with https://.' }
        : {}
    default:
      return {}
  }
}

/** A server that expects TLS ends a plain request like this. */
const closed = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT'])

const startThere = (kind: ConnectedKind): string => {
  const listen = howToListen[kind]
  return `Start the server on that machine, and check the port.${listen === null ? '' : ` To be reached from others: ${listen}.`}`
}

const tlsWords = (reason: string, host: string): { message: string; advice: string } => {
  if (/WRONG_VERSION|PACKET_LENGTH|EPROTO|HTTP_REQUEST/.test(reason))
    return { message: `${host} does not speak https.`, advice: 'Begin its address with http://.' }
  if (reason === 'CERT_HAS_EXPIRED')
    return { message: `The certificate of ${host} has expired.`, advice: 'Renew it where the server runs.' }
  if (reason === 'CERT_NOT_YET_VALID')
    return { message: `The certificate of ${host} is not valid yet.`, advice: 'Check the clocks of both machines.' }
  if (/ALTNAME|HOSTNAME/.test(reason))
    return {
      message: `The certificate that ${host} shows is for another host name.`,
      advice: 'Use the name that stands in its certificate.',
    }
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/.test(reason))
    return {
      message: `The certificate of ${host} is not signed by anyone this machine trusts.`,
      advice: 'Start Berth with NODE_EXTRA_CA_CERTS set to the file of the authority that signed it.',
    }
  return { message: `No secure connection to ${host} came about (${reason}).`, advice: 'Check its https settings.' }
}
