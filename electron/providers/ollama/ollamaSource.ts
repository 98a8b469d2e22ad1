import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, sep } from 'node:path'
import { AppError } from '../../lib/appError.ts'
import { pathFault } from '../../lib/pathFault.ts'
import { type LocalFile, openLocalFile } from './ollamaLocalFile.ts'

/** `name`: as Ollama shall know it. `path`: where it lies, without links. */
type Named = { readonly name: string; readonly path: string }

const shardPattern = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i
const maxFiles = 1000

/** Of a Hugging Face folder, what Ollama's converter reads. */
const namedFiles = /^(config|generation_config|tokenizer[\w.-]*|special_tokens_map|added_tokens|modules)\.json$/
const poolingConfig = '1_Pooling/config.json'

/**
 * Opens what a model is to be made of; each file must be closed.
 * @throws AppError PATH_UNUSABLE, FILE_INVALID
 */
export const openSource = async (source: { from: 'file' | 'folder'; path: string }): Promise<readonly LocalFile[]> => {
  if (!isAbsolute(source.path)) throw new AppError('PATH_UNUSABLE', `${source.path} is not an absolute path.`)
  const named = source.from === 'file' ? await ggufFiles(source.path) : await folderFiles(source.path)
  const opened: LocalFile[] = []
  try {
    for (const { name, path } of named) {
      const file = await openLocalFile(path, name)
      opened.push(file)
      if (name.toLowerCase().endsWith('.gguf') || source.from === 'file') await checkGguf(file)
    }
    return opened
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

export const closeAll = async (files: readonly LocalFile[]): Promise<void> => {
  for (const file of files) await file.close()
}

const checkGguf = async (file: LocalFile): Promise<void> => {
  if ((await file.head(4)).toString('latin1') !== 'GGUF')
    throw new AppError('FILE_INVALID', `${file.name} is not a GGUF file.`, {
      advice: 'Choose a GGUF file, or the folder of a model in safetensors.',
    })
}

/** One file, or all shards of the one that was chosen. */
const ggufFiles = async (path: string): Promise<readonly Named[]> => {
  const [, stem, , count] = shardPattern.exec(basename(path)) ?? []
  const total = Number(count ?? 1)
  if (stem === undefined || total === 1) return [{ name: basename(path), path: await withoutLinks(path) }]
  if (total > maxFiles || total === 0) throw new AppError('FILE_INVALID', `${basename(path)}: too many shards.`)
  const names = Array.from(
    { length: total },
    (_, index) => `${stem}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`,
  )
  const present = new Set(await list(dirname(path)))
  const missing = names.filter((name) => !present.has(name))
  if (missing.length > 0)
    throw new AppError('FILE_INVALID', `Of ${total} shards ${missing.length} are missing, the first is ${missing[0]}.`)
  return inside(dirname(path), names)
}

const folderFiles = async (path: string): Promise<readonly Named[]> => {
  const entries = (await list(path)).toSorted()
  if (entries.includes('adapter_config.json'))
    throw new AppError('FILE_INVALID', 'This folder holds an adapter, not a model.', {
      advice: 'Choose the folder of the model that it belongs to.',
    })
  const weights = entries.filter((name) => name.endsWith('.safetensors'))
  if (!entries.includes('config.json')) throw incomplete('config.json')
  if (weights.length === 0) throw incomplete('file with weights (*.safetensors)')
  const pooling = entries.includes('1_Pooling') && (await list(join(path, '1_Pooling'))).includes('config.json')
  const names = [
    ...entries.filter((name) => namedFiles.test(name)),
    ...(pooling ? [poolingConfig] : []),
    // only read where there is no tokenizer.json
    ...(entries.includes('tokenizer.model') && !entries.includes('tokenizer.json') ? ['tokenizer.model'] : []),
    ...weights,
  ]
  if (names.length > maxFiles) throw new AppError('FILE_INVALID', `This folder has ${names.length} files of a model.`)
  return inside(path, names)
}

const incomplete = (what: string) =>
  new AppError('FILE_INVALID', `The folder has no ${what}.`, {
    advice: 'Choose the folder of a model as Hugging Face lays it out.',
  })

/**
 * Nothing outside the folder is sent, whatever links lie in it. In Hugging Face's cache all files are links, to the blobs
 * of the same model.
 */
const inside = async (folder: string, names: readonly string[]): Promise<readonly Named[]> => {
  const real = await withoutLinks(folder)
  const snapshots = dirname(real)
  const roots = basename(snapshots) === 'snapshots' ? [real, join(dirname(snapshots), 'blobs')] : [real]
  const found: Named[] = []
  for (const name of names) {
    const path = await withoutLinks(join(folder, name))
    if (!roots.some((root) => path.startsWith(root + sep)))
      throw new AppError('PATH_UNUSABLE', `${name} is a link that leads out of its folder.`, {
        advice: 'Copy the file itself into the folder.',
      })
    found.push({ name, path })
  }
  return found
}

const unusable = (path: string) => (error: unknown) => {
  throw new AppError('PATH_UNUSABLE', pathFault(path, error), { cause: error })
}
const withoutLinks = (path: string): Promise<string> => realpath(path).catch(unusable(path))
const list = async (path: string): Promise<readonly string[]> => {
  const stats = await stat(path).catch(unusable(path))
  if (!stats.isDirectory()) throw new AppError('PATH_UNUSABLE', `${path} is not a folder.`)
  return readdir(path).catch(unusable(path))
}
