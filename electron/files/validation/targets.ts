import { basename, dirname, extname, sep } from 'node:path'
import type { FoundFile } from '../folderWalk.ts'
import { recognizeFolder } from '../formats/folder/recognizeFolder.ts'
import { shardSets } from './shardNames.ts'

/** One thing below a folder that gets a report of its own. */
export interface Target {
  /** of the file, the first shard or the model's folder */
  readonly path: string
  readonly files: readonly FoundFile[]
}

/** Lie beside models and are none; dropped by themselves they are looked into all the same. */
const sideExtensions = new Set(
  '.md .txt .rst .json .jsonl .yaml .yml .toml .ini .cfg .csv .tsv .log .lock .xml .html .htm .css .js .ts .py .ipynb .sh .bat .ps1 .jinja .jinja2 .png .jpg .jpeg .webp .gif .svg .bmp .ico .mp4 .mp3 .wav .pdf .metadata .sha256 .md5 .etag .info'.split(
    ' ',
  ),
)
const isSideFile = (path: string): boolean => {
  const name = basename(path).toLowerCase()
  return name.startsWith('.') || sideExtensions.has(extname(name))
}

const isGguf = (path: string): boolean => path.toLowerCase().endsWith('.gguf')

/** Only names: recognising a folder opens nothing. */
const modelFolders = (files: readonly FoundFile[]): Map<string, FoundFile[]> => {
  const byFolder = Map.groupBy(files, ({ path }) => dirname(path))
  const below = createLookup(files)
  const found = new Map<string, FoundFile[]>()
  const folders = [...byFolder.keys()].sort((one, other) => one.length - other.length)
  for (const folder of folders) {
    const isInside = [...found.keys()].some((model) => folder.startsWith(model + sep))
    const hasMarker = byFolder.get(folder)?.some(({ path }) => markers.has(basename(path))) ?? false
    if (isInside || !hasMarker) continue
    const inside = below(folder).filter(({ path }) => !isGguf(path)) // each of those is a model by itself
    const entries = inside.map(({ path, sizeBytes, modifiedAt }) => ({
      name: path
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
      sizeBytes,
      modifiedAt,
    }))
    if (recognizeFolder(entries) !== null) found.set(folder, inside)
  }
  return found
}

/** What lies below a folder, without looking at all the rest each time. */
const createLookup = (files: readonly FoundFile[]) => {
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  /** index of the first path that is not before `text` */
  const firstFrom = (text: string): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle]?.path ?? '') < text) low = middle + 1
      else high = middle
    }
    return low
  }
  return (folder: string): FoundFile[] =>
    sorted.slice(firstFrom(folder + sep), firstFrom(folder + String.fromCharCode(sep.charCodeAt(0) + 1)))
}

/** Every kind of model folder has one of these in it. */
const markers = new Set([
  'config.json',
  'model_index.json',
  'adapter_config.json',
  'params.json',
  'genai_config.json',
  'openvino_model.xml',
  'mlc-chat-config.json',
  'saved_model.pb',
  'modules.json',
  'model_config.yaml',
])

/**
 * What to look into below a folder: model folders as one, shards of one model as one, every other file by itself. Several
 * names of the same bytes are one target. Side files are left out and counted.
 */
export const findTargets = (files: readonly FoundFile[]): { targets: Target[]; sideFiles: number } => {
  const folders = modelFolders(files)
  const inFolders = new Set([...folders.values()].flat())
  const loose = files.filter((file) => !inFolders.has(file))
  const claimed = new Set<string>()
  const targets = [
    ...[...folders].map(([path, files]): Target => ({ path, files })),
    ...[...Map.groupBy(loose, ({ path }) => dirname(path)).values()].flatMap(fileTargets),
  ].filter(({ files }) => {
    const isNew = files.some(({ identity }) => !claimed.has(identity))
    for (const { identity } of files) claimed.add(identity)
    return isNew
  })
  return { targets, sideFiles: loose.filter(({ path }) => isSideFile(path)).length }
}

/** @param files of one folder, side files too: an index among them makes a set of PyTorch's parts */
const fileTargets = (files: readonly FoundFile[]): Target[] => {
  const byName = new Map(files.map((file) => [basename(file.path), file]))
  const sets = shardSets([...byName.keys()]).map(({ names }) => names)
  const inSets = new Set(sets.flat())
  const single = [...byName.keys()].filter((name) => !inSets.has(name) && !isSideFile(name)).map((name) => [name])
  return [...sets, ...single]
    .map((names) => names.flatMap((name) => byName.get(name) ?? []))
    .flatMap((files) => (files[0] ? [{ path: files[0].path, files }] : []))
}
