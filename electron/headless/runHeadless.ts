import { flushCompileCache } from 'node:module'
import packageJson from '../../package.json' with { type: 'json' }
import type { App } from '../app.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import { runBenchmark } from './benchmarkCommand.ts'
import { newSecret } from './callers.ts'
import {
  type Command,
  type HeadlessOptions,
  helpText,
  keysPassphraseVariable,
  parseCommandLine,
} from './commandLine.ts'
import { createHttpHost, type HttpHost } from './httpHost.ts'
import { openApp, type Parts } from './openApp.ts'
import { browserCommand, openBrowser } from './openBrowser.ts'

interface Running {
  readonly app: App
  readonly host: HttpHost
  readonly close: () => Promise<void>
}

const SHUTDOWN_LIMIT_MS = 10_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

/** The command `npm start -- --headless`: from the arguments to the exit code. */
export async function runHeadless(args: readonly string[], parts: Parts): Promise<void> {
  try {
    const command: Command = parseCommandLine(args, process.env)
    delete process.env[keysPassphraseVariable] // so that no child process inherits it
    if (command.do === 'help') say(helpText.trimEnd())
    else if (command.do === 'version') say(packageJson.version)
    else if (command.do === 'benchmark') await runBenchmark(command.options, parts)
    else await run(command.options, parts)
  } catch (error) {
    complain(error instanceof AppError ? `Berth cannot start. ${error.message} ${error.advice}` : String(error))
    process.exitCode = 1
  }
}

async function run(options: HeadlessOptions, parts: Parts): Promise<void> {
  const running = await start(options, parts)
  const { app, host } = running
  closeOnSignals(running)
  app.announce(host.address)

  const link = host.link()
  say(`Berth is ready at ${options.token === null ? link : `${host.address}/ – in a browser: ${link}`}`)
  offerNewLinks(host)
  warnOnLan(app, options)
  void warnOnLockedKeys(app, options)
  const browser = options.open ? browserCommand(link, process.platform, process.env) : null
  if (browser !== null) openBrowser(browser)
  if (options.sample) await makeSample(app)
  setImmediate(flushCompileCache)
}

async function start(options: HeadlessOptions, parts: Parts): Promise<Running> {
  const { app, close: closeApp } = await openApp(options, parts)
  try {
    const host = await createHttpHost({
      router: app.router,
      token: options.token ?? newSecret(),
      uiDir: parts.uiDir,
      version: packageJson.version,
      reportBug: app.reportBug,
      now: Date.now,
      port: options.port,
      hostname: options.hostname,
      lan: options.lan,
    })
    const close = async (): Promise<void> => {
      await host.close()
      await closeApp()
    }
    return { app, host, close }
  } catch (error) {
    await closeApp()
    throw error
  }
}

/** The first signal closes what was started; a second one, or a close that hangs, ends the process as it is. */
function closeOnSignals({ app, close }: Running): void {
  let closing = false
  const end = (exitCode: number): void => {
    if (closing) process.exit(1)
    closing = true
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref()
    close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        complain(`Berth could not close everything: ${messageOf(error)}`)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  process.on('unhandledRejection', (error) => app.reportBug(error, 'unhandledRejection'))
  process.on('uncaughtException', (error) => {
    app.reportBug(error, 'uncaughtException')
    complain(`Berth made a mistake and ends: ${error.message}`)
    end(1)
  })
}

/** A link works once; whoever sits at the terminal, or may signal the process, gets another. */
function offerNewLinks(host: HttpHost): void {
  const sayLink = (): void => say(`A new link: ${host.link()}`)
  if (process.platform !== 'win32') process.on('SIGUSR2', sayLink)
  if (!process.stdin.isTTY) return
  process.stdin.on('data', sayLink)
  process.stdin.unref()
}

const LAN_NOTICE = 'reachable-unencrypted'

function warnOnLan({ services }: App, { lan }: HeadlessOptions): void {
  if (!lan) {
    services.system.dismiss(LAN_NOTICE)
    return
  }
  const text = 'Other machines can reach Berth, and what they send and receive is not encrypted.'
  complain(text)
  services.system.notify(LAN_NOTICE, 'warning', 'Reachable without encryption', text)
}

/** Berth starts with a wrong passphrase too: models of providers without a key need none. */
async function warnOnLockedKeys({ services }: App, { keysPassphrase }: HeadlessOptions): Promise<void> {
  if (keysPassphrase === null) return
  await services.secrets.start()
  const { protection, text } = services.secrets.state()
  if (protection !== 'passphrase') complain(text)
}

async function makeSample({ services }: App): Promise<void> {
  try {
    const { model, notice } = await services.samples.create()
    say(`The sample model is ${model}. ${notice}`)
  } catch (error) {
    complain(`The sample model could not be written: ${messageOf(error)}`)
  }
}
