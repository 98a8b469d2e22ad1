import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { findCommand, pathFolders } from '../../lib/childProcess.ts'
import type { ConnectedKind } from '../kinds.ts'
import { lmStudioHomes } from '../lmstudio/lmStudioHomes.ts'
import { readJson } from '../parts/smallFile.ts'
import type { Environment } from './environment.ts'

export interface Where {
  readonly env: Environment
  readonly home: string
  readonly platform: NodeJS.Platform
  /** where absolute paths begin; not `/` in tests */
  readonly root: string
}

/** A program on this machine that can be a server. */
export interface Program {
  readonly kind: ConnectedKind
  /** what shows that it is installed, for people */
  readonly seenBy: string
  /** the port its settings name */
  readonly port: number | null
}

const Port = z.object({ port: z.int().min(1).max(65_535) })

/** What is installed here, by its commands, folders and settings; nothing is started. */
export const findPrograms = async (where: Where): Promise<Program[]> => {
  const found = await Promise.all([
    ollama(where),
    lmStudio(where),
    lemonade(where),
    byCommand('llama-server', ['llama-server'], where),
    byCommand('llama-swap', ['llama-swap'], where),
    byCommand('vllm', ['vllm'], where),
  ])
  return found.filter((program) => program !== null)
}

const ollama = async (where: Where): Promise<Program | null> => {
  const { env, home, platform, root } = where
  const set = env.OLLAMA_MODELS?.trim()
  const folders = [
    ...(set && isAbsolute(set) ? [set] : []),
    join(home, '.ollama', 'models'),
    ...(platform === 'linux' ? [join(root, 'usr', 'share', 'ollama', '.ollama', 'models')] : []),
    ...(platform === 'darwin' ? [join(root, 'Applications', 'Ollama.app')] : []),
    ...(platform === 'win32' && env.LOCALAPPDATA ? [join(env.LOCALAPPDATA, 'Programs', 'Ollama')] : []),
  ]
  return (await byCommand('ollama', ['ollama'], where)) ?? byFolder('ollama', folders)
}

const lmStudio = async (where: Where): Promise<Program | null> => {
  const { home, platform, root } = where
  const own = await lmStudioHomes(home)
  const applications = platform === 'darwin' ? [join(root, 'Applications', 'LM Studio.app')] : []
  const settings = await firstJson(own.map((folder) => join(folder, '.internal', 'http-server-config.json')))
  const program =
    (await byFolder('lmstudio', [...own, ...applications])) ?? (await byCommand('lmstudio', ['lms'], where))
  return program && { ...program, port: settings }
}

const lemonade = async (where: Where): Promise<Program | null> => {
  const { env, home, platform, root } = where
  const folders = [
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'lemonade'),
    join(home, '.cache', 'lemonade'),
    ...(platform === 'linux' ? [join(root, 'var', 'lib', 'lemonade')] : []),
  ]
  const port = await firstJson(folders.map((folder) => join(folder, 'config.json')))
  const commands = ['lemond', 'lemonade', 'lemonade-server']
  const program = (await byCommand('lemonade', commands, where)) ?? (await byFolder('lemonade', folders))
  return program && { ...program, port }
}

/** The port in the first of these settings that names one. */
const firstJson = async (paths: readonly string[]): Promise<number | null> => {
  for (const path of paths) {
    const settings = Port.safeParse(await readJson(path))
    if (settings.success) return settings.data.port
  }
  return null
}

const byCommand = async (kind: ConnectedKind, names: readonly string[], where: Where): Promise<Program | null> => {
  const files = where.platform === 'win32' ? names.map((name) => `${name}.exe`) : names
  // a program that was opened from the Dock knows little of what a shell knows
  const more = where.platform === 'darwin' ? ['opt/homebrew/bin', 'usr/local/bin'] : []
  const folders = [...pathFolders(where.env), ...more.map((folder) => join(where.root, folder))]
  const path = await findCommand(files, folders)
  return path === null ? null : { kind, seenBy: `installed: ${path}`, port: null }
}

const byFolder = async (kind: ConnectedKind, folders: readonly string[]): Promise<Program | null> => {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => null) // not there, or not ours to see
    if (found?.isDirectory()) return { kind, seenBy: `its folder ${folder}`, port: null }
  }
  return null
}
