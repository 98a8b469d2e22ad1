import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { z } from 'zod'
import { readJson } from '../parts/smallFile.ts'
import { orNull } from '../parts/tolerant.ts'
import { lmStudioHomes } from './lmStudioHomes.ts'

const Settings = z.object({ downloadsFolder: orNull(z.string().min(1).max(4096)) })
const maxSettingsBytes = 4 * 2 ** 20

/** Where the LM Studio of this person keeps its models; null when it is not installed here. */
export const modelsFolder = async (userHome = homedir()): Promise<string | null> => {
  const homes = await lmStudioHomes(userHome)
  const home = (await firstFolder(homes)) ?? homes.at(-1) ?? userHome
  const chosen = Settings.safeParse(await readJson(join(home, 'settings.json'), maxSettingsBytes)).data?.downloadsFolder
  if (chosen && isAbsolute(chosen)) return chosen
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

const firstFolder = async (folders: readonly string[]): Promise<string | null> => {
  for (const folder of folders) if (await isFolder(folder)) return folder
  return null
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false
