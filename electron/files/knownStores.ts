import { open, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

export interface Where {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A folder in which another program keeps models. */
export interface KnownStore {
  readonly name: string
  readonly path: string
}

/** Where the operating system has programs keep what belongs to the person. */
const appData = ({ platform, home, env }: Where): string => {
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return env.XDG_CONFIG_HOME || join(home, '.config')
}

const localData = ({ platform, home, env }: Where): string => {
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return env.XDG_DATA_HOME || join(home, '.local', 'share')
}

const caches = ({ platform, home, env }: Where): string => {
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local')
  if (platform === 'darwin') return join(home, 'Library', 'Caches')
  return env.XDG_CACHE_HOME || join(home, '.cache')
}

/** The same on every system, Windows included. */
const huggingFaceHub = ({ home, env }: Where): string =>
  env.HF_HUB_CACHE ||
  env.HUGGINGFACE_HUB_CACHE ||
  join(env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface'), 'hub')

/** Places that follow from the system and the environment alone. */
const fixedStores = (where: Where): KnownStore[] => {
  const { platform, home, env } = where
  return [
    { name: 'Ollama', path: env.OLLAMA_MODELS || join(home, '.ollama', 'models') },
    ...(platform === 'linux' ? [{ name: 'Ollama (service)', path: '/usr/share/ollama/.ollama/models' }] : []),
    { name: 'Hugging Face', path: huggingFaceHub(where) },
    { name: 'llama.cpp', path: env.LLAMA_CACHE || join(caches(where), 'llama.cpp') },
    { name: 'Jan', path: join(platform === 'win32' ? appData(where) : localData(where), 'Jan', 'data') },
    { name: 'GPT4All', path: join(localData(where), 'nomic.ai', 'GPT4All') },
    { name: 'Msty', path: join(appData(where), 'Msty', 'models') },
    { name: 'InvokeAI', path: join(env.INVOKEAI_ROOT || join(home, 'invokeai'), 'models') },
    { name: 'Whisper', path: join(home, '.cache', 'whisper') },
  ]
}

const mostSettingsBytes = 1024 * 1024

/** Settings of another program, as far as they can be read. */
const readText = async (path: string): Promise<string | null> => {
  const handle = await open(path).catch(() => null) // not installed
  if (handle === null) return null
  try {
    const found = await handle.stat()
    return found.isFile() && found.size <= mostSettingsBytes ? await handle.readFile('utf8') : null
  } catch {
    return null // unreadable settings name no folder
  } finally {
    await handle.close()
  }
}

const textIn = (json: string | null, key: string): string | null => {
  try {
    const value: unknown = json === null ? null : JSON.parse(json)
    const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null
    return typeof found === 'string' && isAbsolute(found) ? found : null
  } catch {
    return null // not JSON
  }
}

/** A pointer file names its home; installations of old lie in the cache folder. */
const lmStudio = async ({ home }: Where): Promise<KnownStore> => {
  const pointer = (await readText(join(home, '.lmstudio-home-pointer')))?.trim()
  const old = join(home, '.cache', 'lm-studio')
  const isOld = (await stat(old).catch(() => null)) !== null
  const root = pointer && isAbsolute(pointer) ? pointer : isOld ? old : join(home, '.lmstudio')
  const moved = textIn(await readText(join(root, 'settings.json')), 'downloadsFolder')
  return { name: 'LM Studio', path: moved ?? join(root, 'models') }
}

const stabilityMatrix = async (where: Where): Promise<KnownStore[]> => {
  const library = textIn(await readText(join(appData(where), 'StabilityMatrix', 'library.json')), 'LibraryPath')
  return library === null ? [] : [{ name: 'Stability Matrix', path: join(library, 'Models') }]
}

/** The stores of other programs that are on this machine: offered, never opened without being asked. */
export const findKnownStores = async (where: Where): Promise<KnownStore[]> => {
  const candidates = [...fixedStores(where), await lmStudio(where), ...(await stabilityMatrix(where))]
  const isThere = await Promise.all(
    candidates.map(async ({ path }) => (await stat(path).catch(() => null))?.isDirectory() ?? false),
  )
  return candidates.filter((_, index) => isThere[index])
}
