import { parseArgs } from 'node:util'
import { AppError, messageOf } from '../lib/appError.ts'
import { isLoopback } from './gate.ts'
import { couldBeReached } from './listen.ts'

export interface HeadlessOptions {
  /** 0: any free one */
  readonly port: number
  readonly hostname: string
  readonly lan: boolean
  /** null: the operating system's place */
  readonly dataDir: string | null
  /** null: Berth makes one that only it knows, and browsers come in by the link */
  readonly token: string | null
  /** what keys of providers are stored under; only ever from the environment, which no process list shows */
  readonly keysPassphrase: string | null
  readonly open: boolean
  readonly sample: boolean
}

export type Command =
  | { readonly do: 'run'; readonly options: HeadlessOptions }
  | { readonly do: 'help' }
  | { readonly do: 'version' }

export const helpText = `Berth without a window: the same application in a browser, and as REST under /api/v1.

  npm start -- --headless [options]

  --port N         port to listen on; any free one when left out
  --data-dir DIR   where Berth keeps its catalog (or BERTH_DATA_DIR)
  --token TOKEN    what programs show as "Authorization: Bearer TOKEN" (or BERTH_TOKEN, which no process list shows)
  --no-open        do not open the browser
  --sample         write the small sample model
  --host ADDRESS   listen on another address than 127.0.0.1; beyond this machine only with --lan and --token
  --lan            let other machines in; the connection is not encrypted
  --help, --version

  BERTH_KEYS_PASSPHRASE in the environment: keys of providers are stored encrypted under it; without it they are kept in
  memory until Berth ends.
`

export const keysPassphraseVariable = 'BERTH_KEYS_PASSPHRASE'

const flags = {
  port: { type: 'string' },
  'data-dir': { type: 'string' },
  token: { type: 'string' },
  'no-open': { type: 'boolean' },
  host: { type: 'string' },
  lan: { type: 'boolean' },
  sample: { type: 'boolean' },
  headless: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Shorter ones are guessed by whoever can reach the port from elsewhere. */
const SHORTEST_LAN_TOKEN = 16

/** What to do. `env` gives what the arguments leave out. */
export function parseCommandLine(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  const values = parse(args)
  if (values.help === true) return { do: 'help' }
  if (values.version === true) return { do: 'version' }
  const token = values.token ?? nonEmpty(env.BERTH_TOKEN)
  const hostname = values.host ?? (values.lan === true ? '0.0.0.0' : '127.0.0.1')
  const options: HeadlessOptions = {
    port: parsePort(values.port),
    hostname,
    lan: values.lan ?? false,
    dataDir: values['data-dir'] ?? nonEmpty(env.BERTH_DATA_DIR),
    token,
    keysPassphrase: nonEmpty(env[keysPassphraseVariable]),
    open: values['no-open'] !== true,
    sample: values.sample ?? false,
  }
  checkToken(options)
  checkPassphrase(options)
  return { do: 'run', options }
}

const nonEmpty = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value)

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    throw wrong(messageOf(error).replace(/\.?$/, '.'))
  }
}

const wrong = (message: string): AppError =>
  new AppError('INVALID_INPUT', message, { advice: 'See what there is with --help.' })

function parsePort(text: string | undefined): number {
  const port = text === undefined ? 0 : Number(text)
  if (text !== undefined && !(/^\d{1,5}$/.test(text) && port <= 65_535))
    throw wrong(`--port takes a number from 0 to 65535, not "${text}".`)
  return port
}

function checkToken({ token, hostname, lan }: HeadlessOptions): void {
  if (token !== null && !/^[\x21-\x7e]{1,512}$/.test(token))
    throw wrong('The token may hold up to 512 visible ASCII characters, and no spaces.')
  if (isLoopback(hostname)) return
  if (!lan || token === null) throw couldBeReached(hostname)
  if (token.length < SHORTEST_LAN_TOKEN)
    throw wrong(`A token that other machines may use has at least ${SHORTEST_LAN_TOKEN} characters.`)
}

/** As long as the one that is given through the API. */
function checkPassphrase({ keysPassphrase }: HeadlessOptions): void {
  if (keysPassphrase !== null && (keysPassphrase.length < 8 || keysPassphrase.length > 1000))
    throw wrong(`The passphrase in ${keysPassphraseVariable} has 8 to 1000 characters.`)
}
