/**
 * `npm start`: builds what is missing or old, then opens the window – or the headless host where no window can open.
 * `--dev` runs both sides from their sources with reload. Arguments go through to whichever it is.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const electronFolder = join(root, 'node_modules', 'electron')
const headless = join(root, 'dist', 'main', 'headless.js')

const DOWNLOAD_LIMIT_MS = 120_000
/** What a shell says of a program whose libraries are not there. */
const NOT_RUNNABLE = 127

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const newestMs = (path: string): number => {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const names = readdirSync(path).filter((name) => name !== 'node_modules' && !name.includes('.test.'))
  return Math.max(stats.mtimeMs, ...names.map((name) => newestMs(join(path, name))))
}

function buildIfOld(): void {
  const outputs = [join(root, 'dist', 'renderer', 'index.html'), headless]
  const sources = ['electron', 'renderer', 'shared', 'package.json', 'vite.config.ts'].map((name) => join(root, name))
  const isFresh =
    outputs.every((path) => existsSync(path)) &&
    Math.min(...outputs.map((path) => statSync(path).mtimeMs)) >= Math.max(...sources.map(newestMs))
  if (isFresh) return
  tell('Building Berth …')
  execFileSync(process.execPath, [vite, 'build', '--app', '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

/** Electron's program, or null when it is not there. */
function electronProgram(): string | null {
  const name = join(electronFolder, 'path.txt')
  const program = existsSync(name) ? join(electronFolder, 'dist', readFileSync(name, 'utf8')) : null
  return program !== null && existsSync(program) ? program : null
}

/** By its own script; without a network Berth still starts. */
function fetchElectron(): string | null {
  tell('Fetching Electron …')
  const install = join(electronFolder, 'install.js')
  try {
    execFileSync(process.execPath, [install], { stdio: 'ignore', timeout: DOWNLOAD_LIMIT_MS })
  } catch {
    tell('Electron could not be fetched, so Berth opens in the browser.')
  }
  return electronProgram()
}

/** Only the headless host knows these. */
const headlessFlags = [
  '--headless',
  '--benchmark',
  '--port',
  '--host',
  '--lan',
  '--token',
  '--no-open',
  '--sample',
  '--help',
  '-h',
  '--version',
  '-v',
]
const asksForHeadless = (): boolean => args.some((arg) => headlessFlags.includes(arg.split('=')[0] ?? ''))

/** A window needs a display, and Chromium's sandbox somebody else than root. */
const canShowWindow = (): boolean =>
  process.platform !== 'linux' ||
  (Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY) && process.getuid?.() !== 0)

const passSignals = (child: ChildProcess): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill(signal))
}

const exitCodeOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.on('error', () => resolve(NOT_RUNNABLE))
    child.on('exit', (code) => resolve(code ?? 1))
  })

async function start(): Promise<void> {
  buildIfOld()
  const program = asksForHeadless() || !canShowWindow() ? null : (electronProgram() ?? fetchElectron())
  if (program !== null) {
    const window = spawn(program, [root, ...args], { stdio: 'inherit' })
    passSignals(window)
    const exitCode = await exitCodeOf(window)
    if (exitCode !== NOT_RUNNABLE) process.exit(exitCode)
    tell('Electron cannot run on this system, so Berth opens in the browser.')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
  }
  await import(pathToFileURL(headless).href)
}

/** Vite serves the window's sources and passes everything else on to a host that starts again when its sources change. */
async function startDev(): Promise<void> {
  const hostAddress = 'http://127.0.0.1:7701'
  const uiAddress = 'http://127.0.0.1:7700'
  const env = { ...process.env, BERTH_DEV_HOST: hostAddress }
  const server = spawn(
    process.execPath,
    [vite, '--port', new URL(uiAddress).port, '--strictPort', '--clearScreen', 'false'],
    {
      cwd: root,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const hostArgs = [...args.filter((arg) => arg !== '--dev'), '--port', new URL(hostAddress).port, '--no-open']
  const host = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', join(root, 'electron', 'headless', 'main.ts'), ...hostArgs],
    {
      stdio: ['inherit', 'pipe', 'inherit'],
    },
  )
  createInterface({ input: host.stdout }).on('line', (line) =>
    process.stdout.write(`${line.replaceAll(hostAddress, uiAddress)}\n`),
  )
  passSignals(server)
  passSignals(host)
  const exitCode = await Promise.race([exitCodeOf(server), exitCodeOf(host)])
  server.kill()
  host.kill()
  process.exitCode = exitCode
}

await (args.includes('--dev') ? startDev() : start())
