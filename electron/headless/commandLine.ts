import { parseArgs } from 'node:util'
import { BenchmarkKind, BenchmarkPreset } from '../../shared/contract/benchmarkSettings.ts'
import { BenchmarkFormat } from '../../shared/contract/benchmarks.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
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

/** One measurement, without a port: nobody else can call Berth meanwhile. */
export interface BenchmarkOptions extends Pick<HeadlessOptions, 'dataDir' | 'keysPassphrase' | 'sample'> {
  readonly model: ModelId
  readonly preset: BenchmarkPreset | undefined
  readonly kind: BenchmarkKind | undefined
  /** US dollars that it may spend */
  readonly acceptedUsd: number | undefined
  readonly format: BenchmarkFormat
  /** null: the standard output */
  readonly output: string | null
}

export type Command =
  | { readonly do: 'run'; readonly options: HeadlessOptions }
  | { readonly do: 'benchmark'; readonly options: BenchmarkOptions }
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

  Or measure one model, print the result and end, without a port:

  npm start --silent -- --benchmark MODEL [options]

  --benchmark MODEL   a name of the list of models, e.g. embedded/berth-sample
  --preset P          quick (when left out), standard or thorough
  --kind K            engine, serving or embedding; what suits the model when left out
  --accept-usd N      what a provider that charges may charge for it, US dollars
  --format F          markdown (when left out), json, csv or llama-bench
  --output FILE       write it there, where no file is yet; else it is printed
  --data-dir DIR, --sample as above. Progress goes to the standard error; Ctrl-C ends it and prints what was measured.
  It ends with 0, with 1 when it failed, with 130 after Ctrl-C.

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
  benchmark: { type: 'string' },
  preset: { type: 'string' },
  kind: { type: 'string' },
  'accept-usd': { type: 'string' },
  format: { type: 'string' },
  output: { type: 'string' },
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
  const keysPassphrase = nonEmpty(env[keysPassphraseVariable])
  const dataDir = values['data-dir'] ?? nonEmpty(env.BERTH_DATA_DIR)
  checkPassphrase(keysPassphrase)
  if (values.benchmark !== undefined)
    return { do: 'benchmark', options: { ...benchmarkOptions(values, values.benchmark), dataDir, keysPassphrase } }
  refuseWithout(values)
  const token = values.token ?? nonEmpty(env.BERTH_TOKEN)
  const hostname = values.host ?? (values.lan === true ? '0.0.0.0' : '127.0.0.1')
  const options: HeadlessOptions = {
    port: parsePort(values.port),
    hostname,
    lan: values.lan ?? false,
    dataDir,
    token,
    keysPassphrase,
    open: values['no-open'] !== true,
    sample: values.sample ?? false,
  }
  checkToken(options)
  return { do: 'run', options }
}

const nonEmpty = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value)

type Values = ReturnType<typeof parse>

/** Of a host that others can call. */
const hostFlags = ['port', 'host', 'lan', 'token'] as const
const benchmarkFlags = ['preset', 'kind', 'accept-usd', 'format', 'output'] as const

function benchmarkOptions(values: Values, name: string): Omit<BenchmarkOptions, 'dataDir' | 'keysPassphrase'> {
  const given = hostFlags.find((flag) => values[flag] !== undefined)
  if (given !== undefined) throw wrong(`--${given} has no meaning with --benchmark: it opens no port.`)
  const model = ModelId.safeParse(name)
  if (!model.success) throw wrong(`--benchmark takes the name of a model like embedded/berth-sample, not "${name}".`)
  if (values.output === '') throw wrong('--output takes the name of a file.')
  return {
    model: model.data,
    preset: oneOf('preset', BenchmarkPreset.options, values.preset),
    kind: oneOf('kind', BenchmarkKind.options, values.kind),
    acceptedUsd: parseUsd(values['accept-usd']),
    format: oneOf('format', BenchmarkFormat.options, values.format) ?? 'markdown',
    output: values.output ?? null,
    sample: values.sample ?? false,
  }
}

function refuseWithout(values: Values): void {
  const given = benchmarkFlags.find((flag) => values[flag] !== undefined)
  if (given !== undefined) throw wrong(`--${given} has a meaning with --benchmark MODEL alone.`)
}

function oneOf<T extends string>(flag: string, allowed: readonly T[], text: string | undefined): T | undefined {
  const found = allowed.find((value) => value === text)
  if (text !== undefined && found === undefined)
    throw wrong(`--${flag} takes ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}, not "${text}".`)
  return found
}

function parseUsd(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const usd = Number(text)
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text) || usd > 100_000)
    throw wrong(`--accept-usd takes an amount of US dollars up to 100000 like 0.50, not "${text}".`)
  return usd
}

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
function checkPassphrase(keysPassphrase: string | null): void {
  if (keysPassphrase !== null && (keysPassphrase.length < 8 || keysPassphrase.length > 1000))
    throw wrong(`The passphrase in ${keysPassphraseVariable} has 8 to 1000 characters.`)
}
