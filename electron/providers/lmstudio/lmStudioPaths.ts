import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { z } from 'zod'
import { orNull } from '../parts/tolerant.ts'

const Settings = z.object({ downloadsFolder: orNull(z.string().min(1).max(4096)) })
const maxSettingsBytes = 4 * 2 ** 20

/** Where the LM Studio of this person keeps its models; null when it is not installed here. */
export const modelsFolder = async (userHome = homedir()): Promise<string | null> => {
  const pointer = (await readText(join(userHome, '.lmstudio-home-pointer')))?.trim()
  const old = join(userHome, '.cache', 'lm-studio')
  const home = pointer && isAbsolute(pointer) ? pointer : (await isFolder(old)) ? old : join(userHome, '.lmstudio')
  const chosen = parseSettings(await readText(join(home, 'settings.json')))
  if (chosen !== null && isAbsolute(chosen)) return chosen
  const usual = join(home, 'models')
  return (await isFolder(usual)) ? usual : null
}

/** The file or folder that a server on this machine means; null when it is not there, or outside of the folder. */
export const modelPath = async (folder: string, relative: string): Promise<string | null> => {
  if (relative.includes('\0') || isAbsolute(relative)) return null
  const path = resolve(folder, relative)
  if (!path.startsWith(resolve(folder) + sep)) return null
  return (await stat(path).catch(() => null)) === null ? null : path
}

const parseSettings = (text: string | null): string | null => {
  try {
    return Settings.safeParse(JSON.parse(text ?? '{}')).data?.downloadsFolder ?? null
  } catch {
    return null // a file that LM Studio is just writing, or not its own
  }
}

/** What cannot be read is not there, for us. */
const readText = async (path: string): Promise<string | null> => {
  const info = await stat(path).catch(() => null)
  if (info === null || !info.isFile() || info.size > maxSettingsBytes) return null
  return readFile(path, 'utf8').catch(() => null)
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false
